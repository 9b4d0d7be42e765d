"""Builds agenda books in a worker, one at a time: cover and agenda are typeset, papers opened in child processes, all bound.

The process itself holds no paper: their pages go from file to file in the book's own folder, which the next try empties
first. A paper that can't be in the book has a page there that names and links it.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _
from pypdf import PdfReader

from committees.documents import binding, space
from committees.models import DocumentVersion
from events.models import Book
from events.models.books import PLACE
from members.mail.wakeup import wake
from members.pdfs.typesetting import pdf

FRONT, LINKED = (Path(__file__).with_name(name) for name in ("front.typ", "linked.typ"))
MOST_BYTES = 80 * 1024 * 1024  # of papers in one book
MOST_PAGES = 2_000
SECONDS = 100  # for the papers of one book; with a last paper and the binding it stays under the limit of a task
LOST_AFTER = 24 * 60 * 60  # seconds until a folder that no row knows is thrown away

logger = logging.getLogger(__name__)


def ask_to_build() -> None:
    wake("events.tasks.build_book")


def build_next() -> bool:
    """The sweep: what outlived itself goes, one book is built, and the next is asked for. False when none waited."""
    forget()
    if book := Book.claim():
        _try(book)
    Book.objects.spent().update(failed_at=Now())
    if book and Book.objects.to_build().exists():
        ask_to_build()
    return book is not None


def forget() -> None:
    """Books that are kept no longer, and folders of calls that are gone."""
    for book in Book.objects.outlived():
        shutil.rmtree(book.folder, ignore_errors=True)
        book.delete()
    place = Path(settings.MEDIA_ROOT) / PLACE
    old = [each for each in place.glob("*") if each.stat().st_mtime < time.time() - LOST_AFTER]
    known = {key.hex for key in Book.objects.values_list("key", flat=True)} if old else set()
    for each in old:
        if each.name not in known:
            shutil.rmtree(each, ignore_errors=True)


def _try(book: Book) -> None:
    try:
        with translation.override(book.contents["lang"]):
            build(book)
    except Exception:  # whatever it is, it ends this try and nothing else
        logger.exception("Book %s could not be built", book.pk)
        book.put_back()


# One book ---------------------------------------------------------------------------------------


@dataclass
class Paper:
    """A paper of the book: its pages in `file`, or `why` it is only linked."""

    words: dict[str, Any]
    file: Path
    pages: int = 0
    why: str = ""
    begins: int = 0

    @property
    def size(self) -> int:
        return self.file.stat().st_size if self.pages else 0

    def leave_out(self, why: str) -> None:
        self.file.unlink(missing_ok=True)
        self.pages, self.why = 0, why


@dataclass
class Build:
    book: Book
    folder: Path
    papers: list[Paper] = field(default_factory=list)
    ends_at: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    @property
    def words(self) -> dict[str, Any]:
        return self.book.contents

    @property
    def linked(self) -> list[Paper]:
        return [paper for paper in self.papers if not paper.pages]


def build(book: Book) -> bool:
    """Build a book that is in hand; False when it was another's before it was ready."""
    shutil.rmtree(book.folder, ignore_errors=True)
    work = book.folder / f"try-{book.tries}"
    work.mkdir(parents=True)
    space.check_disk(3 * sum(paper["size"] for paper in book.papers))  # the papers, their pages and the book
    made = Build(book, work)
    for number, words in enumerate(book.papers):
        made.papers.append(_paper(made, number, words))
        if not book.step(number + 1):
            return False
    pages = _bind(made)
    os.replace(work / "book.pdf", book.path)
    shutil.rmtree(work, ignore_errors=True)
    return book.finish(pages=pages, size=book.path.stat().st_size, linked=len(made.linked))


def _paper(made: Build, number: int, words: dict[str, Any]) -> Paper:
    paper = Paper(words, made.folder / f"{number}.pdf")
    bytes_left = MOST_BYTES - sum(each.size for each in made.papers)
    pages_left = MOST_PAGES - sum(each.pages for each in made.papers)
    if not words["is_pdf"]:
        paper.why = _("It is no PDF (%(kind)s).") % {"kind": words["kind"]}
    elif words["size"] > bytes_left:
        paper.why = _too_large()
    elif time.monotonic() > made.ends_at:
        paper.why = _("Reading it would have taken too long.")
    else:
        _read(paper)
        if paper.pages > pages_left or paper.size > bytes_left:
            paper.leave_out(_too_large())
    return paper


