"""Calls as iCalendar; nothing else knows RFC 5545 (entries), 5546 (REQUEST and CANCEL) and 6047 (in mail).

Each call is one VEVENT under its own stable UID: in mail in UTC, in somebody's own calendar by their clock, with the VTIMEZONE of
their zone (some programs show UTC an hour off on the evening before clocks change). In mail the organizer is the bare address of From,
with a tag that says whose answer to which call comes back there (members.mail.reply_addresses), and the only attendee is the
recipient: without one Gmail shows no buttons, with all of them addresses leak.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Component, Event, vCalAddress, vDuration, vText, vUri
from icalendar.parser import Contentline, Parameters

from committees.models import Committee
from committees.quilts import pick
from events.calendar import zones
from events.models import Meeting, Rsvp
from members.models import User
from members.text.phones import dial_url

REQUEST, CANCEL = "REQUEST", "CANCEL"
PRODID = "-//Portal//Calls//EN"
PARTSTAT = {
    Rsvp.Response.NEEDS_ACTION: "NEEDS-ACTION",
    Rsvp.Response.ACCEPTED: "ACCEPTED",
    Rsvp.Response.TENTATIVE: "TENTATIVE",
    Rsvp.Response.DECLINED: "DECLINED",
}
FACTS = (  # of a call, all that an entry says
    "uid",
    "slug",
    "sequence",
    "title",
    "summary",
    "starts_at",
    "ends_at",
    "video_url",
    "dial_in",
    "cancelled_at",
    "cancel_reason",
    "created_at",
    "updated_at",
)
COMMITTEE_FACTS = ("name", "slug", "quilt_hue")  # and of its committee
COLORS = {  # names of CSS3, all that COLOR may hold (RFC 7986 section 5.9), for the hues of quilt blocks
    "rust": "chocolate",
    "river": "steelblue",
    "pine": "seagreen",
    "plum": "purple",
    "teal": "teal",
    "indigo": "darkslateblue",
    "brick": "firebrick",
}
LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
REREAD = timedelta(hours=1)  # what programs are asked for; Google takes 8 to 24 hours all the same


def download(meeting: Meeting, person: User | AnonymousUser) -> bytes:
    """The file behind "Add to calendar": no METHOD and no ATTENDEE, so that a calendar takes it as the person's own entry."""
    calendar = _calendar()
    event = _event(meeting, dial_in=person.has_perm("events.join_meeting", meeting))
    if isinstance(person, User):
        year = meeting.starts_at.year
        _add_zone(calendar, person.zone, year - 1, year + 1)
        _say_by_clock(event, meeting, person.zone)
    calendar.add_component(event)
    return calendar.to_ical()


def invite(meeting: Meeting, method: str, *lines: str, alarm: int | None = None) -> str:
    """The calendar part of a mail about a call, but for organizer and attendee: their `lines` are left for whoever fills them.

    `alarm` is how many minutes before the start the reader's calendar calls, None for not.
    """
    event = _event(meeting, dial_in=True)
    if method != CANCEL:
        _add_alarm(event, meeting, alarm)
    return _mailed(event, method, lines)


def _mailed(event: Event, method: str, lines: Iterable[str]) -> str:
    calendar = _calendar(method)
    calendar.add_component(event)
    written = calendar.to_ical().decode()
    properties = written.find("BEGIN:VALARM\r\n")  # what is inside an entry stands after all that it says itself
    end = properties if properties >= 0 else written.rindex("END:VEVENT")
    return written[:end] + "".join(f"{line}\r\n" for line in lines) + written[end:]


def feed(
    meetings: Iterable[Meeting], name: str, zone: ZoneInfo, years: tuple[int, int], *, alarm: int | None = None
) -> bytes:
    """A person's calls as a calendar to subscribe to: the entries of the mails, without METHOD, ORGANIZER and ATTENDEE.

    `my_response` of each becomes STATUS: a calendar with neither organizer nor attendee is the person's own, and what
    they have not said yes to is tentative in it (RFC 5545 section 3.8.1.11). `zone` is theirs, and said for `years`.
    """
    calendar = _calendar()
    name = plain(name)
    calendar.add("name", name)  # RFC 7986, and before there was one:
    calendar["x-wr-calname"] = vText(name)
    calendar.add("refresh-interval", REREAD, {"VALUE": "DURATION"})
    calendar["x-published-ttl"] = vDuration(REREAD)
    _add_zone(calendar, zone, *years)
    for meeting in meetings:
        event = _own_entry(meeting)
        _say_by_clock(event, meeting, zone)
        _add_alarm(event, meeting, alarm)
        calendar.add_component(event)
    return calendar.to_ical()


def _add_zone(calendar: Calendar, zone: ZoneInfo, first: int, last: int) -> None:
    if written := zones.vtimezone(zone.key, first, last):
        calendar.add_component(Component.from_ical(written))


def _say_by_clock(event: Event, meeting: Meeting, zone: ZoneInfo) -> None:
    """Start and end as the clock in that zone shows them, where it shows them once."""
    moments = {"dtstart": meeting.starts_at, "dtend": meeting.ends_at}
    if zones.is_utc(zone, moments.values()):
        return
    for name, moment in moments.items():
        del event[name]
        event.add(name, moment.astimezone(zone))


