"""What leaves an import as a file: the plan, and the rows that were not taken. No cell of them runs as a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.text import slugify

from members.models import Import, ImportRow, Jurisdiction
from members.roster.importing.words import places_in, sentence, told_changes
from members.web.tables import MARK, defused

PLAN = ["row", "outcome", "reason", "member", "into", "name", "email", "phone", "office", "jurisdiction", "state", "term_ends", "changes"]  # fmt: skip
AT_ONCE = 1000
NUMBER = re.compile(r"\+\d{7,15}")


def plan_csv(imported: Import, *, marked: bool) -> HttpResponse:
    """`marked` for spreadsheets; programs read it without."""
    rows = imported.rows_of.order_by("number").only(
        "number", "outcome", "reason", "member", "into", "person", "choices", "choice", "safe"
    )
    return _file(f"{_stem(imported)}-plan.csv", _plan_lines(rows.iterator(chunk_size=AT_ONCE)), marked=marked)


def _plan_lines(rows: Iterable[ImportRow]) -> Iterator[list[Any]]:
    yield list(PLAN)
    left = iter(rows)
    while batch := list(islice(left, AT_ONCE)):
        places = {each.pk: str(each) for each in Jurisdiction.objects.filter(pk__in=places_in(batch))}
        for row in batch:
            yield _plan_line(row, places)


def _plan_line(row: ImportRow, places: dict[int, str]) -> list[Any]:
    person = row.person
    shown = row.will_do or next(iter(row.choices), None) or {"changes": []}
    changes = "; ".join(
        f"{field}: {before} → {after}" if before else f"{field}: {after}"
        for field, before, after in told_changes(shown["changes"], places)
    )
    place = places.get(person.get("jurisdiction") or 0, person.get("place", ""))
    into = f"row {row.into}" if row.into else ""
    facts = [person.get(name, "") for name in ("name", "email", "phone", "office")]
    ends = person.get("ended_on") or ""
    return [
        row.number,
        row.outcome,
        row.reason,
        row.member_id or "",
        into,
        *facts,
        place,
        person.get("state", ""),
        ends,
        changes,
    ]


def failed_csv(imported: Import) -> HttpResponse:
    """In the columns of the list, with what is wrong as one more, which an import leaves out."""
    rows = (
        imported.rows_of.not_taken()
        .order_by("number")
        .only("number", "reason", "done_reason", "value", "into", "cells")
    )
    return _file(f"{_stem(imported)}-not-imported.csv", _failed_lines(imported, rows.iterator(chunk_size=AT_ONCE)))


def _failed_lines(imported: Import, rows: Iterable[ImportRow]) -> Iterator[list[Any]]:
    headings = list(imported.sheet.get("headings", []))
    yield [*headings, "What is wrong"]
    for row in rows:
        cells = [*row.cells, *[""] * (len(headings) - len(row.cells))]
        yield [*cells, sentence(row.done_reason or row.reason, row)]


class _Line:
    """A file of one line, for csv to write to."""

    def write(self, text: str) -> str:
        return text


def _file(name: str, lines: Iterable[list[Any]], *, marked: bool = True) -> HttpResponse:
    writer = csv.writer(_Line())
    content = (writer.writerow([inert(cell) for cell in line]) for line in lines)
    response = StreamingHttpResponse(_with_mark(content) if marked else content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast(HttpResponse, response)  # guards of pages know no other kind, and do the same with this one


def _with_mark(content: Iterable[str]) -> Iterator[str]:
    yield MARK
    yield from content


def inert(cell: Any) -> Any:
    """As `defused`, but for a telephone number: a spreadsheet shows it as one."""
    return cell if isinstance(cell, str) and NUMBER.fullmatch(cell) else defused(cell)


def _stem(imported: Import) -> str:
    return slugify(imported.name.rpartition(".")[0] or imported.name)[:60] or "import"
