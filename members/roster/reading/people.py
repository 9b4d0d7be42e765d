"""The people in a list: each row cleaned, split and resolved, with what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from members.roster.reading.sheets import Line, Sheet
from members.text.cleaning import line

Weight = Literal["reject", "look", "note", "ignore"]


@dataclass(frozen=True)
class Fault:
    """Something about a row. `reason` is a stable word; `value` what stood there, as written.

    reject: no person can be made of the row. look: staff decide, without what is wrong or not at all. note: taken, and
    told. ignore: the row is none of a person (blank, a total, a note, the headings once more).
    """

    reason: str
    value: str
    weight: Weight


@dataclass(frozen=True)
class Person:
    """One row. Every text is clean, "" where there is nothing; `written` has what stood in the columns, by field.

    `candidates` are the keys of governments that may be meant, best first, where `jurisdiction` is none.
    """

    row: int
    name: str = ""
    given_name: str = ""
    email: str = ""
    other_emails: tuple[str, ...] = ()
    phone: str = ""  # E.164
    office: str = ""
    level: str = ""  # Office.Level
    jurisdiction: int | None = None
    candidates: tuple[int, ...] = ()
    place: str = ""
    state: str = ""  # postal code
    district: str = ""
    started_on: date | None = None
    ended_on: date | None = None
    member_id: str = ""
    notes: str = ""
    opted_out: bool = False
    faults: tuple[Fault, ...] = ()
    written: dict[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> Weight | None:
        """The gravest of the faults; None without any."""
        return next((each for each in ("ignore", "reject", "look", "note") if self._has(each)), None)

    def _has(self, weight: Weight) -> bool:
        return any(fault.weight == weight for fault in self.faults)


def read_people(sheet: Sheet, columns: dict[int, str]) -> Iterator[Person]:
    """Each line of the list as a person, with `columns` as guessed or corrected. None is left out."""
    for each in sheet.lines:
        yield _read(each, columns)


def _read(each: Line, columns: dict[int, str]) -> Person:
    written = {name: line(cell) for at, cell in enumerate(each.cells) if (name := columns.get(at)) and cell.strip()}
    if not written:
        return Person(each.number, faults=(Fault("blank_row", "", "ignore"),))
    name = written.get("name") or f"{written.get('given_name', '')} {written.get('family_name', '')}".strip()
    faults = [] if written.get("email") else [Fault("missing_email", "", "reject")]
    faults += [] if name else [Fault("missing_name", "", "reject")]
    return Person(
        each.number,
        name=name,
        given_name=written.get("given_name") or name.partition(" ")[0],
        email=written.get("email", "").lower(),
        place=written.get("jurisdiction", ""),
        state=written.get("state", ""),
        office=written.get("office", ""),
        district=written.get("district", ""),
        faults=tuple(faults),
        written=written,
    )