def _add_alarm(event: Event, meeting: Meeting, minutes: int | None) -> None:
    if minutes is None or meeting.is_cancelled:
        return
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", plain(summary(meeting)))
    alarm.add("trigger", timedelta(minutes=-minutes))
    event.add_component(alarm)


def _own_entry(meeting: Meeting) -> Event:
    """As it stands: without METHOD, DTSTAMP is when it changed (RFC 5545 section 3.8.7.2), so equal facts give equal bytes."""
    event = _event(meeting, dial_in=True, stamped_at=meeting.updated_at)
    if meeting.is_cancelled:  # programs that show it do not all say so
        event["summary"] = vText(_("Canceled: %(title)s") % {"title": plain(summary(meeting))})
    elif meeting.my_response != Rsvp.Response.ACCEPTED:
        event["status"] = vText("TENTATIVE")
    return event


def withdrawal(meeting: Meeting, *lines: str) -> str:
    """CANCEL for one attendee of a call that stands: so without STATUS (RFC 5546 section 3.2.5), and without what is not theirs any more."""
    event = _event(meeting, dial_in=False)
    for name in ("status", "description", "location", "conference"):
        event.pop(name, None)
    return _mailed(event, CANCEL, lines)


def organizer(name: str, address: str) -> str:
    """The property that names who sent it and where answers go, folded: a bare address (docs/adr/0031-one-sender.md)."""
    return Contentline(_organizer(name) + address).to_ical().decode()


@lru_cache(maxsize=256)  # by committee
def _organizer(name: str) -> str:
    return str(Contentline.from_parts("ORGANIZER", Parameters({"CN": _parameter(name)}), vCalAddress("mailto:")))


def attendee(person: User, response: str, *, asks: bool) -> str:
    """The property that names the recipient and the answer given, folded; `asks` for a REQUEST."""
    parameters = Parameters(
        {
            "CUTYPE": "INDIVIDUAL",
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": PARTSTAT[Rsvp.Response(response)],
            "CN": _parameter(person.name),
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


def _event(meeting: Meeting, *, dial_in: bool, stamped_at: datetime | None = None) -> Event:
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", _utc(stamped_at or timezone.now()))
    event.add("dtstart", _utc(meeting.starts_at))
    event.add("dtend", _utc(meeting.ends_at))
    event.add("summary", plain(summary(meeting)))
    event.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    if words := plain(description(meeting, dial_in=dial_in)):  # libical takes an empty property for an error
        event.add("description", words)
    event.add("url", settings.SITE_URL + meeting.get_absolute_url())
    event.add("created", _utc(meeting.created_at))
    event.add("last-modified", _utc(meeting.updated_at))
    event.add("categories", [plain(meeting.committee.name)])
    event.add("color", color(meeting.committee))
    if meeting.video_url:
        event.add("location", location(meeting))
    if not meeting.is_cancelled:
        for uri in _conferences(meeting, dial_in=dial_in):
            event.add("conference", uri)
    return event


def _conferences(meeting: Meeting, *, dial_in: bool) -> list[vUri]:
    """The ways in as programs offer them by a button (RFC 7986 section 5.11): video, and a phone that types the code."""
    video, phone = location(meeting), dial_url(meeting.dial_in) if dial_in else ""
    service = meeting.video_service
    found = [
        (video, "VIDEO", _("Join on %s") % service if service else _("Join the call")),
        (phone.replace("#", "%23"), "PHONE", _("By phone: %s") % meeting.dial_in),  # "#" ends a URI
    ]
    return [
        vUri(uri, params=Parameters({"VALUE": "URI", "FEATURE": feature, "LABEL": _parameter(label)}))
        for uri, feature, label in found
        if uri
    ]


def color(committee: Committee) -> str:
    """That of its quilt block."""
    return COLORS[pick(committee.slug, hue=committee.quilt_hue)[1]]


def summary(meeting: Meeting) -> str:
    return f"{meeting.committee.name}: {meeting.title}"


def location(meeting: Meeting) -> str:
    """Our own address, so that a changed link still works; nothing without video."""
    return settings.SITE_URL + reverse("meeting_join", args=[meeting.slug]) if meeting.video_url else ""


def description(meeting: Meeting, *, dial_in: bool) -> str:
    if meeting.is_cancelled:
        return meeting.cancel_reason
    return "\n\n".join(filter(None, [meeting.summary, ways_in(meeting, dial_in=dial_in)]))


def ways_in(meeting: Meeting, *, dial_in: bool) -> str:
    """By phone, for those who may join, and the page of the call."""
    lines = [
        _("By phone: %s") % meeting.dial_in if dial_in and meeting.dial_in else "",
        _("Agenda and papers: %s") % (settings.SITE_URL + meeting.get_absolute_url()),
    ]
    return "\n\n".join(filter(None, lines))


def plain(text: str) -> str:
    """Without control characters, which TEXT may not hold (RFC 5545 section 3.3.11), and every line end the same."""
    return CONTROLS.sub("", LINE_END.sub("\n", text))


def _parameter(text: str) -> str:
    """A parameter value may hold neither control characters nor a double quote (RFC 5545 section 3.2)."""
    return "".join("'" if sign == '"' else sign for sign in text if sign.isprintable())


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
