"""Mails of a poll: to whom, once, and what they ask; closing by itself; and a yes that becomes going (C6)."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.timezone import localdate, now

from events.answers.answering import respond
from events.models import Meeting, Poll, Rsvp
from events.models.polls import Said, Time
from events.polls import polling, sweeping
from events.polls.standing import standings
from events.schedule import scheduling
from members.mail.bulk import undo
from members.mail.bulk.sending import preview_act, send
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, Profile
from tests.events.test_polls import at, said
from tests.factories import MembershipFactory, UserFactory
from tests.pipeline import forward
from tests.polls import PollFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ZONES = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu"]


@pytest.fixture
def poll(committee, carla, mo) -> Poll:
    return PollFactory(committee=committee, by=carla)


def told(kind: str) -> list[str]:
    rows = Delivery.objects.filter(kind=kind).exclude(state="suppressed")
    return sorted(rows.values_list("recipient__name", flat=True))


def pass_by(**moments: timedelta) -> None:
    """Let moments of all polls come nearer, or lie further back."""
    Poll.objects.update(**{name: F(name) - gone for name, gone in moments.items()})


def make(committee, carla, **fields) -> Poll:
    fields = {"title": "When?", "closes_at": now() + 3 * DAY} | fields
    return polling.make(committee, carla, [at(5), at(6), at(7)], **fields)


# Asking ----------------------------------------------------------------------------------------------


def test_everybody_on_the_committee_gets_all_times_in_their_own_zone_with_links(smtp, committee, carla, mo):
    mo.timezone = "Pacific/Honolulu"
    mo.save()
    poll = make(committee, carla)
    deliver()
    assert sorted(mail.recipient for mail in smtp.received) == sorted([carla.email, mo.email])
    mail = next(mail.message for mail in smtp.received if mail.recipient == mo.email)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert mail["Subject"] == "Which times work? When?"
    for slot in poll.slots.all():
        here = slot.starts_at.astimezone(ZoneInfo("Pacific/Honolulu"))
        assert f"{here:%A}"[:3] in text
        for answer in ("yes", "if_needed", "no"):
            assert f"?{slot.pk}={answer}" in html
    assert text.count("Eastern") == 3, "the committee's time, too"
    assert "HST" in text and "/v/" in text


def test_without_telling_it_is_a_draft_that_is_sent_later_and_once(committee, carla, mo):
    poll = make(committee, carla, tell=False)
    assert poll.is_draft and told("poll") == []
    assert polling.ask(poll, carla) and not polling.ask(poll, carla)
    assert told("poll") == [carla.name, mo.name]
    Poll.objects.update(told_at=None, closes_at=now() - DAY)
    with pytest.raises(ValidationError):
        polling.ask(poll, carla)


def test_it_is_held_and_can_be_taken_back_and_sent_again(settings, committee, carla, mo):
    settings.MAIL_HOLD_OVER = 1

    def act() -> Poll:
        return make(committee, carla)

    preview = preview_act(act, carla)
    assert (preview.people, Poll.objects.count()) == (2, 0)
    sent = send(act, carla, fingerprint=preview.fingerprint)
    poll = Poll.objects.get()
    assert not poll.is_told and not poll.is_draft
    undo.undo(sent.sendings[0], carla)
    poll.refresh_from_db()
    assert poll.is_draft
    deliver()
    assert told("poll") == []

    def again() -> bool:
        return polling.ask(Poll.objects.get(), carla)

    send(again, carla, fingerprint=preview_act(again, carla).fingerprint)
    forward(2)
    Poll.objects.update(told_at=now())
    deliver()
    assert told("poll") == [carla.name, mo.name]


def test_whoever_voted_or_left_in_the_meantime_is_not_asked(committee, carla, mo, smtp):
    poll = make(committee, carla)
    poll.vote(mo, said(poll, "yes"))
    carla.memberships.update(ended_on=localdate())
    deliver()
    assert smtp.received == []
    reasons = Delivery.objects.filter(kind="poll").values_list("reason", flat=True)
    assert set(reasons) == {"The person had voted already.", "The person is not on the committee."}


# Further times ---------------------------------------------------------------------------------------


def test_those_who_voted_are_asked_once_about_new_times_alone(smtp, poll, carla, mo):
    poll.vote(mo, said(poll, "yes", "no", "yes"))
    [added] = polling.change_times(poll, carla, add=[at(13)], remove=[poll.slots.first().pk])
    deliver()
    assert told("poll_times") == [mo.name]
    html = smtp.received[0].message.get_body(("html",)).get_content()
    assert f"?{added.pk}=yes" in html
    assert not any(f"?{slot.pk}=" in html for slot in poll.slots.exclude(pk=added.pk))
    polling.change_times(poll, carla, remove=[poll.slots.standing().first().pk])
    assert len(told("poll_times")) == 1


def test_whoever_answered_the_new_time_before_the_mail_went_is_not_asked(poll, carla, mo):
    poll.vote(mo, said(poll, "yes"))
    [added] = polling.change_times(poll, carla, add=[at(13)])
    poll.vote(mo, {added.pk: Said("no")})
    deliver()
    [row] = Delivery.objects.filter(kind="poll_times")
    assert row.reason == "There is no further time that the person has not voted on."


# Before and after it closes ----------------------------------------------------------------------------


def test_the_silent_are_reminded_once_a_day_before_it_closes(poll, carla, mo):
    poll.vote(carla, said(poll, "yes"))
    plan()
    assert told("poll_reminder") == [], "six days before"
    pass_by(closes_at=6 * DAY + timedelta(hours=2), told_at=6 * DAY)
    for _sweep in range(3):
        plan()
    assert told("poll_reminder") == [mo.name]
    deliver()
    plan()
    assert Delivery.objects.filter(kind="poll_reminder").count() == 1


def test_a_poll_that_was_sent_a_moment_ago_reminds_nobody(committee, carla, mo):
    PollFactory(committee=committee, by=carla, closes_at=now() + timedelta(hours=20))
    plan()
    assert told("poll_reminder") == []


def test_it_closes_by_itself_and_tells_the_co_chairs_once(smtp, poll, carla, mo):
    poll.vote(mo, said(poll, "yes", "if_needed", "no"))
    pass_by(closes_at=8 * DAY, told_at=8 * DAY)
    for _sweep in range(3):
        plan()
    poll.refresh_from_db()
    assert (poll.closed_at, poll.closed_by, poll.closings) == (poll.closes_at, None, 1)
    deliver()
    [mail] = smtp.received
    assert mail.recipient == carla.email
    text = mail.message.get_body(("plain",)).get_content()
    assert "1 of 2 voted" in text and "1 yes, 0 if need be, 0 no · Suits most" in text


def test_a_poll_that_was_opened_again_tells_when_it_closes_again(poll, carla):
    pass_by(closes_at=8 * DAY, told_at=8 * DAY)
    plan()
    poll.refresh_from_db()
    poll.reopen(carla, now() + DAY)
    deliver()
    assert Delivery.objects.get(kind="poll_closed").reason == "The poll is open again."
    pass_by(closes_at=2 * DAY)
    plan()
    deliver()
    assert told("poll_closed") == [carla.name]


def test_a_draft_does_not_close(committee, carla):
    PollFactory(committee=committee, by=carla, told=False)
    pass_by(closes_at=8 * DAY)
    plan()
    assert Poll.objects.get().closed_at is None


# How it stands -----------------------------------------------------------------------------------------


def test_names_are_shown_to_those_who_may_see_answers(poll, carla, mo, committee):
    shy, open_ = (MembershipFactory(committee=committee).user for _ in range(2))
    Profile.objects.filter(user=shy).update(rsvp_audience=Profile.Audience.STAFF)
    Profile.objects.filter(user=open_).update(rsvp_audience=Profile.Audience.COMMITTEES)
    for person in (shy, open_):
        poll.vote(person, said(poll, "yes"))
    assert standings(poll, mo).rows[0].yes_names == [open_.name]
    assert standings(poll, shy).rows[0].yes_names == sorted([shy.name, open_.name])
    everything = standings(poll, carla, everybody=True)
    assert everything.rows[0].yes_names == sorted([shy.name, open_.name])
    assert everything.silent == sorted([carla.name, mo.name])
    assert standings(poll, mo).silent == []
    assert (standings(poll, mo).rows[0].yes, standings(poll, mo).voters) == (2, 2)


def test_the_time_that_suits_most_is_marked_and_none_without_votes(poll, carla, mo):
    assert not any(row.is_best for row in standings(poll).rows)
    poll.vote(mo, said(poll, "if_needed", "yes", "no"))
    poll.vote(carla, said(poll, "no", "yes", "yes"))
    assert [row.is_best for row in standings(poll).rows] == [False, True, False]
    poll.change_times(carla, remove=[poll.slots.all()[1].pk], add=[at(13)])
    assert [row.is_best for row in standings(poll).rows] == [False, False, True, False]


# The call ----------------------------------------------------------------------------------------------


@pytest.fixture
def thirty(committee, carla) -> list:
    """On the committee with Carla, in five zones."""
    people = [UserFactory(name=f"Member {n:02}", timezone=ZONES[n % 5]) for n in range(29)]
    for person in people:
        MembershipFactory(committee=committee, user=person)
    return people


def test_thirty_people_in_five_zones_find_a_time(smtp, committee, carla, thirty):
    """C6: a slot is removed and other votes stay; the chosen one becomes the call, and those who said yes are going."""
    poll = make(committee, carla)
    deliver()
    assert len(smtp.received) == 30
    slots = list(poll.slots.all())
    for number, person in enumerate(thirty):
        answers = {
            0: "yes" if number < 20 else "no",
            1: "yes" if number < 12 else "if_needed",
            2: "no" if number % 2 else "yes",
        }
        poll.vote(person, {slots[index].pk: Said(answer) for index, answer in answers.items()})
    polling.change_times(poll, carla, remove=[slots[2].pk])
    first, second, gone = standings(poll).rows
    assert (first.yes, first.no) == (20, 9)
    assert (second.yes, second.if_needed) == (12, 17)
    assert gone.slot.removed_at and second.is_best and not first.is_best
    smtp.received.clear()
    call = polling.choose(poll, slots[0], carla, title="Fair workweek", duration=60)
    assert (call.starts_at, call.is_told) == (slots[0].starts_at, True)
    sweeping.answer_for_yes()
    assert not Rsvp.objects.exists(), "nobody is asked yet"
    respond(call, thirty[0], "cant", seen=0)
    deliver()
    texts = {mail.recipient: mail.message.get_body(("plain",)).get_content() for mail in smtp.received}
    asked = [person.email for person in thirty if "You said yes to this time" in texts.get(person.email, "")]
    assert asked == [person.email for person in thirty[1:20]]
    for _sweep in range(2):
        sweeping.answer_for_yes()
    going = Rsvp.objects.current().going().filter(meeting=call).order_by("user__name")
    assert [rsvp.user for rsvp in going.select_related("user")] == thirty[1:20]
    assert call.rsvps.get(user=thirty[0]).response == Rsvp.Response.DECLINED
    assert call.unanswered().count() == 10
    smtp.received.clear()
    deliver()
    assert [mail.recipient for mail in smtp.received] in ([], [thirty[0].email]), (
        "no confirmation beside the invitation"
    )


def test_the_calendar_entry_of_who_said_yes_says_so(smtp, poll, carla, mo):
    poll.vote(mo, said(poll, "yes"))
    polling.choose(poll, poll.slots.first(), carla, title="Fair workweek")
    deliver()
    raw = {mail.recipient: mail.raw.decode().replace("\r\n ", "") for mail in smtp.received}
    assert "PARTSTAT=ACCEPTED" in raw[mo.email]
    assert "PARTSTAT=NEEDS-ACTION" in raw[carla.email]


def test_a_draft_answers_for_nobody_until_it_is_told(poll, carla, mo):
    poll.vote(mo, said(poll, "yes"))
    call = polling.choose(poll, poll.slots.first(), carla, tell=False, title="Fair workweek")
    sweeping.answer_for_yes()
    assert call.is_draft and not Rsvp.objects.exists()
    scheduling.tell(call, carla)
    deliver()
    sweeping.answer_for_yes()
    assert Rsvp.objects.get().user == mo


@pytest.mark.parametrize("change", ["moved", "cancelled", "left", "withdrew"])
def test_a_yes_answers_nothing_when_the_facts_changed(poll, carla, mo, change):
    poll.vote(mo, said(poll, "yes"))
    call = polling.choose(poll, poll.slots.first(), carla, title="Fair workweek")
    deliver()
    if change == "moved":
        when = {"local_date": call.local_date + DAY, "local_time": time(11), "timezone": call.timezone}
        scheduling.move(Meeting.objects.get(pk=call.pk), carla, reason="Hearings", **when)
    if change == "cancelled":
        scheduling.cancel(Meeting.objects.get(pk=call.pk), carla, "No room")
    if change == "left":
        mo.memberships.update(ended_on=localdate())
    if change == "withdrew":
        respond(call, mo, "going", seen=0)
        respond(call, mo, "needs_action", seen=1)
    forward(5)
    sweeping.answer_for_yes()
    assert not Rsvp.objects.current().exists()


def test_the_second_of_two_co_chairs_is_told_and_there_is_one_call(poll, carla, committee):
    other = MembershipFactory(committee=committee, role="chair").user
    first, second, _third = poll.slots.all()
    polling.choose(poll, second, other, title="Fair workweek")
    with pytest.raises(ValidationError) as refusal:
        polling.choose(Poll.objects.get(), first, carla, title="Fair workweek")
    assert refusal.value.messages == [f"{other.name} chose a time meanwhile, and that stands."]
    assert Meeting.objects.count() == 1 and Poll.objects.get().meeting == Meeting.objects.get()


def test_both_of_an_hour_that_comes_twice_become_the_right_call(committee, carla):
    on = date(now().year + 1, 11, 1)
    on += timedelta(days=6 - on.weekday())
    poll = PollFactory(committee=committee, by=carla)
    [second] = poll.change_times(carla, add=[Time(on, time(1, 30), fold=1)])
    assert polling.choose(poll, second, carla, title="Late").starts_at == second.starts_at
