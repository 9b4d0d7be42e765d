"""The page of an agenda book, where it is asked for and seen growing, and the book itself.

Both find out anew what the reader may read and give the book with just that, so that a book never says more to anybody
than the agenda and the pages of its papers do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from committees.documents.sending import SEALED
from events.book import building
from events.book.contents import contents
from events.models import Book, Meeting
from events.views.finding import find_meeting
from events.views.meetings import agenda_for
from members.web.acts import page_or_post
from members.web.fragments import page_or_fragment, wants_fragment
from members.web.once import once
from members.web.pages import page_at


@dataclass
class BookPage:
    """The book of a call as one reader may have it; no contents as long as there is no agenda to read."""

    meeting: Meeting
    contents: dict[str, Any] | None
    book: Book | None

    @property
    def state(self) -> str:
        """ "no_agenda", "none" (nobody asked for it as it is now), "waits", "grows", "ready" or "failed"."""
        if self.contents is None:
            return "no_agenda"
        if self.book is None or (self.book.built_at and not self.book.is_there):
            return "none"
        if self.book.built_at:
            return "ready"
        if self.book.failed_at:
            return "failed"
        return "grows" if self.book.tries else "waits"

    @property
    def mark(self) -> str:
        """What a page that polls shows: as long as nothing changed it is left alone, and says nothing aloud."""
        return f"{self.state}-{self.book.done if self.book else 0}"

    @property
    def is_awaited(self) -> bool:
        return self.state in ("waits", "grows")

    @property
    def papers(self) -> int:
        return len(self.contents["papers"]) if self.contents else 0


def _find(request: HttpRequest, slug: str) -> BookPage:
    meeting = find_meeting(request, slug, "events.see_answers")
    agenda = agenda_for(request.user, meeting, unpublished=request.user.has_perm("events.run_meeting", meeting))
    if not agenda:
        return BookPage(meeting, None, None)
    found = contents(meeting, agenda, meeting.committee.chairs())
    return BookPage(meeting, found, Book.of(meeting, found))


@page_or_post
def meeting_book(request: HttpRequest, slug: str) -> HttpResponse:
    """Looking asks for nothing; the button does, once for everybody who reads the same."""
    page = _find(request, slug)
    if request.method == "POST":
        return once(request, partial(_ask, page), keyless=False)
    if wants_fragment(request) and request.GET.get("seen") == page.mark:
        return HttpResponse(status=204)
    context = {
        **page_at("calls", back=page.meeting),
        "page": page,
        "meeting": page.meeting,
        "committee": page.meeting.committee,
        "book": page.book,
    }
    return page_or_fragment(request, "events/meeting_book.html", context, "book")


def _ask(page: BookPage) -> HttpResponse:
    if page.contents is not None:
        Book.ask(page.meeting, page.contents)
        transaction.on_commit(building.ask_to_build, robust=True)
    return redirect("meeting_book", slug=page.meeting.slug)


@require_safe
def meeting_book_pdf(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The book, or the page that it is asked for on."""
    page = _find(request, slug)
    if page.book is None or page.state != "ready":
        return redirect("meeting_book", slug=slug)
    try:
        file = page.book.path.open("rb")
    except FileNotFoundError:
        return redirect("meeting_book", slug=slug)
    name = f"agenda-book-{page.meeting.slug}.pdf"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/pdf")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SEALED
    return response
