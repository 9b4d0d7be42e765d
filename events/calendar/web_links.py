"""Links into calendars on the web: one call to add, or the whole feed to subscribe to.

The words are those of the calendar file (events.calendar.ics) without the summary: an address has to stay short, and each stands on
the page of the call. Times are in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from events.calendar import feeds, ics
from events.models import Meeting

GOOGLE = "https://calendar.google.com/calendar"
OUTLOOK = {"work": "https://outlook.office.com/calendar/0", "home": "https://outlook.live.com/calendar/0"}


@dataclass(frozen=True)
class Link:
    name: str
    url: str


def adding(meeting: Meeting, *, dial_in: bool) -> list[Link]:
    """Pages of web calendars with the call filled in."""
    return [
        Link(_("Google Calendar"), _google(meeting, dial_in)),
        Link(_("Outlook, work or school"), _outlook("work", meeting, dial_in)),
        Link(_("Outlook.com"), _outlook("home", meeting, dial_in)),
    ]


def subscribing(address: str) -> dict[str, str]:
    """Pages of web calendars that ask whether to subscribe to the feed."""
    name = _("%(organization)s calls") % {"organization": settings.ORG_NAME}
    from_web = urlencode({"url": address, "name": name})
    return {
        "google": f"{GOOGLE}/render?{urlencode({'cid': feeds.webcal(address)})}",
        "work": f"{OUTLOOK['work']}/addfromweb?{from_web}",
        "home": f"{OUTLOOK['home']}/addfromweb?{from_web}",
    }


def _google(meeting: Meeting, dial_in: bool) -> str:
    values = {
        "action": "TEMPLATE",
        "text": ics.summary(meeting),
        "dates": f"{_utc(meeting.starts_at):%Y%m%dT%H%M%SZ}/{_utc(meeting.ends_at):%Y%m%dT%H%M%SZ}",
        "details": ics.ways_in(meeting, dial_in=dial_in),
        "location": ics.location(meeting),
    }
    return f"{GOOGLE}/render?{urlencode(values)}"


def _outlook(whose: str, meeting: Meeting, dial_in: bool) -> str:
    values = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": ics.summary(meeting),
        "startdt": f"{_utc(meeting.starts_at):%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{_utc(meeting.ends_at):%Y-%m-%dT%H:%M:%SZ}",
        "body": ics.ways_in(meeting, dial_in=dial_in),
        "location": ics.location(meeting),
    }
    return f"{OUTLOOK[whose]}/action/compose?{urlencode(values)}"


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
