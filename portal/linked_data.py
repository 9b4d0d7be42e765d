"""What search engines are told about a page, as data beside it (schema.org in JSON-LD)."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from committees.models import Publication
from events.models import Meeting

CONTEXT = {"@context": "https://schema.org"}


def organization() -> dict[str, str]:
    return {"@type": "Organization", "name": settings.ORG_NAME, "url": f"{settings.SITE_URL}/"}


def article(publication: Publication) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@type": "Report" if publication.type == Publication.Type.REPORT else "Article",
        "headline": publication.title,
        "description": publication.summary,
        "datePublished": publication.dated_on.isoformat(),
        "mainEntityOfPage": settings.SITE_URL + publication.get_absolute_url(),
        "publisher": organization(),
        "author": {"@type": "Person", "name": publication.byline} if publication.byline else organization(),
    }
    if publication.picture:
        told["image"] = settings.SITE_URL + publication.picture.largest
    if publication.external_url:
        told["isBasedOn"] = publication.external_url
    return CONTEXT | told


def event(call: Meeting) -> dict[str, Any]:
    """A call that its chair made public; how to join it is nobody's but its members'."""
    place = settings.SITE_URL + call.committee.get_absolute_url()
    return CONTEXT | {
        "@type": "Event",
        "name": call.title,
        "startDate": call.starts_at.isoformat(),
        "endDate": call.ends_at.isoformat(),
        "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
        "eventStatus": "https://schema.org/EventScheduled",
        "location": {"@type": "VirtualLocation", "url": place},
        "organizer": organization(),
        "url": place,
    }
