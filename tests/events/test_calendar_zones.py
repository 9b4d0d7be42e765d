"""Entries in the zone of their reader, read back by a library of its own: both nights on which clocks change, and what else they say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from icalendar import Calendar, Timezone

from events.calendar import feeds, ics, zones
from events.models import CalendarFeed, Meeting
from members.models import User
from tests.pipeline import DAY, call_in

ZONES = ["America/New_York", "America/Denver", "America/Phoenix", "Pacific/Honolulu", "Pacific/Guam"]
ABROAD = ["Europe/Dublin", "Australia/Lord_Howe", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"]
NOON = datetime(2027, 1, 15, 17, tzinfo=UTC)
NIGHTS = [datetime(2027, 3, 14, 12, tzinfo=UTC), datetime(2027, 11, 7, 12, tzinfo=UTC)]  # clocks in the United States


@pytest.mark.parametrize("name", [*ZONES, *ABROAD])
def test_a_zone_says_for_every_hour_what_python_says(name):
    written = zones.vtimezone(name, 2026, 2029)
    if name == "UTC":
        assert written == ""
        return
    read = Timezone.from_ical(written).to_tz(lookup_tzid=False)
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    while moment < datetime(2030, 1, 1, tzinfo=UTC):
        local = moment.astimezone(ZoneInfo(name))
        if not zones.is_utc(ZoneInfo(name), [moment]):
            assert local.replace(tzinfo=None).replace(tzinfo=read).utcoffset() == local.utcoffset(), local
        moment += timedelta(hours=1)


def test_a_zone_that_follows_a_rule_says_the_rule():
    written = zones.vtimezone("America/Denver", 2026, 2029)
    assert written.count("RRULE") == 2 and written.count("DTSTART") == 2 and "RDATE" not in written
    assert "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n" in written
    assert zones.vtimezone("Africa/Casablanca", 2026, 2029).count("RRULE") == 0


@pytest.mark.django_db
@pytest.mark.parametrize("name", ZONES)
def test_the_feed_of_every_zone_means_the_moments_of_the_calls(committee, carla, mo, name):
    """Every half hour of both nights, as far as the committee's own clock has that time."""
    with time_machine.travel(NOON, tick=False):
        starts = [night + timedelta(minutes=30 * half) for night in NIGHTS for half in range(-40, 40)]
        for number, start in enumerate(starts):
            call_at(start, committee, carla, str(number))
        User.objects.filter(pk=mo.pk).update(timezone=name)
        content = feeds.calendar(User.objects.get(pk=mo.pk))
    calendar = Calendar.from_ical(content)
    found = {event.start.astimezone(UTC): event for event in calendar.walk("VEVENT")}
    assert sorted(found) == starts
    assert {event.end.astimezone(UTC) - start for start, event in found.items()} == {timedelta(hours=1)}
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == name
    for start, event in found.items():
        alone = zones.is_utc(ZoneInfo(name), [start, start + timedelta(hours=1)])
        assert event["DTSTART"].params.get("TZID", "") == ("" if alone else name)
    assert sum("TZID" not in event["DTSTART"].params for event in found.values()) <= 8


def call_at(start: datetime, committee, carla, title: str) -> Meeting:
    """As a call of a committee whose clock never changes."""
    local = start.astimezone(ZoneInfo("America/Phoenix"))
    meeting = Meeting.schedule(
        committee,
        carla,
        title=title,
        local_date=local.date(),
        local_time=local.time(),
        timezone="America/Phoenix",
    )
    Meeting.objects.filter(pk=meeting.pk).update(told_at=NOON - timedelta(days=3))
    return meeting


# What else an entry says ------------------------------------------------------------------------------


@pytest.fixture
def event(committee, carla, mo):
    committee.quilt_hue = "teal"
    committee.save()
    meeting = call_in(3 * DAY, committee, carla, dial_in="669-555-0142, code 123 456#")

    def written(**chosen):
        CalendarFeed.choose(mo, **chosen)
        (event,) = Calendar.from_ical(feeds.calendar(User.objects.get(pk=mo.pk))).walk("VEVENT")
        return meeting, event

    return written


@pytest.mark.django_db
def test_the_ways_in_stand_beside_the_place(event):
    meeting, entry = event()
    video, phone = entry.conferences
    assert entry["LOCATION"] == video.uri == f"http://testserver/calls/{meeting.slug}/join"
    assert (video.feature, video.label) == ("VIDEO", "Join on Zoom")
    assert (phone.uri, phone.feature) == ("tel:+16695550142,,123456%23", "PHONE")
    assert phone.label == "By phone: 669-555-0142, code 123 456#"
    assert b"CONFERENCE;FEATURE=VIDEO;LABEL=Join on Zoom;VALUE=URI:http://" in entry.to_ical().replace(b"\r\n ", b"")


@pytest.mark.django_db
def test_the_number_is_for_those_who_may_join(event, mo, olga):
    meeting, _entry = event()
    assert b"tel:" in ics.download(meeting, mo)
    assert b"tel:" not in ics.download(meeting, olga)
    assert b"CONFERENCE" not in ics.withdrawal(meeting).encode()


@pytest.mark.django_db
def test_an_entry_is_of_its_committee_and_has_its_color(event):
    _meeting, entry = event()
    assert [str(each) for each in entry["CATEGORIES"].cats] == ["Economic Justice"]
    assert entry["COLOR"] == "teal"


@pytest.mark.django_db
def test_an_alert_comes_when_it_was_chosen(event):
    assert event()[1].walk("VALARM") == []
    meeting, entry = event(alarm=10)
    (alarm,) = entry.walk("VALARM")
    assert (alarm["ACTION"], alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(minutes=-10))
    assert alarm["DESCRIPTION"] == "Economic Justice: Fair workweek"
    written = ics.invite(meeting, ics.REQUEST, "ORGANIZER:mailto:x@portal.example", alarm=10)
    assert written.index("ORGANIZER") < written.index("BEGIN:VALARM"), (
        "RFC 5545 3.6.1: alarms follow what the entry says"
    )
    assert "VALARM" not in ics.invite(meeting, ics.CANCEL, alarm=10)
