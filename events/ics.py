"""Calls as iCalendar; nothing else knows RFC 5545 (entries), 5546 (REQUEST and CANCEL) and 6047 (in mail).

Each call is one VEVENT in UTC under its own stable UID. In mail the organizer is the bare address of From, with a tag
that says whose answer to which call comes back there (members.tags), and the only attendee is the recipient: without
one Gmail shows no buttons, with all of them addresses leak.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress
from icalendar.parser import Contentline, Parameters

from events.models import Meeting, Rsvp
from members.models import User

REQUEST, CANCEL = "REQUEST", "CANCEL"
PRODID = "-//Portal//Calls//EN"
PARTSTAT = {
    Rsvp.Response.NEEDS_ACTION: "NEEDS-ACTION",
    Rsvp.Response.ACCEPTED: "ACCEPTED",
    Rsvp.Response.TENTATIVE: "TENTATIVE",
    Rsvp.Response.DECLINED: "DECLINED",
}


def download(meeting: Meeting, person: User | AnonymousUser) -> bytes:
    """The file behind "Add to calendar": no METHOD and no ATTENDEE, so that a calendar takes it as the person's own entry."""
    return _calendar(_event(meeting, dial_in=person.has_perm("events.join_meeting", meeting))).to_ical()


def invite(meeting: Meeting, method: str, *lines: str) -> str:
    """The calendar part of a mail about a call, but for organizer and attendee: their `lines` are left for whoever fills them."""
    event = _calendar(_event(meeting, dial_in=True), method).to_ical().decode()
    head, _end, tail = event.rpartition("END:VEVENT")
    return head + "".join(f"{line}\r\n" for line in lines) + f"END:VEVENT{tail}"


def organizer(name: str, address: str) -> str:
    """The property that names who sent it and where answers go, folded: a bare address, the one in From."""
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


def _calendar(event: Event, method: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    calendar.add_component(event)
    return calendar


def _event(meeting: Meeting, *, dial_in: bool) -> Event:
    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", timezone.now())
    event.add("dtstart", _utc(meeting.starts_at))
    event.add("dtend", _utc(meeting.ends_at))
    event.add("summary", f"{meeting.committee.name}: {meeting.title}")
    event.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    event.add("description", _description(meeting, dial_in))
    event.add("url", settings.SITE_URL + meeting.get_absolute_url())
    event.add("created", _utc(meeting.created_at))
    event.add("last-modified", _utc(meeting.updated_at))
    if meeting.video_url:
        event.add("location", settings.SITE_URL + reverse("meeting_join", args=[meeting.slug]))
    return event


def _description(meeting: Meeting, dial_in: bool) -> str:
    if meeting.is_cancelled:
        return meeting.cancel_reason
    lines = [
        meeting.summary,
        _("By phone: %s") % meeting.dial_in if dial_in and meeting.dial_in else "",
        _("Agenda and papers: %s") % (settings.SITE_URL + meeting.get_absolute_url()),
    ]
    return "\n\n".join(filter(None, lines))


def _parameter(text: str) -> str:
    """A parameter value may hold neither control characters nor a double quote (RFC 5545 section 3.2)."""
    return "".join("'" if sign == '"' else sign for sign in text if sign.isprintable())


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
