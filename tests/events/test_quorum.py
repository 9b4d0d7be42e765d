"""Who was on a call, and whether they were enough."""

from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import now

from committees.models import Committee, Membership
from events.answers import answering
from events.models import Attendance, Quorum, Rsvp
from members.models import AuditEntry
from members.times.clock import today
from tests.factories import AttendanceFactory, CommitteeFactory, MeetingFactory, MembershipFactory, UserFactory

Role = Membership.Role
DAY = timedelta(days=1)


@pytest.fixture
def call(committee, carla):
    return MeetingFactory(committee=committee, by=carla, starts_in=-timedelta(minutes=20))


def numbers(call, at=None):
    quorum = Quorum.of(call, at)
    return quorum.eligible, quorum.here, quorum.needed, quorum.is_met


def test_fifteen_members_need_eight_whoever_comes_and_goes(call, carla):
    """One holds over, and votes. An alternate fills one empty seat; an observer and the staff organizer fill none."""
    committee = call.committee
    held_over = MembershipFactory(committee=committee, term_ends_on=today() - DAY).user
    members = [carla, held_over, *(MembershipFactory(committee=committee).user for _ in range(13))]
    observer = MembershipFactory(committee=committee, role=Role.OBSERVER).user
    liaison = MembershipFactory(committee=committee, role=Role.LIAISON).user
    alternate = MembershipFactory(committee=committee, role=Role.ALTERNATE).user
    start = call.starts_at
    assert numbers(call) == (15, 0, 8, False)

    story = [(person, 0) for person in members[:6]] + [(observer, 1), (liaison, 1), (held_over, 2), (alternate, 3)]
    for person, minute in story:
        Attendance.arrive(call, person, by=carla, at=start + minute * timedelta(minutes=1))
    assert [numbers(call, start + minute * timedelta(minutes=1))[1:] for minute in (0, 1, 2, 3)] == [
        (6, 8, False),
        (6, 8, False),
        (6, 8, False),  # held_over came with the first six
        (7, 8, False),
    ]
    Attendance.arrive(call, members[6], by=carla, at=start + timedelta(minutes=5))
    assert numbers(call) == (15, 8, 8, True)
    Attendance.leave(call, held_over, by=carla, at=start + timedelta(minutes=9))
    assert numbers(call) == (15, 7, 8, False)
    assert numbers(call, start + timedelta(minutes=8)) == (15, 8, 8, True)
    Attendance.arrive(call, held_over, by=carla)
    for person in members[7:]:
        Attendance.arrive(call, person, by=carla)
    assert numbers(call) == (15, 15, 8, True)  # the alternate has no seat left to fill


def test_who_left_the_committee_no_longer_counts(call, carla, mo):
    Attendance.mark(call, mo, by=carla)
    assert numbers(call) == (2, 1, 2, False)
    call.committee.memberships.get(user=mo).end(by=carla)
    assert numbers(call) == (1, 0, 1, False)


@pytest.mark.parametrize(
    ("rule", "number", "needed", "met"),
    [("majority", None, 2, False), ("number", 1, 1, True), ("number", 7, 7, False), ("none", None, 0, True)],
)
def test_a_committee_has_its_rule(call, carla, mo, rule, number, needed, met):
    Committee.objects.filter(pk=call.committee_id).update(quorum_rule=rule, quorum_number=number)
    call.committee.refresh_from_db()
    Attendance.mark(call, mo, by=carla)
    assert numbers(call) == (2, 1, needed, met)


def test_a_rule_by_number_has_its_number(committee, carla):
    with pytest.raises(ValidationError, match="Say how many"):
        committee.edit(carla, quorum_rule="number", quorum_number=None)


def test_co_chairs_set_the_rule(committee, carla, sign_in):
    client, address = sign_in(carla), reverse("committee_edit", args=[committee.slug])
    form = {"purpose": "Fair pay", "quorum_rule": "number", "quorum_number": ""}
    assert "Say how many voting members it takes" in client.post(address, form).text
    client.post(address, form | {"quorum_number": "7"})
    committee.refresh_from_db()
    assert (committee.quorum_rule, committee.quorum_number) == ("number", 7)
    client.post(address, form | {"quorum_rule": "majority", "quorum_number": "7"})
    committee.refresh_from_db()
    assert (committee.quorum_rule, committee.quorum_number) == ("majority", None)


def test_the_quorum_is_one_question(call, django_assert_num_queries):
    for _ in range(3):
        AttendanceFactory(meeting=call)
    with django_assert_num_queries(1):
        assert Quorum.of(call).here == 3


# Marks ---------------------------------------------------------------------------------------------


