"""Reminders as each wants them: own offsets, and the evening before instead of in quiet hours."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from events.messages.reminders import unstored
from events.models import Meeting
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, MessageSettings
from members.times import formats
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db

MAINE, GUAM = "America/New_York", "Pacific/Guam"


def reminders(starts: datetime, zone: str, offsets: list[int], choice: str, first="21:00", last="07:00"):
    """(minutes, due, when the next is due, left out), in local time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM events_reminders(%s, %s, %s, %s::time, %s::time, %s) ORDER BY minutes DESC",
            [starts, offsets, zone, first, last, choice],
        )
        found = cursor.fetchall()
    return [(minutes, _local(due, zone), _local(following, zone), out) for minutes, due, following, out in found]


def _local(moment: datetime | None, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%a %d %H:%M}" if moment else ""


def at(moment: str, zone: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))


def minutes_from_now(person, **clocks: float) -> dict[str, object]:
    """Clock times of the person's zone, for quiet hours around moments of now."""
    here = timezone.now().astimezone(person.zone)
    return {name: (here + timedelta(minutes=minutes)).time() for name, minutes in clocks.items()}


def planned(person) -> list[tuple[int, str]]:
    return list(
        Delivery.objects.filter(recipient=person, kind="reminder").order_by("-offset").values_list("offset", "state")
    )


# At given moments: the scenario ------------------------------------------------------------------------


@pytest.mark.parametrize("zone", [MAINE, GUAM, "America/Phoenix", "Pacific/Honolulu"])
def test_one_day_and_thirty_minutes_of_a_call_at_a_quarter_past_seven(zone):
    call = at("2027-06-10 07:15", zone)
    day = (DAY, "Wed 09 07:15")
    assert reminders(call, zone, [DAY, 30], "send") == [(*day, "Thu 10 06:45", False), (30, "Thu 10 06:45", "", False)]
    assert reminders(call, zone, [DAY, 30], "before") == [
        (*day, "Wed 09 20:45", False),
        (30, "Wed 09 20:45", "", False),
    ]
    assert reminders(call, zone, [DAY, 30], "skip") == [(*day, "", False), (30, "Thu 10 06:45", "", True)]


def test_the_evening_before_is_that_of_the_wall_in_the_night_clocks_change():
    for day, evening in (("2027-03-14", "Sat 13 20:45"), ("2027-11-07", "Sat 06 20:45")):
        call = at(f"{day} 07:15", MAINE)
        assert reminders(call, MAINE, [30], "before") == [(30, evening, "", False)]


def test_a_call_kept_on_maines_clock_comes_an_hour_earlier_in_guam_after_maine_changes():
    """At 5:15 PM in Maine it is 8:15 AM in Guam until Maine's clocks go forward, 7:15 AM from then on."""
    for day, guam, maine in (
        ("2027-03-11", "Fri 12 07:45", "Thu 11 16:45"),
        ("2027-03-18", "Thu 18 20:45", "Thu 18 16:45"),
    ):
        call = at(f"{day} 17:15", MAINE)
        assert reminders(call, GUAM, [30], "before") == [(30, guam, "", False)]
        assert reminders(call, MAINE, [30], "before") == [(30, maine, "", False)]
    assert reminders(at("2027-11-11 17:15", MAINE), GUAM, [30], "before") == [(30, "Fri 12 07:45", "", False)]


def test_only_what_would_disturb_is_moved_or_left_out():
    call = at("2027-06-10 09:30", MAINE)
    night = [(150, "Thu 10 07:00", "", False)]
    for choice in ("send", "before", "skip"):
        assert reminders(call, MAINE, [150], choice) == night  # the quiet hours just ended
    early = at("2027-06-10 08:00", MAINE)
    assert reminders(early, MAINE, [120], "skip") == [(120, "Thu 10 06:00", "", True)]
    assert reminders(early, MAINE, [50], "skip") == [(50, "Thu 10 07:10", "", False)]
    far = at("2027-06-10 23:00", MAINE)
    assert reminders(far, MAINE, [DAY], "skip") == [(DAY, "Wed 09 23:00", "", False)]  # it rests until morning


