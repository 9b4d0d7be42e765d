"""What a committee decided: numbers without gaps, votes that count, and what supersedes what."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from committees.models import Membership
from events.models import Decision, Vote
from members.models import AuditEntry
from members.times.clock import today
from tests.factories import CommitteeFactory, DecisionFactory, MeetingFactory, MembershipFactory, UserFactory

Outcome = Decision.Outcome


def record(committee, by, **fields):
    return Decision.record(committee, by, **{"key": uuid4(), "motion": "Write to the county"} | fields)


def words_of(error):
    return " ".join(error.value.messages)


@pytest.fixture
def voters(committee, carla, mo):
    """Five who may vote, with Carla and Mo."""
    more = UserFactory.create_batch(3)
    for person in more:
        MembershipFactory(committee=committee, user=person)
    return [carla, mo, *more]


# Numbers ----------------------------------------------------------------------------------------------


def test_numbers_count_up_in_each_committee_and_year(committee, elsewhere, carla):
    at = datetime(2027, 3, 11, 20, tzinfo=UTC)
    numbers = [
        record(committee, carla, method="consent", decided_at=moment).reference
        for moment in (at, at, at.replace(year=2028), at)
    ]
    assert numbers == ["D-2027-01", "D-2027-02", "D-2028-01", "D-2027-03"]
    assert record(elsewhere, carla, method="consent", decided_at=at).reference == "D-2027-01"


def test_the_year_is_that_of_the_committees_zone(carla):
    pacific = CommitteeFactory(timezone="America/Los_Angeles")
    decision = record(pacific, carla, method="consent", decided_at=datetime(2028, 1, 1, 7, 59, tzinfo=UTC))
    assert decision.reference == "D-2027-01"


def test_a_refused_decision_takes_no_number(committee, carla):
    with pytest.raises(ValidationError):
        record(committee, carla, motion="  ", method="consent")
    with pytest.raises(ValidationError):
        record(committee, carla, ayes=0, noes=0)
    assert record(committee, carla, method="consent").number == 1


def test_an_entry_sent_twice_is_one_decision(committee, carla):
    key = uuid4()
    first = record(committee, carla, key=key, method="consent")
    again = record(committee, carla, key=key, method="consent", motion="Other words")
    assert again == first and again.motion == "Write to the county"
    assert AuditEntry.objects.filter(verb="recorded a decision").count() == 1


@pytest.mark.django_db(transaction=True)
def test_decisions_recorded_at_once_have_numbers_without_gaps():
    committee, carla = CommitteeFactory(), UserFactory()
    keys = [uuid4() for _ in range(8)]

    def one(key):
        try:
            return record(committee, carla, key=key, method="consent").number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(one, keys * 2))
    assert sorted(set(numbers)) == list(range(1, 9))
    assert Decision.objects.count() == 8


# Votes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ayes", "noes", "outcome"), [(3, 1, Outcome.ADOPTED), (1, 3, Outcome.FAILED), (2, 2, Outcome.TIED)]
)
def test_counts_say_what_became_of_the_motion(committee, carla, voters, ayes, noes, outcome):
    decision = record(committee, carla, ayes=ayes, noes=noes, abstentions=1)
    assert (decision.outcome, decision.eligible) == (outcome, 5)


def test_a_withdrawn_motion_needs_no_votes(committee, carla):
    assert record(committee, carla, withdrawn=True).outcome == Outcome.WITHDRAWN


def test_more_votes_than_people_are_refused(committee, carla, voters):
    with pytest.raises(ValidationError) as error:
        record(committee, carla, ayes=4, noes=2)
    assert words_of(error) == "That’s 6 votes, and 5 people may vote."


def test_a_roll_call_is_counted_and_kept(committee, carla, voters):
    said = ["aye", "aye", "no", "abstain"]
    decision = record(committee, carla, method="roll_call", votes=dict(zip(voters, said, strict=False)))
    assert (decision.ayes, decision.noes, decision.abstentions) == (2, 1, 1)
    assert dict(decision.votes.values_list("voter__name", "choice"))[carla.name] == "aye"


def test_a_term_that_ended_at_midnight_ends_the_vote(committee, carla, mo, voters):
    Membership.objects.filter(user=mo).update(ended_on=today())
    with pytest.raises(ValidationError) as error:
        record(committee, carla, method="roll_call", votes={carla: "aye", mo: "no"})
    assert words_of(error).startswith("Mo Haddad’s term ended on ")
    assert not Decision.objects.exists() and not Vote.objects.exists()
    earlier = timezone.now() - timedelta(days=2)
    before = record(committee, carla, method="roll_call", votes={carla: "aye", mo: "no"}, decided_at=earlier)
    assert before.outcome == Outcome.TIED


def test_observers_and_strangers_have_no_vote(committee, carla, olga):
    oda = UserFactory(name="Oda Berg")
    MembershipFactory(committee=committee, user=oda, role=Membership.Role.OBSERVER)
    with pytest.raises(ValidationError) as error:
        record(committee, carla, method="roll_call", votes={oda: "aye", olga: "aye"})
    assert error.value.messages == [
        "Oda Berg is on the committee without a vote.",
        "Olga Petrova wasn’t on the committee then, so their vote doesn’t count.",
    ]
    assert record(committee, carla, method="consent").eligible == 1


def test_a_call_of_another_committee_is_refused(committee, elsewhere, carla):
    other = MeetingFactory(committee=elsewhere)
    with pytest.raises(ValidationError):
        record(committee, carla, method="consent", meeting=other)


# What supersedes what -----------------------------------------------------------------------------------


def test_a_later_decision_supersedes_an_earlier_one(committee, carla):
    earlier = record(committee, carla, method="consent")
    later = record(committee, carla, method="consent", supersedes=earlier)
    assert Decision.objects.with_successor().get(pk=earlier.pk).successor == later.reference
    assert list(Decision.objects.standing()) == [later]
    with pytest.raises(ValidationError) as error:
        record(committee, carla, method="consent", supersedes=earlier)
    assert words_of(error) == f"{earlier} is superseded by {later} already. Supersede that one."


def test_a_motion_that_failed_supersedes_nothing(committee, carla, voters):
    earlier = record(committee, carla, method="consent")
    record(committee, carla, ayes=1, noes=2, supersedes=earlier)
    assert Decision.objects.with_successor().get(pk=earlier.pk).successor == ""
    record(committee, carla, ayes=2, noes=1, supersedes=earlier)


def test_no_decision_of_another_committee_is_superseded(committee, elsewhere, carla):
    other = DecisionFactory(committee=elsewhere)
    with pytest.raises(ValidationError):
        record(committee, carla, method="consent", supersedes=other)


# Corrections --------------------------------------------------------------------------------------------


def test_a_correction_counts_again_and_says_why(committee, carla, voters):
    decision = record(committee, carla, ayes=2, noes=2)
    corrected = decision.correct(carla, reason="Mo voted yes", ayes=3, noes=1)
    assert (corrected.outcome, corrected.reference, corrected.correction) == (
        Outcome.ADOPTED,
        decision.reference,
        "Mo voted yes",
    )
    entry = AuditEntry.objects.get(verb="corrected a decision")
    assert (entry.before["ayes"], entry.after["ayes"], entry.reason) == (2, 3, "Mo voted yes")


def test_a_corrected_roll_call_keeps_one_vote_a_person(committee, carla, mo, voters):
    decision = record(committee, carla, method="roll_call", votes={carla: "aye", mo: "no"})
    corrected = decision.correct(carla, reason="Misheard", votes={carla: "aye", mo: "aye"})
    assert (corrected.ayes, corrected.votes.count()) == (2, 2)


def test_after_a_month_a_decision_outside_a_call_stays(committee, carla):
    decision = record(committee, carla, method="consent")
    Decision.objects.update(recorded_at=timezone.now() - timedelta(days=31))
    with pytest.raises(ValidationError) as error:
        decision.correct(carla, reason="Typo", motion="Other words")
    assert "supersedes" in words_of(error)