def test_the_newest_mark_holds_and_the_same_again_is_no_news(call, carla, mo):
    Attendance.mark(call, mo, by=carla)
    Attendance.mark(call, mo, by=carla)
    Attendance.mark(call, mo, by=carla, state="absent")
    assert [(row.user, row.state) for row in Attendance.objects.all()] == [(mo, "absent")]
    assert AuditEntry.objects.filter(verb="marked attendance").count() == 2
    assert Attendance.unmark(call, mo, by=carla)
    assert not Attendance.unmark(call, mo, by=carla)


def test_ones_own_word_changes_nothing_that_a_chair_said(call, carla, mo):
    assert Attendance.check_in(call, mo).source == "self"
    Attendance.mark(call, mo, by=carla, state="absent")
    assert Attendance.check_in(call, mo).state == "absent"


def test_nobody_checks_in_before_the_start_or_a_day_after(committee, carla, mo):
    soon = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(minutes=5))
    long_ago = MeetingFactory(committee=committee, by=carla, starts_in=-timedelta(hours=26))
    yesterday = MeetingFactory(committee=committee, by=carla, starts_in=-timedelta(hours=24))
    for call in (soon, long_ago):
        with pytest.raises(ValidationError, match="until a day after"):
            Attendance.check_in(call, mo)
    assert Attendance.check_in(yesterday, mo).is_here


def test_only_who_is_on_the_committee_is_marked(call, carla, olga):
    with pytest.raises(ValidationError, match="Olga Petrova isn’t on Economic Justice"):
        Attendance.mark(call, olga, by=carla)


def test_nobody_was_on_a_canceled_call(call, carla, mo):
    call.cancel(carla, "Snow")
    with pytest.raises(ValidationError, match="canceled"):
        Attendance.mark(call, mo, by=carla)


def test_nobody_leaves_before_they_come(call, carla, mo):
    with pytest.raises(ValidationError, match="Nobody leaves before they come"):
        Attendance.mark(call, mo, by=carla, arrived_at=now(), left_at=now() - timedelta(minutes=1))


# Terms ---------------------------------------------------------------------------------------------


def test_who_holds_over_keeps_seat_and_rights(carla):
    committee = CommitteeFactory()
    held_over = MembershipFactory(committee=committee, role=Role.CHAIR, term_ends_on=today())
    MembershipFactory(committee=committee, term_ends_on=today() + DAY)
    assert list(committee.memberships.holding_over()) == [held_over]
    assert held_over.is_holding_over
    assert committee.role_of(held_over.user) == Role.CHAIR


def test_the_forecast_counts_who_said_they_come(call, carla, mo):
    answering.respond(call, mo, Rsvp.Response.ACCEPTED, seen=0)
    observer = MembershipFactory(committee=call.committee, role=Role.OBSERVER).user
    answering.respond(call, observer, Rsvp.Response.ACCEPTED, seen=0)
    (quorum,) = Quorum.forecast(call, [call.committee])
    assert (quorum.eligible, quorum.here, quorum.needed, quorum.missing) == (2, 1, 2, 1)


def test_a_successor_ends_the_hold_over(call, carla, mo):
    """The seat stays one: the vote counts who holds it on the day."""
    committee = call.committee
    seat = committee.memberships.get(user=mo)
    seat.set_term(today() - DAY, by=carla)
    assert numbers(call)[0] == 2 and seat.is_holding_over
    new = UserFactory()
    Membership.begin(committee, new, by=carla)
    seat.end(by=carla)
    assert numbers(call)[0] == 2
    assert (committee.role_of(mo), committee.role_of(new)) == ("", Role.MEMBER)


def test_a_term_does_not_end_before_it_begins(call, carla, mo):
    with pytest.raises(ValidationError):
        call.committee.memberships.get(user=mo).set_term(today() - timedelta(days=900), by=carla)


def test_rights_flip_at_midnight_with_nothing_run(call, carla):
    """A term without hold-over is a last day off: the chair’s of yesterday may neither run the call nor vote on it."""
    seat = call.committee.memberships.get(user=carla)
    Membership.objects.filter(pk=seat.pk).update(ended_on=today() + DAY)
    Attendance.mark(call, carla, by=carla)
    midnight = datetime.combine(today() + DAY, time(), tzinfo=timezone.get_default_timezone())
    assert Quorum.of(call, midnight - timedelta(minutes=1)).here == 1
    assert Quorum.of(call, midnight).here == 0
    with time_machine.travel(midnight + timedelta(seconds=1), tick=False):
        fresh = Committee.objects.get(pk=call.committee_id)
        assert not carla.has_perm("committees.manage_committee", fresh)
