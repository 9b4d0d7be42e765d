"""Quiet hours and how often: what rests, what waits for a digest, what goes at once, and the sentence that says so."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from committees.joining.messages import tell_joined
from events.messages.changes import tell_changed
from events.messages.invitations import tell_scheduled
from events.models import Meeting
from members.accounts.messages import send_sign_in_code
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.mail_desk.explain import explain
from members.models import Delivery, MessageSettings, NotificationPreference, User
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


def rest(person: User, since: int = -60, until: int = 60) -> datetime:
    """Quiet hours around now, in minutes from now; when they end."""
    here = timezone.now().astimezone(person.zone)
    first, last = ((here + timedelta(minutes=minutes)).replace(second=0, microsecond=0) for minutes in (since, until))
    MessageSettings.objects.create(user=person, quiet_from=first.time(), quiet_until=last.time())
    return last.astimezone(UTC)


def choose(person: User, kind: str, cadence: str, scope: str = "") -> None:
    NotificationPreference.objects.create(user=person, kind=kind, scope=scope, cadence=cadence)


def row(person: User, kind: str) -> Delivery:
    return Delivery.objects.get(recipient=person, kind=kind)


def sentence(delivery: Delivery) -> str:
    with timezone.override(delivery.recipient.timezone):
        return explain(delivery)


# The hours, at given moments --------------------------------------------------------------------------


def quiet_until(moment: str, zone: str, first: str, last: str, starts: str | None = None) -> str | None:
    """All in local time of the zone, as is the answer."""
    there = ZoneInfo(zone)
    moments = [each and datetime.fromisoformat(each).replace(tzinfo=there) for each in (moment, starts)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT members_quiet_until(%s, %s, %s::time, %s::time, %s::timestamptz)",
            [moments[0], zone, first, last, moments[1]],
        )
        found = cursor.fetchone()[0]
    return found and f"{found.astimezone(there):%Y-%m-%d %H:%M %Z}"


@pytest.mark.parametrize(
    ("zone", "moment", "until"),
    [
        ("Pacific/Honolulu", "2027-03-14 21:00", "2027-03-15 07:00 HST"),
        ("Pacific/Honolulu", "2027-03-15 06:59", "2027-03-15 07:00 HST"),
        ("Pacific/Honolulu", "2027-03-15 07:00", None),
        ("Pacific/Guam", "2027-11-06 23:30", "2027-11-07 07:00 ChST"),
        ("Pacific/Guam", "2027-11-07 20:59", None),
        ("America/Phoenix", "2027-03-13 22:00", "2027-03-14 07:00 MST"),
        ("America/Phoenix", "2027-11-06 22:00", "2027-11-07 07:00 MST"),
        # Maine: an hour less sleep in March, an hour more in November, and the end is seven by the wall both times
        ("America/New_York", "2027-03-13 22:00", "2027-03-14 07:00 EDT"),
        ("America/New_York", "2027-03-14 03:00", "2027-03-14 07:00 EDT"),
        ("America/New_York", "2027-11-06 22:00", "2027-11-07 07:00 EST"),
        ("America/New_York", "2027-11-07 01:30", "2027-11-07 07:00 EST"),
        ("America/New_York", "2027-11-07 12:00", None),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall_whatever_clocks_do(zone, moment, until):
    assert quiet_until(moment, zone, "21:00", "07:00") == until


def test_quiet_hours_last_nine_hours_in_the_night_clocks_go_forward_and_eleven_when_they_go_back():
    maine, night = ZoneInfo("America/New_York"), timedelta(hours=10)
    for day, hours in (("2027-03-13", 9), ("2027-06-01", 10), ("2027-11-06", 11)):
        began = datetime.fromisoformat(f"{day} 21:00").replace(tzinfo=maine)
        ended = quiet_until(f"{day} 21:00", "America/New_York", "21:00", "07:00")
        end = datetime.fromisoformat(ended[:16]).replace(tzinfo=maine)
        assert end.astimezone(UTC) - began.astimezone(UTC) == night + timedelta(hours=hours - 10)


@pytest.mark.parametrize(
    ("moment", "until"),
    [("12:59", None), ("13:00", "2027-06-01 15:30 HST"), ("15:29", "2027-06-01 15:30 HST"), ("15:30", None)],
)
def test_quiet_hours_within_a_day_need_no_midnight(moment, until):
    assert quiet_until(f"2027-06-01 {moment}", "Pacific/Honolulu", "13:00", "15:30") == until


def test_the_same_clock_twice_and_no_clock_are_no_quiet_hours():
    assert quiet_until("2027-06-01 12:00", "America/Denver", "07:00", "07:00") is None
    assert quiet_until("2027-06-01 12:00", "America/Denver", None, None) is None


@pytest.mark.parametrize(
    ("starts", "until"),
    [
        ("2027-03-14 12:00", "2027-03-14 07:00 EDT"),  # far: the end of the quiet hours
        ("2027-03-14 07:15", "2027-03-14 05:15 EDT"),  # two hours before the call, in the night that lost one
        ("2027-03-13 23:00", "2027-03-13 21:00 EST"),  # near: it was over before
    ],
)
def test_quiet_hours_end_two_hours_before_the_call(starts, until):
    assert quiet_until("2027-03-13 22:00", "America/New_York", "21:00", "07:00", starts) == until


def test_every_zone_a_person_may_have_is_known_to_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        known = {name for (name,) in cursor.fetchall()}
    assert available_timezones() - known <= {"localtime"}


# Through the pipeline ---------------------------------------------------------------------------------


def test_what_comes_in_quiet_hours_is_held_until_they_end_and_says_so(smtp, committee, carla, mo):
    until = rest(mo)
    tell_scheduled(call_in(7 * DAY, committee, carla))
    assert deliver() == {"queued": 1, "sent": 1}
    held = row(mo, "invitation")
    assert (held.state, held.next_try_at, held.handovers) == ("queued", until, 0)
    local = until.astimezone(mo.zone)
    clock = f"{local.hour % 12 or 12}:{local:%M %p %Z}"
    assert sentence(held) == f"It is held until {local:%a, %B} {local.day}, {clock}: the person’s quiet hours."
    assert [mail.message["To"] for mail in smtp.received] == [carla.email]


def test_what_was_held_goes_once_when_the_hours_end(smtp, committee, carla, mo):
    rest(mo)
    tell_scheduled(call_in(7 * DAY, committee, carla))
    deliver()
    MessageSettings.objects.update(quiet_from="00:00", quiet_until="00:00")
    Delivery.objects.filter(recipient=mo).update(next_try_at=Now())
    assert deliver() == {"sent": 1}
    assert len(smtp.to(mo.email)) == 1


def test_each_rests_by_the_clock_where_they_are(smtp, committee, carla, mo):
    for person, zone in ((mo, "Pacific/Guam"), (carla, "America/New_York")):
        person.timezone = zone
        person.save(update_fields=["timezone"])
    until = rest(mo)
    here = MessageSettings.objects.get()
    MessageSettings.objects.create(user=carla, quiet_from=here.quiet_from, quiet_until=here.quiet_until)
    tell_scheduled(call_in(7 * DAY, committee, carla))
    deliver()
    assert row(carla, "invitation").state == "sent"  # the same clock times, and another hour of the day there
    assert row(mo, "invitation").next_try_at == until


def test_a_change_of_a_far_call_rests_and_one_of_a_near_call_does_not(smtp, committee, carla, mo):
    rest(mo)
    near, far = call_in(110, committee, carla), call_in(DAY, committee, carla)
    for meeting in (near, far):
        tell_changed(meeting)
    deliver()
    found = Delivery.objects.filter(recipient=mo, kind="changed").values_list("about", "state")
    assert dict(found) == {near.about: "sent", far.about: "queued"}


def test_quiet_hours_give_way_two_hours_before_the_call(smtp, committee, carla, mo):
    rest(mo, -60, 600)
    meeting = call_in(300, committee, carla)
    tell_changed(meeting)
    deliver()
    assert row(mo, "changed").next_try_at == meeting.starts_at - timedelta(hours=2)


def test_a_reminder_of_a_near_call_passes_unless_the_person_wants_otherwise(smtp, committee, carla, mo):
    rest(mo)
    call_in(10, committee, carla)
    plan()
    deliver()
    assert row(mo, "reminder").state == "sent"


def test_account_and_answers_never_rest(smtp, committee, mo):
    rest(mo)
    send_sign_in_code(mo.email, mo, "48172046")
    tell_joined(mo.memberships.get())
    choose(mo, "joined", "never")
    assert deliver() == {"sent": 2}


def test_a_mail_whose_fate_is_unknown_does_not_rest_again(smtp, committee, carla, mo):
    tell_scheduled(call_in(7 * DAY, committee, carla))
    Delivery.objects.filter(recipient=mo).update(state="sending", lease=uuid.uuid4(), handovers=1)
    rest(mo)
    choose(mo, "invitation", "daily")
    deliver()
    assert row(mo, "invitation").state == "sent"


def test_a_stop_comes_before_rest(smtp, committee, carla, mo):
    rest(mo)
    meeting = call_in(7 * DAY, committee, carla)
    tell_scheduled(meeting)
    meeting.cancel(carla, "No room")
    deliver()
    assert (row(mo, "invitation").state, row(mo, "invitation").reason) == ("suppressed", "The call was canceled.")


# How often ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("everywhere", "here", "state"),
    [
        ("", "", "sent"),
        ("at_once", "", "sent"),
        ("daily", "", "digested"),
        ("weekly", "", "digested"),
        ("never", "", "suppressed"),
        ("never", "at_once", "sent"),
        ("never", "daily", "digested"),
        ("at_once", "never", "suppressed"),
        ("at_once", "weekly", "digested"),
        ("daily", "at_once", "sent"),
    ],
)
def test_the_narrower_choice_of_how_often_wins(smtp, committee, carla, mo, everywhere, here, state):
    for scope, cadence in (("", everywhere), (committee.scope, here)):
        if cadence:
            choose(mo, "invitation", cadence, scope)
    tell_scheduled(call_in(7 * DAY, committee, carla))
    deliver()
    assert row(mo, "invitation").state == state


def test_a_choice_for_another_committee_or_kind_changes_nothing_here(smtp, committee, elsewhere, carla, mo):
    choose(mo, "invitation", "never", elsewhere.scope)
    choose(mo, "reminder", "never")
    tell_scheduled(call_in(7 * DAY, committee, carla))
    deliver()
    assert row(mo, "invitation").state == "sent"


def test_what_is_urgent_does_not_wait_for_a_summary(smtp, committee, carla, mo):
    choose(mo, "invitation", "weekly")
    tell_scheduled(call_in(DAY, committee, carla))
    deliver()
    assert row(mo, "invitation").state == "sent"


def test_a_summary_is_told_of_and_changes_to_calls_are_not_digested(smtp, committee, carla, mo):
    choose(mo, "invitation", "daily")
    choose(mo, "changed", "never")
    meeting = call_in(7 * DAY, committee, carla)
    tell_scheduled(meeting)
    deliver()
    assert sentence(row(mo, "invitation")) == "It is kept for the next summary, as the person chose."
    Meeting.objects.filter(pk=meeting.pk).update(sequence=1)
    tell_changed(Meeting.objects.get(pk=meeting.pk))
    deliver()
    assert row(mo, "changed").state == "sent"
