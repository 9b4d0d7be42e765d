"""Minutes as a PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from committees.markdown import tree
from events.models import Minutes
from events.record.minutes.drafting import Document, Section
from members.pdfs.typesetting import pdf
from members.times import formats

TEMPLATE = Path(__file__).parent / "minutes.typ"


def stage_words(minutes: Minutes | None) -> str:
    """What they are worth: a draft, out for comment until a day, approved on a day and how."""
    if minutes is None or minutes.comments_until is None:
        return _("Draft, not approved")
    if minutes.approved_at is None:
        return _("Out for comment until %(day)s, not approved") % {"day": formats.day(minutes.comments_until)}
    how = {
        Minutes.Approval.SILENCE: _("Approved without objection on %(day)s"),
        Minutes.Approval.CALL: _("Approved by the committee on %(day)s"),
    }[Minutes.Approval(minutes.approval)]
    said = how % {"day": formats.day(minutes.approved_at)}
    if minutes.amended_at:
        said += _(", amended on %(day)s") % {"day": formats.day(minutes.amended_at)}
    return said


def pdf_of(document: Document, minutes: Minutes | None) -> bytes:
    return pdf(TEMPLATE, _words(document, minutes))


def _words(document: Document, minutes: Minutes | None) -> dict[str, Any]:
    heading = document.heading
    return {
        "title": heading.title,
        "committee": heading.committee,
        "line": heading.line,
        "stage": stage_words(minutes),
        "roll": [{"label": label, "names": names} for label, names in heading.roll],
        "sections": [_section(section, document) for section in document.numbered],
        "foot": _("Minutes: %(call)s, %(org)s") % {"call": heading.title, "org": settings.ORG_NAME},
        "page": _("Page"),
        "lang": (get_language() or "en").partition("-")[0],
    }


def _section(section: Section, document: Document) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    for part in section.parts:
        if fact := document.fact(part.fact):
            parts.append({"fact": {name: getattr(fact, name) for name in ("kind", "label", "words", "detail")}})
        elif part.text.strip():
            parts.append({"blocks": tree(part.text)})
    return {"heading": section.heading, "parts": parts}
