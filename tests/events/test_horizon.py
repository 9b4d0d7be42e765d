"""Days have an end: how far ahead a call may lie, and that what was stored before breaks no page."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from events.calendar import feeds
from events.models import Meeting
from events.schedule import horizon, scheduling
from events.schedule.views import same_weekday_next_month
from members.models import User
from members.times.wall_clock import instant
from tests.events.test_meetings import schedule, text_of
from tests.factories import MeetingFactory
from tests.sending import in_two_steps

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TOO_FAR = "A call can be three years ahead at most."


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(NOW)


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        ("9999-12-31", TOO_FAR),
        ("2207-03-10", f"2207? Did you mean 2027? {TOO_FAR}"),
        ("2072-03-10", f"2072? Did you mean 2027? {TOO_FAR}"),
        ("2127-03-10", f"2127? Did you mean 2027? {TOO_FAR}"),
        ("2206-12-24", f"2206? Did you mean 2026? {TOO_FAR}"),
        ("2029-11-30", TOO_FAR),
        ("2028-06-10", "2028? Did you mean 2027? That is more than a year and a half from now."),
        ("2029-11-29", "2029? Did you mean 2027? That is more than a year and a half from now."),
        ("2028-02-29", None),
        ("2028-05-30", None),
        ("0001-01-01", "That time has passed. Choose a later one."),
        ("1000-01-01", "That time has passed. Choose a later one."),
        ("2206-02-30", "Enter a"),
    ],
)
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Guam"])
@pytest.mark.parametrize("at", ["19:00", "00:00"])
def test_a_day_too_far_gets_a_sentence_at_the_field(sign_in, carla, committee, on, sentence, zone, at):
    if (at, zone) == ("00:00", "Pacific/Guam") and not on.startswith(("0", "9")):
        return
    response = schedule(sign_in(carla), committee, local_date=on, local_time=at, timezone=zone)
    assert Meeting.objects.count() == (sentence is None)
    if sentence:
        assert (response.status_code, sentence in text_of(response)) in {(200, True), (422, True)}
        preview = sign_in(carla).get(
            reverse("meeting_when", args=[committee.slug]), {"local_date": on, "local_time": at, "timezone": zone}
        )
        assert (preview.status_code, sentence in text_of(preview)) == (200, True)


def test_a_doubtful_day_is_taken_when_it_is_meant(sign_in, carla, committee):
    asked = text_of(schedule(sign_in(carla), committee, local_date="2028-06-10"))
    assert "Yes, I mean 2028" in asked and 'name="sure"' in asked
    assert 'name="sure"' not in text_of(schedule(sign_in(carla), committee, local_date="2207-03-10", sure="on"))
    schedule(sign_in(carla), committee, local_date="2028-06-10", sure="on")
    assert Meeting.objects.get().local_date == date(2028, 6, 10)


def test_moving_asks_the_same(sign_in, carla, committee):
    meeting = MeetingFactory(committee=committee, by=carla)
    address = reverse("meeting_move", args=[meeting.slug])
    when = {"local_time": "15:00", "timezone": "America/New_York", "reason": "Budget vote"}
    for on, sentence in (("9999-12-31", TOO_FAR), ("2028-06-10", "2028? Did you mean 2027?")):
        assert sentence in text_of(in_two_steps(sign_in(carla), address, when | {"local_date": on}))
    assert Meeting.objects.get().local_date == meeting.local_date
    in_two_steps(sign_in(carla), address, when | {"local_date": "2028-06-10", "sure": "on"})
    assert Meeting.objects.get().local_date == date(2028, 6, 10)


def test_no_verb_puts_on_what_the_form_refuses(carla, committee):
    when = {"local_time": time(15), "title": "Far"}
    for on in (date(9999, 12, 31), date(2029, 11, 30), date(1, 1, 1)):
        with pytest.raises(ValidationError) as refused:
            scheduling.schedule(committee, carla, local_date=on, **when)
        assert list(refused.value.error_dict) == ["local_date"]


def test_an_instant_beyond_the_calendar_is_a_sentence():
    for on, zone in ((date.max, "America/New_York"), (date.min, "Asia/Tokyo")):
        with pytest.raises(ValidationError, match="no such day"):
            instant(on, time(23) if on == date.max else time(1), zone)


def test_the_horizon_moves_with_the_day(time_machine):
    time_machine.move_to(datetime(2028, 2, 29, 12, tzinfo=UTC))
    horizon.check(date(2031, 2, 28))
    with pytest.raises(ValidationError):
        horizon.check(date(2031, 3, 1))
    assert same_weekday_next_month(date.max) > date(2028, 3, 1)


# What was stored before ---------------------------------------------------------------------------


def stored(meeting: Meeting, starts_at: datetime) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(
        local_date=starts_at.date(),
        local_time=starts_at.time(),
        starts_at=starts_at,
        ends_at=min(starts_at, datetime.max.replace(tzinfo=UTC) - timedelta(hours=1)) + timedelta(minutes=59),
    )


@pytest.mark.parametrize("zone", ["Pacific/Guam", "Pacific/Pago_Pago", "America/New_York"])
@pytest.mark.parametrize("starts_at", [datetime(9999, 12, 31, 22, tzinfo=UTC), datetime(1, 1, 1, 3, tzinfo=UTC)])
def test_a_day_at_the_end_of_the_calendar_breaks_no_page(sign_in, carla, mo, committee, zone, starts_at):
    User.objects.update(timezone=zone)
    meeting = MeetingFactory(committee=committee, by=carla, title="Far away")
    stored(meeting, starts_at)
    client = sign_in(carla)
    slug, there = meeting.slug, committee.slug
    paths = ["/", "/calls/", "/calls/?when=past", f"/committees/{there}/", f"/committees/{there}/calls/"]
    paths += [f"/calls/{slug}/", f"/calls/{slug}/print/", f"/calls/{slug}/agenda/", f"/calls/{slug}/edit/"]
    paths += [f"/calls/{slug}/move/", f"/calls/{slug}/answers/", f"/calls/{slug}.ics", "/search/?q=far"]
    paths += [f"/committees/{there}/calls/new/?like={slug}", "/api/meetings/", f"/api/meetings/{slug}/"]
    paths += [f"/api/meetings/{slug}/agenda/", "/settings/calendar/", f"/calls/?after={meeting.pk}"]
    answers = {path: client.get(path).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status not in (200, 302, 404, 409)} == {}
    assert list(answers.values()).count(404) <= 3
    assert Client().get(reverse("calendar_feed", args=[feeds.token(carla, 0)])).status_code == 200


@pytest.mark.parametrize("since", ["9999-12-31", "0001-01-01", "99999-01-01", "2026-13-45"])
def test_filters_by_day_never_break(sign_in, stu, since):
    assert sign_in(stu).get(reverse("staff_activity"), {"since": since}).status_code == 200
