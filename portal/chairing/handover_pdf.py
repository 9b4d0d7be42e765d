"""The hand-over pack as a PDF: the lists of its page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.models import ActionItem, Meeting, RunningItem
from members.pdfs.typesetting import pdf
from members.times import formats
from members.times.clock import today
from portal.chairing.handover import Pack

TEMPLATE = Path(__file__).parent / "handover.typ"


def pdf_of(pack: Pack) -> bytes:
    kind = _("Hand-over pack, %(day)s") % {"day": formats.day(today())}
    return pdf(
        TEMPLATE,
        {
            "title": pack.committee.name,
            "purpose": pack.committee.purpose,
            "kind": kind,
            "org": settings.ORG_NAME,
            "foot": f"{pack.committee.name}: {kind}",
            "page": _("Page"),
            "lang": (get_language() or "en").partition("-")[0],
            "sections": [
                _section(_("Who to ask"), _people(pack)),
                _section(_("Calls"), _calls(pack), _("No call is set.")),
                _section(_("Open actions"), map(_action, pack.actions)),
                _section(
                    _("Decisions of the last year that stand"),
                    (_row(each.reference, each.motion, each) for each in pack.decisions),
                ),
                _section(_("Newest papers"), (_row(each.title, "", each) for each in pack.papers)),
            ],
        },
    )


def _section(heading: str, rows: Iterable[dict[str, Any]], none: str = "") -> dict[str, Any]:
    return {"heading": heading, "rows": list(rows), "none": none or _("None.")}


def _row(name: str, detail: str = "", page: Any = None, parts: Iterable[str] = ()) -> dict[str, Any]:
    url = settings.SITE_URL + page.get_absolute_url() if page else ""
    return {"name": name, "detail": detail, "url": url, "parts": list(parts)}


def _people(pack: Pack) -> Iterable[dict[str, Any]]:
    for each in pack.organizers:
        yield _row(each.user.name, _("staff organizer: anything about the portal, members and rules"))
    for each in pack.chairs:
        yield _row(each.user.name, ", ".join(filter(None, [each.get_role_display().lower(), each.office])))
    if settings.CONTACT_EMAIL:
        yield _row(_("Staff of the network"), settings.CONTACT_EMAIL)


def _calls(pack: Pack) -> Iterable[dict[str, Any]]:
    for series, rule in pack.series:
        yield _row(series.title, rule, series)
    for number, call in enumerate(pack.calls):
        yield _call(call, pack.agenda if number == 0 else [])


def _call(call: Meeting, agenda: list[RunningItem]) -> dict[str, Any]:
    return _row(call.title, formats.listed(call.starts_at), call, map(_item, agenda))


def _item(row: RunningItem) -> str:
    minutes = row.item.minutes
    return f"{row.item.title}, {formats.lasting(minutes)}" if minutes else row.item.title


def _action(action: ActionItem) -> dict[str, Any]:
    owner = action.owner_in_words or _("Nobody yet")
    if action.due_on is None:
        return _row(action.text, owner, action)
    detail = _("%(owner)s, by %(day)s") % {"owner": owner, "day": formats.day_short(action.due_on)}
    return _row(action.text, f"{detail} ({_('late')})" if action.is_late else detail, action)
