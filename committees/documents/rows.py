"""What a row of a list of papers says: fifty of these cost a tenth of fifty papers with committee, version and uploader."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from committees.models import Document

COLUMNS = (
    "pk",
    "title",
    "committee__name",
    "withdrawn_at",
    "latest__name",
    "latest__pages",
    "latest__uploaded_at",
    "latest__uploaded_by__name",
)


class PaperRow(NamedTuple):
    """In the order of COLUMNS; `among` is how many the list has, where the question says it."""

    pk: int
    title: str
    committee: str
    withdrawn_at: datetime | None
    file: str
    pages: int | None
    uploaded_at: datetime
    uploader: str | None
    among: int = 0
    for_next_call: bool = False

    @classmethod
    def of(cls, document: Document | PaperRow) -> PaperRow:
        if isinstance(document, PaperRow):
            return document
        latest: Any = document.latest  # lists hold only documents with a version
        uploader = latest.uploaded_by.name if latest.uploaded_by else None
        row = (document.pk, document.title, document.committee.name, document.withdrawn_at)
        shown = (latest.name, latest.pages, latest.uploaded_at, uploader)
        return cls(*row, *shown, for_next_call=bool(getattr(document, "for_next_call", False)))
