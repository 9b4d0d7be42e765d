"""Calls as iCalendar; nothing else knows RFC 5545 (entries), 5546 (REQUEST and CANCEL) and 6047 (in mail).

Each call is one VEVENT under its own stable UID: in mail in UTC, in somebody's own calendar by their clock, with the VTIMEZONE of
their zone (some programs show UTC an hour off on the evening before clocks change). In mail the organizer is the bare address of From,
with a tag that says whose answer to which call comes back there (members.mail.reply_addresses), and the only attendee is the
recipient: without one Gmail shows no buttons, with all of them addresses leak.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from icalendar import Calendar, Component, Event, vCalAddress, vDuration, vText
from icalendar.parser import Contentline, Parameters

from events.calendar import entries, series, zones
from events.models import Meeting, MeetingSeries, Rsvp
from members.models import User

REQUEST, CANCEL = "REQUEST", "CANCEL"
PRODID = "-//Portal//Calls//EN"
PARTSTAT = {
    Rsvp.Response.NEEDS_ACTION: "NEEDS-ACTION",
    Rsvp.Response.ACCEPTED: "ACCEPTED",
    Rsvp.Response.TENTATIVE: "TENTATIVE",
    Rsvp.Response.DECLINED: "DECLINED",
    Rsvp.Response.WAITING: "TENTATIVE",  # RFC 5545 has no wait list, and no seat is theirs yet
}
WHOLE = {"only_these": False, "says_cancelled": False}
REREAD = timedelta(hours=1)  # what programs are asked for; Google takes 8 to 24 hours all the same


def download(meeting: Meeting, person: User | AnonymousUser) -> bytes:
    """The file behind "Add to calendar": no METHOD and no ATTENDEE, so that a calendar takes it as the person's own entry."""
    calendar = _calendar()
    event = series.date_entry(meeting, dial_in=person.has_perm("events.join_meeting", meeting))
    year = meeting.starts_at.year
    if "recurrence-id" in event and meeting.series:
        _add_zone(calendar, meeting.series.zone, year - 1, year + 1)
    elif isinstance(person, User):
        _add_zone(calendar, person.zone, year - 1, year + 1)
        entries.say_by_clock(event, meeting, person.zone)
    calendar.add_component(event)
    return calendar.to_ical()


def download_series(of: MeetingSeries, meetings: Iterable[Meeting], *, dial_in: bool) -> bytes:
    """The same of a series: `meetings` are those of its calls that the reader knows of."""
    calendar = _calendar()
    layout = series.lay_out(of, meetings, **WHOLE, answer=_no_answer, usual="")
    events = [event for event, _call in _of_layout(layout, dial_in=dial_in)]
    _add_zone(calendar, of.zone, of.local_date.year - 1, of.local_date.year + 1)
    for event in [*events, *(entries.entry(call, dial_in=dial_in) for call in layout.by_themselves)]:
        calendar.add_component(event)
    return calendar.to_ical()


def invite(meeting: Meeting, method: str, *lines: str, alarm: int | None = None) -> str:
    """The calendar part of a mail about a call, but for organizer and attendee: their `lines` are left for whoever fills them.

    A call of a series is told as that date of it. `alarm` is how many minutes before the start the reader's calendar
    calls, None for not.
    """
    event = series.date_entry(meeting, dial_in=True)
    if method != CANCEL:
        entries.add_alarm(event, meeting, alarm)
    return _mailed(method, [(event, lines)], _zone_of(event, meeting))


def invite_series(
    of: MeetingSeries,
    meetings: Iterable[Meeting],
    organizer: str,
    attendee: Callable[[str], str],
    *,
    answers: Mapping[int, str],
    alarm: int | None = None,
) -> str:
    """The REQUEST of a whole series. `meetings` are those of its calls that are told, `answers` are the reader's by their
    numbers; `attendee` gives the line that says an answer.
    """
    calls = list(meetings)
    said = {call.pk: answers.get(call.pk, Rsvp.Response.NEEDS_ACTION) for call in calls}
    ahead = [said[call.pk] for call in calls if not (call.is_cancelled or call.is_over)]
    usual = series.commonest(ahead, Rsvp.Response.NEEDS_ACTION)
    layout = series.lay_out(of, calls, **WHOLE, answer=lambda call: said[call.pk], usual=usual)
    events = []
    for event, call in _of_layout(layout, dial_in=True):
        entries.add_alarm(event, call, alarm)
        answer = said.get(call.pk, usual) if isinstance(call, Meeting) else usual
        events.append((event, (organizer, attendee(answer))))
    return _mailed(REQUEST, events, of)


def cancel_series(of: MeetingSeries, *lines: str, stands: bool = False) -> str:
    """The CANCEL of a whole series. It `stands` when it is called off for this reader alone: then without what is not theirs
    any more.
    """
    layout = series.lay_out(of, [], **WHOLE, answer=_no_answer, usual="")
    event = layout.master(dial_in=False)
    for name in ("status", "description", "location", "conference", "exdate"):
        event.pop(name, None)
    if not stands:
        event.add("status", "CANCELLED")
    return _mailed(CANCEL, [(event, lines)], of)


def _zone_of(event: Event, meeting: Meeting) -> MeetingSeries | None:
    return meeting.series if "recurrence-id" in event else None


def _mailed(method: str, events: Iterable[tuple[Event, Iterable[str]]], of: MeetingSeries | None = None) -> str:
    """`of`: the series whose zone they name."""
    calendar = _calendar(method)
    if of is not None:
        _add_zone(calendar, of.zone, of.local_date.year - 1, of.local_date.year + 1)
    head, end, rest = calendar.to_ical().decode().rpartition("END:VCALENDAR")
    return head + "".join(_with_lines(event, lines) for event, lines in events) + end + rest


