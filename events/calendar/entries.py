"""One call as one entry (VEVENT) of a calendar: when, what, and the ways in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Event, vText, vUri
from icalendar.parser import Parameters

from committees.models import Committee
from committees.quilts import pick
from events.calendar import zones
from events.models import Meeting, Rsvp
from members.text.phones import dial_url

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
CONFIRMED, TENTATIVE = "CONFIRMED", "TENTATIVE"
DATE_FACTS = ("series_id", "original_start")  # of a call of a series, which date of it this is
SERIES_FACTS = (  # and of the series
    "uid",
    "key",
    "sequence",
    "title",
    "summary",
    "local_date",
    "local_time",
    "fold",
    "timezone",
    "duration",
    "rule",
    "exceptions",
    "video_url",
    "dial_in",
    "created_at",
    "updated_at",
    "paused_at",
    "ended_at",
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


class Told(Protocol):
    """What an entry is made of: a call, or what the calls of a series have in common (events.calendar.series)."""

    uid: str
    sequence: int
    title: str
    summary: str
    starts_at: datetime
    ends_at: datetime
    video_url: str
    dial_in: str
    cancel_reason: str
    created_at: datetime
    updated_at: datetime

    @property
    def committee(self) -> Committee: ...
    @property
    def is_cancelled(self) -> bool: ...
    @property
    def video_service(self) -> str: ...
    @property
    def join_path(self) -> str: ...
    def get_absolute_url(self) -> str: ...


def entry(meeting: Told, *, dial_in: bool, stamped_at: datetime | None = None) -> Event:
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", utc(stamped_at or timezone.now()))
    event.add("dtstart", utc(meeting.starts_at))
    event.add("dtend", utc(meeting.ends_at))
    event.add("summary", plain(summary(meeting)))
    event.add("status", "CANCELLED" if meeting.is_cancelled else CONFIRMED)
    if words := plain(description(meeting, dial_in=dial_in)):  # libical takes an empty property for an error
        event.add("description", words)
    event.add("url", settings.SITE_URL + meeting.get_absolute_url())
    event.add("created", utc(meeting.created_at))
    event.add("last-modified", utc(meeting.updated_at))
    event.add("categories", [plain(meeting.committee.name)])
    event.add("color", color(meeting.committee))
    if meeting.video_url:
        event.add("location", location(meeting))
    if not meeting.is_cancelled:
        for uri in _conferences(meeting, dial_in=dial_in):
            event.add("conference", uri)
    return event


def _conferences(meeting: Told, *, dial_in: bool) -> list[vUri]:
    """The ways in as programs offer them by a button (RFC 7986 section 5.11): video, and a phone that types the code."""
    video, phone = location(meeting), dial_url(meeting.dial_in) if dial_in else ""
    service = meeting.video_service
    found = [
        (video, "VIDEO", _("Join on %s") % service if service else _("Join the call")),
        (phone.replace("#", "%23"), "PHONE", _("By phone: %s") % meeting.dial_in),  # "#" ends a URI
    ]
    return [
        vUri(uri, params=Parameters({"VALUE": "URI", "FEATURE": feature, "LABEL": parameter(label)}))
        for uri, feature, label in found
        if uri
    ]


def color(committee: Committee) -> str:
    """That of its quilt block."""
    return COLORS[pick(committee.slug, hue=committee.quilt_hue)[1]]


def summary(meeting: Told) -> str:
    return f"{meeting.committee.name}: {meeting.title}"


def location(meeting: Told) -> str:
    """Our own address, so that a changed link still works; nothing without video."""
    return settings.SITE_URL + meeting.join_path if meeting.video_url else ""


def description(meeting: Told, *, dial_in: bool) -> str:
    if meeting.is_cancelled:
        return meeting.cancel_reason
    return "\n\n".join(filter(None, [meeting.summary, ways_in(meeting, dial_in=dial_in)]))


def ways_in(meeting: Told, *, dial_in: bool) -> str:
    """By phone, for those who may join, and the page of the call."""
    lines = [
        _("By phone: %s") % meeting.dial_in if dial_in and meeting.dial_in else "",
        _("Agenda and papers: %s") % (settings.SITE_URL + meeting.get_absolute_url()),
    ]
    return "\n\n".join(filter(None, lines))


def plain(text: str) -> str:
    """Without control characters, which TEXT may not hold (RFC 5545 section 3.3.11), and every line end the same."""
    return CONTROLS.sub("", LINE_END.sub("\n", text))


def parameter(text: str) -> str:
    """A parameter value may hold neither control characters nor a double quote (RFC 5545 section 3.2)."""
    return "".join("'" if sign == '"' else sign for sign in text if sign.isprintable())


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def own_entry(meeting: Meeting) -> Event:
    """As it stands: without METHOD, DTSTAMP is when it changed (RFC 5545 section 3.8.7.2), so equal facts give equal bytes."""
    event = entry(meeting, dial_in=True, stamped_at=meeting.updated_at)
    if meeting.is_cancelled:  # programs that show it do not all say so
        event["summary"] = vText(_("Canceled: %(title)s") % {"title": plain(summary(meeting))})
    else:
        event["status"] = vText(status(meeting))
    return event


def status(meeting: Meeting) -> str:
    """In one's own calendar: what one has not said yes to is tentative."""
    return CONFIRMED if meeting.my_response == Rsvp.Response.ACCEPTED else TENTATIVE


def say_by_clock(event: Event, meeting: Told, zone: ZoneInfo) -> None:
    """Start and end as the clock in that zone shows them, where it shows them once."""
    moments = {"dtstart": meeting.starts_at, "dtend": meeting.ends_at}
    if zones.is_utc(zone, moments.values()):
        return
    for name, moment in moments.items():
        del event[name]
        event.add(name, moment.astimezone(zone))


def add_alarm(event: Event, meeting: Told, minutes: int | None) -> None:
    if minutes is None or meeting.is_cancelled:
        return
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", plain(summary(meeting)))
    alarm.add("trigger", timedelta(minutes=-minutes))
    event.add_component(alarm)