def test_several_in_one_night_become_one_before_it():
    found = reminders(at("2027-06-10 07:15", MAINE), MAINE, [120, 60, 30], "before")
    assert [(due, following) for _minutes, due, following, _out in found] == [
        ("Wed 09 20:45", "Wed 09 20:45"),
        ("Wed 09 20:45", "Wed 09 20:45"),
        ("Wed 09 20:45", ""),
    ]


def test_without_quiet_hours_the_choice_says_nothing():
    call = at("2027-06-10 07:15", MAINE)
    for choice in ("send", "before", "skip"):
        assert reminders(call, MAINE, [30], choice, None, None) == [(30, "Thu 10 06:45", "", False)]


# The sweep ---------------------------------------------------------------------------------------------


def test_own_offsets_replace_those_of_the_co_chairs_for_this_person_alone(committee, carla, mo):
    MessageSettings.objects.create(user=mo, reminder_offsets=[DAY, 30])
    call_in(30, committee, carla, reminder_offsets=[60, 10])
    plan()
    assert planned(mo) == [(30, "queued")]
    assert planned(carla) == [(60, "queued"), (10, "queued")]


def test_any_number_of_sweeps_gives_the_same_rows(committee, carla, mo):
    MessageSettings.objects.create(
        user=mo, reminder_offsets=[30], quiet_reminders="before", quiet_from="00:00", quiet_until="00:00"
    )
    call_in(30, committee, carla, reminder_offsets=[30])
    assert [plan(), plan(), plan()] == [2, 0, 0]


def test_a_reminder_is_of_use_until_the_next_of_that_person(committee, carla, mo):
    MessageSettings.objects.create(user=mo, reminder_offsets=[DAY, 120])
    meeting = call_in(DAY, committee, carla)
    plan()
    useful = dict(Delivery.objects.values_list("recipient__given_name", "useless_after"))
    assert useful == {
        "Carla": meeting.starts_at - timedelta(minutes=10),
        "Mo": meeting.starts_at - timedelta(minutes=120),
    }


def test_what_the_person_no_longer_wants_does_not_go(smtp, committee, carla, mo):
    call_in(9, committee, carla)
    plan()
    MessageSettings.objects.create(user=mo, reminder_offsets=[DAY])
    deliver()
    found = dict(Delivery.objects.values_list("recipient__given_name", "reason"))
    assert found == {"Carla": "", "Mo": "The person chose other reminders."}


def test_what_the_co_chairs_took_away_goes_to_who_wants_it(smtp, committee, carla, mo):
    MessageSettings.objects.create(user=mo, reminder_offsets=[10])
    meeting = call_in(9, committee, carla)
    plan()
    meeting.edit(carla, reminder_offsets=[DAY])
    deliver()
    assert (planned(mo), planned(carla)) == ([(10, "sent")], [(10, "suppressed")])


@pytest.fixture
def night(committee, carla, mo):
    """A call in five hours, within quiet hours that begin in a quarter of an hour; Mo wants to know half an hour before."""
    mo.timezone = GUAM
    mo.save(update_fields=["timezone"])

    def choosing(choice: str) -> Meeting:
        hours = minutes_from_now(mo, quiet_from=15, quiet_until=285)
        MessageSettings.objects.create(user=mo, reminder_offsets=[30], quiet_reminders=choice, **hours)
        return call_in(300, committee, carla, reminder_offsets=[])

    return choosing


def test_before_quiet_hours_the_reminder_goes_now_and_says_when_the_call_is(smtp, night, mo):
    meeting = night("before")
    plan()
    assert deliver() == {"sent": 1}
    assert planned(mo) == [(30, "sent")]
    with timezone.override(mo.zone):
        assert formats.brief(meeting.starts_at) in smtp.to(mo.email)[0].message["Subject"]
    assert [plan(), plan()] == [0, 0]


def test_a_reminder_before_quiet_hours_that_is_late_does_not_disturb_them(smtp, night, mo):
    night("before")
    plan()
    MessageSettings.objects.update(**minutes_from_now(mo, quiet_from=-10))
    assert deliver() == {"queued": 1}
    assert Delivery.objects.get().next_try_at > timezone.now() + timedelta(hours=4)