def _with_lines(event: Event, lines: Iterable[str]) -> str:
    written = event.to_ical().decode()
    properties = written.find("BEGIN:VALARM\r\n")  # what is inside an entry stands after all that it says itself
    end = properties if properties >= 0 else written.rindex("END:VEVENT")
    return written[:end] + "".join(f"{line}\r\n" for line in lines) + written[end:]


def _of_layout(layout: series.Layout, *, dial_in: bool) -> Iterator[tuple[Event, Meeting | series.Pattern]]:
    """The entry of the series and those of the dates that differ, each with what it is made of."""
    if not layout.dates:
        return
    yield layout.master(dial_in=dial_in), series.Pattern(layout.series, layout.recurrence.moment(layout.dates[0]))
    for on_the_wall, call in layout.different:
        event = entries.entry(call, dial_in=dial_in)
        series.name_date(event, call, on_the_wall)
        yield event, call


def _no_answer(_meeting: Meeting) -> str:
    return ""


def feed(
    meetings: Iterable[Meeting], name: str, zone: ZoneInfo, years: tuple[int, int], *, alarm: int | None = None
) -> bytes:
    """A person's calls as a calendar to subscribe to: the entries of the mails, without METHOD, ORGANIZER and ATTENDEE.

    `my_response` of each becomes STATUS: a calendar with neither organizer nor attendee is the person's own, and what
    they have not said yes to is tentative in it (RFC 5545 section 3.8.1.11). `zone` is theirs, and said for `years`.
    """
    calendar = _calendar()
    name = entries.plain(name)
    calendar.add("name", name)  # RFC 7986, and before there was one:
    calendar["x-wr-calname"] = vText(name)
    calendar.add("refresh-interval", REREAD, {"VALUE": "DURATION"})
    calendar["x-published-ttl"] = vDuration(REREAD)
    alone, recurring = _apart(meetings)
    for each in dict.fromkeys([zone, *(layout.series.zone for layout in recurring)]):
        _add_zone(calendar, each, *years)
    for layout in recurring:
        for event, call in _own_entries(layout):
            entries.add_alarm(event, call, alarm)
            calendar.add_component(event)
    for meeting in alone:
        event = entries.own_entry(meeting)
        entries.say_by_clock(event, meeting, zone)
        entries.add_alarm(event, meeting, alarm)
        calendar.add_component(event)
    return calendar.to_ical()


def _apart(meetings: Iterable[Meeting]) -> tuple[list[Meeting], list[series.Layout]]:
    """Calls that stand by themselves, in order, and those of each series."""
    alone: list[Meeting] = []
    together: dict[int, list[Meeting]] = {}
    for meeting in meetings:
        (together.setdefault(meeting.series_id, []) if meeting.series_id else alone).append(meeting)
    layouts = [_own_layout(calls) for calls in together.values()]
    alone += [call for layout in layouts for call in layout.by_themselves]
    return sorted(alone, key=lambda call: (call.starts_at, call.pk or 0)), layouts


def _own_layout(calls: Sequence[Meeting]) -> series.Layout:
    of = calls[0].series
    assert of is not None
    of.committee = calls[0].committee
    usual = series.commonest([entries.status(call) for call in calls if not call.is_cancelled], entries.TENTATIVE)
    return series.lay_out(of, calls, only_these=True, says_cancelled=True, answer=entries.status, usual=usual)


def _own_entries(layout: series.Layout) -> Iterator[tuple[Event, Meeting | series.Pattern]]:
    """As they stand, of one's own calendar."""
    if not layout.dates:
        return
    of = layout.series
    master = layout.master(dial_in=True, stamped_at=of.updated_at)
    master["status"] = vText(layout.usual)
    yield master, series.Pattern(of, layout.recurrence.moment(layout.dates[0]))
    for on_the_wall, call in layout.different:
        assert isinstance(call, Meeting)
        event = entries.own_entry(call)
        series.name_date(event, call, on_the_wall)
        yield event, call


def _add_zone(calendar: Calendar, zone: ZoneInfo, first: int, last: int) -> None:
    if written := zones.vtimezone(zone.key, first, last):
        calendar.add_component(Component.from_ical(written))


def withdrawal(meeting: Meeting, *lines: str) -> str:
    """CANCEL for one attendee of a call that stands: so without STATUS (RFC 5546 section 3.2.5), and without what is not theirs any more."""
    event = series.date_entry(meeting, dial_in=False)
    for name in ("status", "description", "location", "conference"):
        event.pop(name, None)
    return _mailed(CANCEL, [(event, lines)], _zone_of(event, meeting))


def organizer(name: str, address: str) -> str:
    """The property that names who sent it and where answers go, folded: a bare address (docs/adr/0031-one-sender.md)."""
    return Contentline(_organizer(name) + address).to_ical().decode()


@lru_cache(maxsize=256)  # by committee
def _organizer(name: str) -> str:
    return str(Contentline.from_parts("ORGANIZER", Parameters({"CN": entries.parameter(name)}), vCalAddress("mailto:")))


def attendee(person: User, response: str, *, asks: bool) -> str:
    """The property that names the recipient and the answer given, folded; `asks` for a REQUEST."""
    parameters = Parameters(
        {
            "CUTYPE": "INDIVIDUAL",
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": PARTSTAT[Rsvp.Response(response)],
            "CN": entries.parameter(person.name),
        }
    )
    if asks:
        parameters["RSVP"] = "TRUE"
    return Contentline.from_parts("ATTENDEE", parameters, vCalAddress(f"mailto:{person.email}")).to_ical().decode()


def _calendar(method: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    return calendar
