"""Documents in lists."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from types import SimpleNamespace

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import get_language

from committees.documents.rows import PaperRow
from committees.models import Document, DocumentVersion
from members.web import stencils
from portal.templatetags.times import when_date
from portal.templatetags.ui import document_icon

register = template.Library()


@register.simple_tag
def document_row(document: Document | PaperRow, in_library: bool = False) -> SafeString:
    """A document with its committee and latest version; `in_library` names the committee."""
    return mark_safe(_row(PaperRow.of(document), in_library, *_reader()))  # noqa: S308 (each value is escaped in `_row`)


@register.simple_tag
def document_rows(documents: Sequence[Document | PaperRow], in_library: bool = False) -> SafeString:
    """The same for each of a list, as its items."""
    reader = _reader()
    rows = [f"<li>{_row(PaperRow.of(document), in_library, *reader)}</li>" for document in documents]
    return mark_safe("".join(rows))  # noqa: S308 (each value is escaped in `_row`)


def _reader() -> tuple[str, tzinfo, int]:
    """What the words of a row depend on beside the paper: language, zone and the year it is."""
    return get_language() or "", get_current_timezone(), localdate().year


def _row(paper: PaperRow, in_library: bool, language: str, zone: tzinfo, year: int) -> str:
    extension, extent = _of_file(paper.file, paper.pages, language)
    state = (paper.for_next_call, paper.withdrawn_at is not None, bool(paper.uploader), bool(extent))
    values = {
        "number": str(paper.pk),
        "icon": document_icon(extension),
        "title": escape(paper.title),
        "committee": escape(paper.committee),
        "uploader": escape(paper.uploader) if paper.uploader else "",
        "uploaded": _uploaded(paper.uploaded_at, zone, language, year),
        "extent": extent,
    }
    return stencils.fill(_stencil(language, in_library, *state), values)


@lru_cache(maxsize=4096)
def _of_file(name: str, pages: int | None, language: str) -> tuple[str, str]:
    """What is said of its kind and of its length, escaped."""
    version = DocumentVersion(name=name, pages=pages)
    return version.extension, escape(version.extent)


@lru_cache(maxsize=4096)
def _uploaded(moment: datetime, zone: tzinfo, language: str, year: int) -> str:
    """The same for everybody in a zone, until the year ends."""
    return when_date(moment)


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