def test_sent_anyway_it_waits_for_its_own_moment(night):
    night("send")
    assert plan() == 0


def test_left_out_it_stands_there_with_its_reason(smtp, committee, carla, mo):
    MessageSettings.objects.create(
        user=mo, reminder_offsets=[30], quiet_reminders="skip", **minutes_from_now(mo, quiet_from=-60, quiet_until=20)
    )
    call_in(29, committee, carla)
    plan()
    deliver()
    assert planned(mo) == [(30, "suppressed")]
    assert Delivery.objects.get(recipient=mo).reason == (
        "It would have come in the person’s quiet hours, and they chose to leave such reminders out."
    )


# Why there is none --------------------------------------------------------------------------------------


def test_reminders_that_are_not_stored_say_why(committee, carla, mo, olga):
    meeting = call_in(3 * DAY, committee, carla, announced=timedelta(days=2))
    plan()
    assert [(each.minutes, each.why) for each in unstored(meeting, mo)] == [
        (7 * DAY, "before_told"),
        (DAY, "ahead"),
        (10, "ahead"),
    ]
    assert unstored(meeting, mo)[1].due_at == meeting.starts_at - timedelta(days=1)
    assert unstored(meeting, olga) == []


def test_who_has_a_row_is_not_told_why_there_is_none(committee, carla, mo):
    meeting = call_in(10, committee, carla, reminder_offsets=[10])
    assert [each.why for each in unstored(meeting, mo)] == ["next_sweep"]
    plan()
    assert unstored(meeting, mo) == []
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=Now() - timedelta(minutes=30), reminder_offsets=[30])
    assert [each.why for each in unstored(meeting, mo)] == ["passed"]


# Chosen later than its moment -----------------------------------------------------------------------------


def _choose(person, offsets: list[int]) -> None:
    """As the page of notifications does."""
    MessageSettings.objects.update_or_create(
        user=person, defaults={"reminder_offsets": offsets, "reminders_set_at": Now()}
    )


def test_a_reminder_that_was_past_when_it_was_chosen_is_not_owed(committee, carla, mo, olga):
    meeting = call_in(20 * 60, committee, carla, announced=timedelta(days=2), reminder_offsets=[10])
    plan()
    _choose(mo, [DAY, 19 * 60 + 30, 30])
    plan()
    assert planned(mo) == [(19 * 60 + 30, "queued")]
    assert [(each.minutes, each.why) for each in unstored(meeting, mo)] == [(DAY, "set_later"), (30, "ahead")]


def test_who_goes_back_to_the_reminders_of_the_co_chairs_is_not_owed_past_ones(committee, carla, mo):
    call_in(20 * 60, committee, carla, announced=timedelta(days=2), reminder_offsets=[DAY, 10])
    MessageSettings.objects.create(user=mo, reminder_offsets=[10])
    _choose(mo, None)
    plan()
    assert planned(mo) == []


def test_co_chairs_who_add_a_reminder_later_than_its_moment_remind_nobody_of_it(committee, carla, mo):
    call = call_in(20 * 60, committee, carla, announced=timedelta(days=2), reminder_offsets=[10])
    call.edit(carla, reminder_offsets=[DAY, 19 * 60 + 30, 10])
    usual = call_in(20 * 60, committee, carla, announced=timedelta(days=2), reminder_offsets=None)
    committee.edit(carla, reminder_offsets=[25 * 60, 19 * 60 + 40])
    plan()
    assert planned(mo) == planned(carla)
    assert sorted(planned(mo)) == [(19 * 60 + 30, "queued"), (19 * 60 + 40, "queued")]
    assert [each.why for each in unstored(usual, mo)] == ["set_later"]


def test_the_page_notes_when_reminders_were_chosen(sign_in, committee, mo):
    page = sign_in(mo).get("/settings/notifications/").context["form"]
    fields = {field.html_name: field.value() for field in page if field.value() not in (None, False)}
    sign_in(mo).post("/settings/notifications/", fields | {"reminders": "own", "reminder_offsets": ["10"]})
    assert mo.message_settings.reminder_offsets == [10] and mo.message_settings.reminders_set_at
