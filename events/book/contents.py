"""What the agenda book of a call holds for one reader: the agenda and the papers of its page, asked for as that page does.

Everything that the book says is here, in words, so that two readers with the same contents share one book.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from committees.models import Document
from committees.models.versions import PDF
from events.models import AgendaItem, Meeting, RunningItem
from events.models.agendas import call_end
from members.times import formats

PRINTED = ("E", "P")  # first letters of EST and EDT, PST and PDT


def contents(meeting: Meeting, agenda: list[RunningItem], chairs: Iterable[Any]) -> dict[str, Any]:
    """Of a call with an agenda, whose papers are those that the reader may open. Times are the call's own."""
    with timezone.override(ZoneInfo(meeting.timezone)):
        return {
            "title": meeting.title,
            "committee": " · ".join(str(each) for each in (meeting.committee, *meeting.sharing())),
            "org": settings.ORG_NAME,
            "when": _when(meeting),
            "elsewhere": _elsewhere(meeting),
            "state": _("This call is canceled.") if meeting.is_cancelled else "",
            "chairs": [chair.name for chair in chairs],
            "items": [_item(number, row) for number, row in enumerate(agenda, 1)],
            "ends": _clock(call_end(agenda, meeting)),
            "address": settings.SITE_URL + meeting.get_absolute_url(),
            "papers": _papers(agenda),
            "lang": (get_language() or "en").partition("-")[0],
        }


def _when(meeting: Meeting) -> str:
    """With the year, whichever it is: a book is kept."""
    # Translators: Django date format, for the cover of a book
    day = date_format(localtime(meeting.starts_at), pgettext("date format", "l, F j, Y"))
    return f"{day}, {formats.hours(meeting.starts_at, meeting.duration)}"


def _elsewhere(meeting: Meeting) -> list[str]:
    zones = formats.other_zones(meeting.starts_at)
    return [f"{zone.clock} {zone.letters}" for zone in zones if zone.letters[:1] in PRINTED]


def _item(number: int, row: RunningItem) -> dict[str, Any]:
    item = row.item
    return {
        "number": number,
        "title": item.title,
        "kind": str(item.get_kind_display()),
        "decides": item.kind == AgendaItem.Kind.DECISION,
        "starts": _clock(row.starts_at),
        "lasts": formats.lasting(item.minutes) if item.minutes else "",
        "who": item.presenters,
        "words": item.description,
        "papers": [paper.pk for paper in _of(item)],
    }


def _papers(agenda: list[RunningItem]) -> list[dict[str, Any]]:
    """In the order of the items; one that several bring stands with the first."""
    found: dict[int, dict[str, Any]] = {}
    for number, row in enumerate(agenda, 1):
        for paper in _of(row.item):
            found.setdefault(paper.pk, _paper(paper, number))
    return list(found.values())


def _of(item: AgendaItem) -> list[Document]:
    """Withdrawn papers are nobody's, though staff still find them."""
    return [paper for paper in item.papers.all() if paper.withdrawn_at is None and paper.latest is not None]


def _paper(paper: Document, item: int) -> dict[str, Any]:
    assert paper.latest is not None
    return {
        "paper": paper.pk,
        "version": paper.latest_id,
        "title": paper.title,
        "item": item,
        "address": settings.SITE_URL + paper.get_absolute_url(),
        "is_pdf": paper.latest.content_type == PDF,
        "kind": paper.latest.extension,
        "size": paper.latest.size,
    }


def _clock(moment: Any) -> str:
    return formats.bare(moment) if moment else ""
