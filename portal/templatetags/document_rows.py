"""Documents in lists."""

from datetime import datetime, tzinfo
from functools import lru_cache
from types import SimpleNamespace

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import get_language

from committees.models import Document, DocumentVersion
from members.web import stencils
from portal.templatetags.times import when_date
from portal.templatetags.ui import document_icon

register = template.Library()


@register.simple_tag
def document_row(document: Document, in_library: bool = False) -> SafeString:
    """A document with its committee and latest version; `in_library` names the committee."""
    parts = _stencil(get_language() or "", in_library, *_state(document))
    return mark_safe(stencils.fill(parts, _values(document)))  # noqa: S308 (each value is escaped in `_values`)


def _state(document: Document) -> tuple[bool, ...]:
    version = _latest(document)
    for_next_call = getattr(document, "for_next_call", False)
    return for_next_call, document.withdrawn_at is not None, bool(version.uploaded_by), bool(version.extent)


def _values(document: Document) -> dict[str, str]:
    version = _latest(document)
    return {
        "number": str(document.pk),
        "icon": document_icon(version.extension),
        "title": escape(document.title),
        "committee": escape(document.committee.name),
        "uploader": escape(version.uploaded_by.name) if version.uploaded_by else "",
        "uploaded": _uploaded(version.uploaded_at, get_current_timezone(), get_language() or "", localdate().year),
        "extent": escape(version.extent),
    }


@lru_cache(maxsize=4096)
def _uploaded(moment: datetime, zone: tzinfo, language: str, year: int) -> str:
    """The same for everybody in a zone, until the year ends."""
    return when_date(moment)


def _latest(document: Document) -> DocumentVersion:
    assert document.latest  # lists hold only documents with a version
    return document.latest


@lru_cache(maxsize=128)
def _stencil(
    language: str, in_library: bool, for_next_call: bool, withdrawn: bool, uploaded_by: bool, extent: bool
) -> list[str]:
    marks = stencils.marks("icon", "title", "committee", "uploader", "uploaded", "extent")
    document = {"pk": stencils.NUMBER, "for_next_call": for_next_call, "withdrawn_at": withdrawn}
    known = {"uploader": uploaded_by, "extent": extent, "committee": in_library}
    shown = marks | {name: marks[name] if there else "" for name, there in known.items()}
    row = render_to_string("committees/_document_row.html", {**shown, "document": SimpleNamespace(**document)})
    return stencils.cut(row, number="number")
