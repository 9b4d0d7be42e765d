"""Links into calendars on the web: one call to add, or the whole feed to subscribe to.

The words are those of the calendar file (events.calendar.ics) without the summary: an address has to stay short, and each stands on
the page of the call. Times are in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from events.calendar import entries, feeds
from events.models import Meeting

GOOGLE = "https://calendar.google.com/calendar"
OUTLOOK = {"work": "https://outlook.office.com/calendar/0", "home": "https://outlook.live.com/calendar/0"}


@dataclass(frozen=True)
class Link:
    name: str
    url: str


def adding(meeting: Meeting, *, dial_in: bool) -> list[Link]:
    """Pages of web calendars with the call filled in."""
    title, ways_in, place = (
        entries.summary(meeting),
        entries.ways_in(meeting, dial_in=dial_in),
        entries.location(meeting),
    )
    starts, ends = (moment.astimezone(UTC) for moment in (meeting.starts_at, meeting.ends_at))
    google = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{starts:%Y%m%dT%H%M%SZ}/{ends:%Y%m%dT%H%M%SZ}",
        "details": ways_in,
        "location": place,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": f"{starts:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
        "body": ways_in,
        "location": place,
    }
    compose = f"action/compose?{urlencode(outlook)}"
    return [
        Link(_("Google Calendar"), f"{GOOGLE}/render?{urlencode(google)}"),
        Link(_("Outlook, work or school"), f"{OUTLOOK['work']}/{compose}"),
        Link(_("Outlook.com"), f"{OUTLOOK['home']}/{compose}"),
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
