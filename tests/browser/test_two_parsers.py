"""Our calendars as two libraries read them that know nothing of each other: icalendar, and ical.js in Chromium.

Wall times are compared with those of a third: the browser's own time zone database (Intl).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from committees.models import Committee
from events.calendar import entries, ics
from events.messages import call_context
from events.models import Meeting
from members.mail import reply_addresses
from members.models import User
from members.times import formats

ICAL_JS = Path(__file__).parents[1] / "vendor" / "ical.js" / "ical.min.js"
ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "Pacific/Guam",
    "America/Puerto_Rico",
    "America/Indiana/Indianapolis",
    "America/Detroit",
    "America/Boise",
    "America/North_Dakota/Center",
]
READER = ZoneInfo("America/New_York")  # whose feed it is
READ = """texts => texts.map(text => {
  const calendar = new ICAL.Component(ICAL.parse(text))
  calendar.getAllSubcomponents("vtimezone").forEach(zone => ICAL.TimezoneService.register(zone))
  return {
    method: calendar.getFirstPropertyValue("method"),
    name: calendar.getFirstPropertyValue("x-wr-calname"),
    refresh: String(calendar.getFirstPropertyValue("refresh-interval")),
    events: calendar.getAllSubcomponents("vevent").map(part => {
      const event = new ICAL.Event(part)
      return {
        uid: event.uid, sequence: event.sequence, summary: event.summary, description: event.description, location: event.location,
        starts: event.startDate.toJSDate().toISOString(), ends: event.endDate.toJSDate().toISOString(),
        status: part.getFirstPropertyValue("status"), organizer: part.getFirstPropertyValue("organizer"),
        attendees: part.getAllProperties("attendee").map(each => [each.getFirstValue(), each.getParameter("cn"), each.getParameter("partstat")]),
      }
    }),
  }
})"""
ON_THE_WALL = """pairs => pairs.map(([moment, zone]) => new Intl.DateTimeFormat("sv", {
  timeZone: zone, dateStyle: "short", timeStyle: "short"}).format(new Date(moment)))"""
SPAN = Template("{% load times %}{% when_span meeting.starts_at meeting.duration %}")

HOSTILE = [
    "Quotes \" and ' and “these”",
    "Commas, semicolons; colons: and back\\slashes\\n",
    "A line\nand another\r\nand a third\rand END:VEVENT\r\nBEGIN:VEVENT",
    "Emoji 👩🏽‍⚖️🏳️‍🌈 at every fold " * 8,
    "x" * 500,
    "é" * 250,
    "דיור בר השגה; שכר הוגן, עכשיו",
    "\u202eright to left\u202c and \u200bnothing",
    "Bell \x07, escape \x1b[31m, form feed \x0c, separators \x1c \x85 \u2028 \u2029, tab \t end",
    "=?utf-8?q?Not_a_header?= <b>bold</b> &amp; %0D%0A ^n ^' ^^",
    "  blanks around  ",
]


@pytest.fixture(scope="module")
def run(browser):
    """`run(script, argument)` in a page with ical.js."""
    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(path=ICAL_JS)
    yield page.evaluate
    context.close()


def call(zone: str, day: date, clock: time = time(19), **fields) -> Meeting:
    """As the model makes it, without a database: what was meant, and the moment derived from it."""
    fields = {"title": "Fair workweek", "duration": 60, "fold": 0} | fields
    meeting = Meeting(
        committee=Committee(pk=1, slug="economic-justice", name=fields.pop("committee", "Economic Justice")),
        slug=f"call-{day}",
        uid=f"{day}.{zone}@calls",
        local_date=day,
        local_time=clock,
        timezone=zone,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        updated_at=datetime(2026, 1, 2, tzinfo=UTC),
        **fields,
    )
    meeting.derive_instant()
    meeting.my_response = None
    return meeting


def mailed(meeting: Meeting, method: str, person: User) -> str:
    address = reply_addresses.address(reply_addresses.ANSWER, 2**40, 2**40)
    attendee = ics.attendee(person, "accepted", asks=method == ics.REQUEST)
    return ics.invite(meeting, method, ics.organizer(meeting.committee.name, address), attendee)


def by_icalendar(text: str | bytes) -> list[dict]:
    """The same facts that READ gives."""
    return [
        {
            "uid": str(event["UID"]),
            "sequence": event["SEQUENCE"],
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
            "starts": _moment(event.decoded("DTSTART")),
            "ends": _moment(event.decoded("DTEND")),
        }
        for event in Calendar.from_ical(text).walk("VEVENT")
    ]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def both(run, text: str) -> dict:
    """What ical.js reads, after icalendar read the same."""
    (found,) = run(READ, [text])
    facts = [
        {name: event[name] for name in ("uid", "sequence", "summary", "description", "starts", "ends")}
        for event in found["events"]
    ]
    assert facts == by_icalendar(text)
    return found


# 52 weeks in 14 zones --------------------------------------------------------------------------------


def test_a_weekly_call_at_seven_is_at_seven_in_page_mail_and_calendar_all_year_in_every_zone(run):
    year = timezone.now().year + 1  # so that pages name it
    calls = [call(zone, date(year, 1, 7) + timedelta(weeks=week)) for zone in ZONES for week in range(52)]
    assert len(calls) == 728
    text = ics.feed(calls, "All", READER, (year - 1, year + 1)).decode()
    (found,) = run(READ, [text])
    starts = {event["uid"]: event["starts"] for event in found["events"]}
    assert {event["uid"]: event["starts"] for event in by_icalendar(text)} == starts
    walls = run(ON_THE_WALL, [[starts[meeting.uid], meeting.timezone] for meeting in calls])
    assert walls == [f"{meeting.local_date} 19:00" for meeting in calls]
    for meeting in calls:
        noon = datetime.combine(meeting.local_date, time(12), ZoneInfo(meeting.timezone))
        words = f"{noon:%a}, {noon:%B} {noon.day}, {year}, 7:00–8:00 PM {noon.tzname()}"
        with timezone.override(meeting.timezone):
            machine = noon.replace(hour=19).isoformat(timespec="minutes")
            assert SPAN.render(Context({"meeting": meeting})) == f'<time datetime="{machine}">{words}</time>'
            assert formats.span(meeting.starts_at, meeting.duration) == words
        with timezone.override("America/New_York"):
            elsewhere = call_context.zone_words(meeting, meeting.starts_at)
        assert "7:00 PM" in elsewhere or noon.utcoffset() == noon.astimezone(ZoneInfo("America/New_York")).utcoffset()


def test_mails_to_every_zone_say_the_same_as_the_page(run):
    for zone in ZONES:
        meeting = call(zone, date(timezone.now().year + 1, 7, 1))
        with timezone.override(zone):
            said = call_context.context(call_context.Call(meeting), "")
            assert said["when"] in SPAN.render(Context({"meeting": meeting}))
            assert said["clock"] == "7:00 PM"
        (mail,) = both(run, mailed(meeting, ics.REQUEST, User(name="Mo", email="mo@portal.example")))["events"]
        assert run(ON_THE_WALL, [[mail["starts"], zone]]) == [f"{meeting.local_date} 19:00"]


# Whatever people write -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_come_out_of_both_parsers_as_they_went_in(run, words):
    meeting = call(
        "America/Denver", date(2027, 3, 11), title=words, summary=words, committee=words, dial_in=words, sequence=7
    )
    person = User(name=words, email="mo@portal.example")
    said = entries.plain(words)
    texts = {method: mailed(meeting, method, person) for method in (ics.REQUEST, ics.CANCEL)}
    texts[""] = ics.feed([meeting], "My calls", READER, (2026, 2028), alarm=10).decode()
    for method, text in texts.items():
        lines = text.encode().split(b"\r\n")
        assert max(map(len, lines)) <= 75
        assert b"\n" not in b"".join(lines) and b"\r" not in b"".join(lines)
        found = both(run, text)
        (event,) = found["events"]
        assert found["method"] == (method or None)
        assert (event["uid"], event["sequence"]) == (meeting.uid, 7)
        assert event["summary"] == f"{said}: {said}"
        assert said in event["description"]
        if method:
            assert event["organizer"] == f"mailto:{reply_addresses.address(reply_addresses.ANSWER, 2**40, 2**40)}"
            ((address, _name, answer),) = event["attendees"]
            assert (address, answer) == ("mailto:mo@portal.example", "ACCEPTED")
        else:
            assert (found["name"], found["refresh"], event["attendees"], event["organizer"]) == (
                "My calls",
                "PT1H",
                [],
                None,
            )


def test_a_withdrawal_is_read_by_both(run):
    meeting = call("America/Denver", date(2027, 3, 11), sequence=2)
    person = User(name="Mo", email="mo@portal.example")
    text = ics.withdrawal(
        meeting, ics.organizer("X", "calls@portal.example"), ics.attendee(person, "accepted", asks=False)
    )
    (found,) = run(READ, [text])
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert (found["method"], found["events"][0]["uid"], found["events"][0]["status"]) == ("CANCEL", meeting.uid, None)
    assert (str(event["UID"]), event["SEQUENCE"]) == (meeting.uid, 2)


SINGLE = st.tuples(
    st.sampled_from(ZONES),
    st.dates(date(2020, 1, 1), date(2037, 12, 31)),
    st.integers(0, 24 * 60 - 1),  # minute of the day
    st.integers(0, 1),  # fold
    st.integers(5, 720),  # duration
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=120),
)


# What fails is said as it was drawn: making it smaller asks the browser hundreds of times, and took five minutes.
DRAWN_ONCE = settings(
    max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@DRAWN_ONCE
@given(st.lists(SINGLE, min_size=5, max_size=15))
def test_any_single_calls_are_the_same_moments_in_both_parsers_and_on_the_wall(run, drawn):
    calls = []
    for number, (zone, day, minute, fold, duration, title) in enumerate(drawn):
        try:
            made = call(zone, day, time(minute // 60, minute % 60), fold=fold, duration=duration, title=title)
        except ValidationError:
            continue  # a time that does not exist is refused
        made.uid = f"{number}@calls"
        calls.append(made)
    calls.sort(key=lambda made: made.starts_at)  # as a feed has them
    events = both(run, ics.feed(calls, "Calls", READER, (2019, 2038)).decode())["events"]
    assert [event["summary"] for event in events] == [
        f"Economic Justice: {entries.plain(made.title)}" for made in calls
    ]
    lengths = [datetime.fromisoformat(event["ends"]) - datetime.fromisoformat(event["starts"]) for event in events]
    assert lengths == [timedelta(minutes=made.duration) for made in calls]
    walls = run(ON_THE_WALL, [[event["starts"], made.timezone] for event, made in zip(events, calls, strict=True)])
    assert walls == [f"{made.local_date} {made.local_time:%H:%M}" for made in calls]
