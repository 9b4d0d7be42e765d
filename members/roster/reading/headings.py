"""Where in a table the headings stand, which of several sheets holds people, and what two rows of headings say together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from members.roster.reading.heading_words import field_of, is_known, spelled
from members.roster.reading.tables import Rows, Span, Table

FIRST_ROWS = 60  # within which headings are looked for
ADDRESS = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[A-Za-z]")
VALUE = re.compile(r"@|\d{3}[-. )]+\d{3}|\d{5,}|\d{1,4}[-/]\d{1,2}[-/]\d{1,4}|^-?\d+(?:\.\d+)?$|^https?:")
WITHIN_TWO_ROWS = frozenset(
    re.findall(
        r"\w+",
        "first last middle given family start starts end ends begin begins from to name names title number no type email mail phone"
        " cell mobile work home office street city state zip county district seat ward level suffix prefix expires",
    )
)
NOT_THE_LIST = re.compile(
    r"\b(?:old|archived?|former|past|instructions?|read ?me|lookups?|lists?|notes|template|example|legend|summary|totals?)\b"
)


@dataclass(frozen=True)
class Layout:
    """`row` is the place of the (last) heading row in the table, -1 without any; `headings` has one for each column."""

    row: int
    headings: tuple[str, ...]


def chosen(tables: Sequence[Table]) -> Table:
    """The sheet with the list of people: one that is shown, has the headings of people, and the most addresses."""
    return max(tables, key=_people_in)


def _people_in(table: Table) -> tuple[bool, bool, int, int]:
    layout = layout_of(table)
    fields = {field_of(heading) for heading in layout.headings}
    has_people = "email" in fields or bool({"name", "family_name"} & fields)
    addresses = sum(any(ADDRESS.search(cell) for cell in row) for row in table.rows)
    stands_aside = bool(NOT_THE_LIST.search(table.name.replace("_", " ").lower()))
    return (not table.is_hidden and addresses > 0, has_people and not stands_aside, addresses, len(table.rows))


def layout_of(table: Table) -> Layout:
    width = max((len(row) for row in table.rows), default=0)
    at = _heading_row(table.rows)
    if at < 0:
        return Layout(-1, ("",) * width)
    top, bottom = _both_rows(table, at)
    headings = _joined(table, top, bottom) if top != bottom else [cell.strip() for cell in table.rows[at]]
    return Layout(bottom, tuple(headings + [""] * (width - len(headings))))


def _heading_row(rows: Rows) -> int:
    best, points = -1, 0
    first_address = next((at for at, row in enumerate(rows) if _is_of_a_person(row)), len(rows))
    for at, row in enumerate(rows[: min(FIRST_ROWS, first_address)]):
        known, filled = sum(map(is_known, row)), sum(bool(cell.strip()) for cell in row)
        values = sum(bool(VALUE.search(cell.strip())) for cell in row)
        if not filled or values > 0.2 * filled or (known < 2 and known < filled):
            continue
        here = 3 * known + filled
        if here > points:
            best, points = at, here
    return best if best >= 0 else _unknown_headings(rows, first_address)


def _unknown_headings(rows: Rows, first_address: int) -> int:
    """Headings in words that nobody here knows: the widest row of words above the first address."""
    above = [
        (sum(bool(cell.strip()) for cell in row), -at)
        for at, row in enumerate(rows[: min(FIRST_ROWS, first_address)])
        if not any(VALUE.search(cell.strip()) for cell in row)
    ]
    filled, at = max(above, default=(0, 0))
    width = len([cell for cell in rows[first_address] if cell.strip()]) if first_address < len(rows) else 0
    return -at if filled >= 2 and filled >= 0.6 * width else -1


def _is_of_a_person(row: list[str]) -> bool:
    return any(ADDRESS.search(cell) for cell in row) and sum(bool(cell.strip()) for cell in row) > 1


# Two rows -------------------------------------------------------------------------------------------------------------


def _both_rows(table: Table, at: int) -> tuple[int, int]:
    """(first, last) row of the headings: a row above may group them, one below may part them."""
    rows = table.rows
    if at + 1 < len(rows) and _parts(rows[at], rows[at + 1]):
        return at, at + 1
    if at and _groups(rows[at - 1], rows[at]):
        return at - 1, at
    return at, at


def _groups(above: list[str], row: list[str]) -> bool:
    filled = [cell for cell in above if cell.strip()]
    return (
        len(filled) >= 2 and not any(VALUE.search(cell) or len(cell) > 40 for cell in filled) and len(filled) < len(row)
    )


def _parts(row: list[str], below: list[str]) -> bool:
    """Whether the row below says what the parts of a heading are: only words of headings, and some where it is empty above."""
    filled = [(at, cell) for at, cell in enumerate(below) if cell.strip()]
    if len(filled) < 2 or any(VALUE.search(cell.strip()) for _at, cell in filled):
        return False
    known = sum(is_known(cell) or not set(spelled(cell).split()) - WITHIN_TWO_ROWS for _at, cell in filled)
    is_again = [spelled(cell) for cell in below] == [spelled(cell) for cell in row]
    opens = any(at >= len(row) or not row[at].strip() for at, _cell in filled)
    return not is_again and opens and known >= 0.8 * len(filled)


def _joined(table: Table, top: int, bottom: int) -> list[str]:
    above, below = table.rows[top], table.rows[bottom]
    width = max(len(above), len(below))
    above, below = above + [""] * (width - len(above)), below + [""] * (width - len(below))
    groups = _spread(above, below, [span for span in table.merged if span[0] == top])
    joined = [" ".join(filter(None, [group.strip(), cell.strip()])) for group, cell in zip(groups, below, strict=True)]
    return [cell.strip() if not group.strip() or cell.strip() == group.strip() else both
            for group, cell, both in zip(groups, below, joined, strict=True)]  # fmt: skip


def _spread(above: list[str], below: list[str], merged: list[Span]) -> list[str]:
    """Each group over all of its columns: as they are merged, in a text up to the next one."""
    groups, last = list(above), ""
    spans = {left: right for _top, left, _bottom, right in merged}
    until = -1
    for at, cell in enumerate(above):
        if cell.strip():
            last, until = cell, spans.get(at, at if spans else len(above))
        elif below[at].strip() and at <= until:
            groups[at] = last
    return groups
