"""A file that staff bring, as rows and cells: which of its sheets holds people, where the headings stand, what is below."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


class Unreadable(Exception):
    """The file cannot be read as a list; its words are a sentence for staff, with what to do."""


@dataclass(frozen=True)
class Line:
    """One row of the file. `number` is the one a spreadsheet shows; `cells` has one for each heading, and those beyond."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The list in a file: the headings, and every line below them with blank lines, totals and notes.

    `name`, `encoding` and `delimiter` say how it was read, "" where that means nothing. `heading_row` is 0 for a file
    without headings: each of `headings` is then "". `hidden` are the indexes of columns that the spreadsheet hides.
    """

    name: str
    encoding: str
    delimiter: str
    heading_row: int
    headings: tuple[str, ...]
    lines: list[Line]
    hidden: frozenset[int] = frozenset()


def read_sheet(path: Path, filename: str) -> Sheet:
    """The list in the file at `path`, which people call `filename`. Raises Unreadable."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    if not rows:
        raise Unreadable("The file is empty.")
    lines = [Line(number, tuple(cells)) for number, cells in enumerate(rows[1:], 2)]
    return Sheet("", "utf-8", ",", 1, tuple(rows[0]), lines)
