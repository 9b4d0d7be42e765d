"""A poll and its verbs: times, votes that nothing loses, closing, and the one time that is chosen."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate, now

from events.models import Poll, PollVote
from events.models.polls import MOST, Said, Time
from tests.factories import MembershipFactory
from tests.polls import PollFactory

pytestmark = pytest.mark.django_db

YES, IF_NEEDED, NO = "yes", "if_needed", "no"


@pytest.fixture
def poll(committee, carla) -> Poll:
    return PollFactory(committee=committee, by=carla)


def at(days: int, hour: int = 15) -> Time:
    return Time(localdate() + timedelta(days=days), time(hour))


def said(poll: Poll, *answers: str, was: str = "") -> dict[int, Said]:
    return {slot.pk: Said(answer, was) for slot, answer in zip(poll.slots.all(), answers, strict=False) if answer}


def votes(poll: Poll) -> list[tuple[str, str]]:
    found = PollVote.objects.filter(slot__poll=poll).order_by("slot__starts_at", "user__name")
    return list(found.values_list("user__name", "answer"))


# Times -----------------------------------------------------------------------------------------------


def make(committee, by, times, **fields):
    fields.setdefault("closes_at", now() + timedelta(days=3))
    return Poll.make(committee, by, times, title="When?", **fields)


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ([at(4)], "too_few"),
        ([at(4), at(4)], "twice"),
        ([at(4 + day) for day in range(MOST + 1)], "too_many"),
        ([at(4), at(-1)], "past"),
        ([at(4), Time(date(2027, 3, 14), time(2, 30))], "missing_time"),
    ],
)
def test_times_that_cannot_be_offered_are_refused_and_nothing_is_stored(committee, carla, times, code):
    with pytest.raises(ValidationError) as refusal:
        make(committee, carla, times)
    assert [error.code for error in refusal.value.error_dict["times"]] == [code]
    assert not Poll.objects.exists()


def test_both_of_an_hour_that_comes_twice_are_two_times(committee, carla):
    on = date(now().year + 1, 11, 1)
    on += timedelta(days=6 - on.weekday())  # its first Sunday
    poll = make(committee, carla, [Time(on, time(1, 30)), Time(on, time(1, 30), fold=1)])
    first, second = poll.slots.all()
    assert second.starts_at - first.starts_at == timedelta(hours=1)


def test_voting_ends_before_the_last_of_the_times_and_not_in_the_past(committee, carla):
    for closes_at, code in [(now() + timedelta(days=9), "late"), (now() - timedelta(minutes=1), "past")]:
        with pytest.raises(ValidationError) as refusal:
            make(committee, carla, [at(4), at(5)], closes_at=closes_at)
        assert refusal.value.error_dict["closes_on"][0].code == code


def test_removing_a_time_keeps_the_votes_on_the_others_and_bringing_it_back_brings_its_own(poll, carla, mo):
    poll.vote(mo, said(poll, YES, NO, IF_NEEDED))
    first = poll.slots.first()
    poll.change_times(carla, remove=[first.pk])
    assert list(poll.slots.standing().values_list("votes__answer", flat=True)) == [NO, IF_NEEDED]
    poll.change_times(carla, add=[Time(first.local_date, first.local_time)])
    assert [answer for _name, answer in votes(poll)] == [YES, NO, IF_NEEDED]
    assert poll.rounds == 0, "nothing new was offered"


def test_voting_ends_with_the_last_time_when_a_later_one_is_taken_out(poll, carla):
    Poll.objects.update(closes_at=poll.slots.last().starts_at - timedelta(hours=1))
    poll.change_times(carla, remove=[poll.slots.last().pk])
    assert Poll.objects.get().closes_at == poll.slots.all()[1].starts_at


def test_a_further_time_starts_a_round_and_an_odd_one_is_refused(poll, carla):
    [added] = poll.change_times(carla, add=[at(13)])
    assert (added.round, poll.rounds, poll.slots.count()) == (1, 1, 4)
    for change, code in [
        ({"add": [at(13)]}, "twice"),
        ({"add": [at(-1)]}, "past"),
        ({"remove": [slot.pk for slot in poll.slots.all()[:3]]}, "too_few"),
        ({"add": [at(20 + day) for day in range(MOST)]}, "too_many"),
    ]:
        with pytest.raises(ValidationError) as refusal:
            poll.change_times(carla, **change)
        assert refusal.value.error_dict["times"][0].code == code
    assert poll.slots.standing().count() == 4


# Votes -----------------------------------------------------------------------------------------------


def test_a_ballot_is_stored_once_however_often_it_is_sent(poll, mo):
    ballot = said(poll, YES, IF_NEEDED, NO)
    assert len(poll.vote(mo, ballot).changed) == 3
    again = poll.vote(mo, ballot)
    assert (again.changed, again.overtaken) == ([], [])
    assert votes(poll) == [(mo.name, YES), (mo.name, IF_NEEDED), (mo.name, NO)]


def test_an_older_page_does_not_win_over_a_later_vote(poll, mo):
    first = poll.slots.first()
    poll.vote(mo, {first.pk: Said(YES)})
    poll.vote(mo, {first.pk: Said(NO, was=YES)})
    late = poll.vote(mo, {first.pk: Said(IF_NEEDED, was=YES)})
    assert (late.changed, late.overtaken) == ([], [first])
    assert votes(poll) == [(mo.name, NO)]


def test_a_ballot_of_before_a_change_keeps_what_still_stands(poll, carla, mo):
    ballot = said(poll, YES, YES, NO)
    poll.change_times(carla, remove=[poll.slots.first().pk], add=[at(13)])
    voted = poll.vote(mo, ballot)
    assert (len(voted.changed), voted.gone) == (2, 1)
    assert votes(poll) == [(mo.name, YES), (mo.name, NO)]


@pytest.mark.parametrize("state", ["draft", "closed", "over"])
def test_a_poll_that_takes_no_votes_says_so(committee, carla, mo, state):
    poll = PollFactory(committee=committee, by=carla, told=state != "draft")
    ballot = said(poll, YES)
    if state == "closed":
        poll.close(carla)
    if state == "over":
        Poll.objects.update(closes_at=now() - timedelta(minutes=1))
    with pytest.raises(ValidationError) as refusal:
        poll.vote(mo, ballot)
    assert refusal.value.code == ("draft" if state == "draft" else "closed")
    assert votes(poll) == []


def test_an_unknown_answer_and_the_time_of_another_poll_are_nothing(poll, carla, mo, elsewhere):
    other = PollFactory(committee=elsewhere, by=carla)
    with pytest.raises(ValidationError):
        poll.vote(mo, {poll.slots.first().pk: Said("perhaps")})
    assert poll.vote(mo, {other.slots.first().pk: Said(YES)}).changed == []
    assert not PollVote.objects.exists()


# Closing and choosing ----------------------------------------------------------------------------------


def test_closing_and_opening_again(poll, carla, mo):
    assert poll.close(carla) and not poll.close(carla)
    with pytest.raises(ValidationError):
        poll.change_times(carla, add=[at(13)])
    assert poll.reopen(carla, now() + timedelta(days=2))
    assert not poll.reopen(carla, now() + timedelta(days=2))
    assert poll.vote(mo, said(poll, YES)).changed
    with pytest.raises(ValidationError):
        poll.close(carla) and poll.reopen(carla, now() + timedelta(days=40))


def test_of_two_choices_the_first_stands_and_the_second_is_told(poll, carla, mo):
    first, second, _third = poll.slots.all()
    poll.choose(first, carla)
    with pytest.raises(ValidationError) as refusal:
        Poll.objects.get(pk=poll.pk).choose(second, mo)
    assert refusal.value.messages == [f"{carla.name} chose a time meanwhile, and that stands."]
    assert Poll.objects.get().chosen == first
    assert Poll.objects.get().state == "chosen"
    with pytest.raises(ValidationError):
        poll.reopen(carla, now() + timedelta(days=1))


def test_a_time_that_passed_or_was_removed_is_not_chosen(poll, carla):
    first, second, _third = poll.slots.all()
    poll.change_times(carla, remove=[first.pk])
    poll.slots.filter(pk=second.pk).update(starts_at=now() - timedelta(hours=1))
    for slot, code in [(first, "gone"), (second, "past")]:
        with pytest.raises(ValidationError) as refusal:
            poll.choose(slot, carla)
        assert refusal.value.code == code


# Who may know of it ------------------------------------------------------------------------------------


def test_it_exists_for_its_committee_alone(poll, carla, mo, olga, chet, ana, stu):
    seen = [person.name for person in (carla, mo, olga, chet, ana) if Poll.objects.visible_to(person).exists()]
    assert seen == [carla.name, mo.name]
    mo.memberships.update(ended_on=localdate())
    assert not Poll.objects.visible_to(mo).exists()


def test_a_draft_exists_for_co_chairs_alone(committee, carla, mo):
    PollFactory(committee=committee, by=carla, told=False)
    assert Poll.objects.visible_to(carla).exists()
    assert not Poll.objects.visible_to(mo).exists()


def test_votes_count_of_those_who_are_on_the_committee_today(poll, committee, mo):
    gone = MembershipFactory(committee=committee)
    for person in (mo, gone.user):
        poll.vote(person, said(poll, YES))
    assert Poll.objects.with_voters().get().voters == 2
    gone.ended_on = localdate()
    gone.save()
    assert Poll.objects.with_voters().get().voters == 1
    assert mo not in poll.silent()