def _read(paper: Paper) -> None:
    version = DocumentVersion.objects.defer("text").filter(pk=paper.words["version"]).first()
    try:
        if version is None:
            raise FileNotFoundError
        with version.file.open("rb") as file:
            paper.pages = binding.pages(file, paper.file)
    except FileNotFoundError:
        paper.leave_out(_("The file is gone."))
    except binding.Unbound as unbound:
        paper.leave_out(str(unbound))


def _too_large() -> str:
    return _("The book would be too large with it.")


# Binding ----------------------------------------------------------------------------------------


def _bind(made: Build) -> int:
    """All that fits: where one process can't hold the papers together, the largest is left out and it tries again."""
    while True:
        wanted = _wanted(made)
        try:
            return binding.bind(wanted, made.folder / "book.pdf")
        except binding.Unbound:
            largest = max(made.papers, key=lambda paper: paper.size, default=None)
            if largest is None or not largest.pages or not made.book.step(len(made.papers)):
                raise
            largest.leave_out(_too_large())


def _wanted(made: Build) -> dict[str, Any]:
    files = [made.folder / "front.pdf"]
    linked = made.folder / "linked"
    linked.mkdir(exist_ok=True)
    _set_front(made, files[0])
    for number, paper in enumerate(made.papers):
        files.append(paper.file if paper.pages else _linked(made, paper, linked / f"{number}.pdf"))
    return {
        "files": [str(file) for file in files],
        "title": f"{made.words['title']}: {_('Agenda book')}",
        "author": made.words["committee"],
        "lang": made.words["lang"],
        # Translators: the number of a page in the agenda book and of how many
        "label": _("%(n)s of %(all)s"),
        "bookmarks": _bookmarks(made),
    }


def _set_front(made: Build, file: Path) -> None:
    """Until it is as long as the numbers in it say: the first time that is not known."""
    length = 0
    for _time in range(4):
        _place(made, after=length)
        _front(made, file)
        known, length = length, len(PdfReader(file).pages)
        if known == length:
            break


def _place(made: Build, *, after: int) -> None:
    for paper in made.papers:
        paper.begins = after + 1
        after += paper.pages or 1


def _front(made: Build, file: Path) -> None:
    begins = {str(paper.words["paper"]): paper.begins for paper in made.papers}
    titles = {str(paper.words["paper"]): paper.words["title"] for paper in made.papers}
    said = {
        "book": _("Agenda book"),
        "agenda": _("Agenda"),
        "chairs_are": _("Co-chairs"),
        "ends_at": _("Ends"),
        "page": _("page"),
        "decision": _("Decision"),
        "latest": _("Papers and the latest agenda:"),
        "private": _("For committee members; don’t pass it on."),
    }
    file.write_bytes(pdf(FRONT, made.words | {"said": said, "begins": begins, "titles": titles}))


def _linked(made: Build, paper: Paper, file: Path) -> Path:
    said = {
        "over": _("A paper that is not in this book"),
        "item": made.words["items"][paper.words["item"] - 1]["title"],
        "opens": _("Open it on the portal:"),
    }
    file.write_bytes(pdf(LINKED, paper.words | {"why": paper.why, "said": said, "lang": made.words["lang"]}))
    return file


def _bookmarks(made: Build) -> list[dict[str, Any]]:
    """Cover, agenda, and each item that brings papers with these below it."""
    marks: list[dict[str, Any]] = [{"title": made.words["title"], "page": 1}, {"title": _("Agenda"), "page": 2}]
    item, within = 0, 0
    for paper in made.papers:
        if paper.words["item"] != item:
            item, within = paper.words["item"], len(marks)
            marks.append({"title": f"{item}. {made.words['items'][item - 1]['title']}", "page": paper.begins})
        marks.append({"title": paper.words["title"], "page": paper.begins, "within": within})
    return marks
