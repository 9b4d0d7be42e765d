"""The rows of a file as they stand in it, before anything is known about them. Nothing here needs Django: it runs in a child."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_ROWS = 100_000
MOST_COLUMNS = 500
LONGEST = 10_000  # letters of a cell

Rows = list[list[str]]
Span = tuple[int, int, int, int]  # first row, first column, last row, last column of merged cells, from 0


class Refused(Exception):
    """`reason` is a word that members.roster.reading.sheets has a sentence for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Table:
    """One sheet: `rows` from the first that a spreadsheet shows; `torn` are those with cells too many or too few for a text."""

    name: str
    rows: Rows
    encoding: str = ""
    delimiter: str = ""
    is_hidden: bool = False
    hidden: frozenset[int] = frozenset()
    merged: list[Span] = field(default_factory=list)
    torn: frozenset[int] = frozenset()


def checked(rows: Rows) -> Rows:
    """Without empty cells at the end of a row and empty rows at the end. Raises Refused for more than a list of people has."""
    for row in rows:
        while row and not row[-1].strip():
            row.pop()
        if len(row) > MOST_COLUMNS:
            raise Refused("wide")
        for at, cell in enumerate(row):
            if len(cell) > LONGEST:
                row[at] = cell[:LONGEST]
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) > MOST_ROWS:
        raise Refused("long")
    return rows
