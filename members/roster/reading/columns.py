"""What each column of a list holds, by its heading and, where that does not tell, by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import sha256

from django.utils.translation import gettext_lazy as _

from members.roster.reading import dates, offices, person_names, phones, places, states
from members.roster.reading.heading_words import field_of, is_known, spelled
from members.roster.reading.sheets import Sheet

# What a column can be, with the words for staff who correct one. The first is for columns that are left out.
FIELDS = {
    "": _("Leave out"),
    "name": _("Full name"),
    "given_name": _("First name"),
    "middle": _("Middle name"),
    "family_name": _("Last name"),
    "prefix": _("Prefix (Dr., Hon.)"),
    "suffix": _("Suffix (Jr., III)"),
    "nickname": _("What we call them"),
    "email": _("Email"),
    "other_email": _("Another email"),
    "phone": _("Phone"),
    "other_phone": _("Phone, if the other is empty"),
    "office": _("Office (title)"),
    "office_level": _("Office level"),
    "jurisdiction": _("City, county or school district"),
    "jurisdiction_id": _("Open Civic Data ID"),
    "county": _("County"),
    "state": _("State"),
    "district": _("District or seat"),
    "term_starts": _("Took office"),
    "term_ends": _("Term ends"),
    "term": _("Term (from and to)"),
    "member_id": _("Member ID"),
    "notes": _("Notes"),
    "opted_out": _("Opted out of email"),
    "opted_in": _("Opted in to email"),
    "contact_type": _("Person or organization"),
    "deceased": _("Deceased"),
}
MANY = frozenset({"", "jurisdiction", "other_email", "other_phone", "notes", "opted_out", "opted_in"})

# Which of several columns is taken for a field: the first kind of heading that there is. The others are left out, or become `REST`.
CHOICES = {
    "name": ("name", "sort_name"),
    "email": ("email", "official_email", "other_email"),
    "phone": ("mobile", "phone", "other_phone"),
    "office": ("office", "job_title"),
    "jurisdiction": ("jurisdiction", "organization", "city", "address_city"),
    "state": ("state", "address_state"),
    "opted_in": ("opted_in", "subscription"),
}
REST = {"email": "other_email", "phone": "other_phone"}
TOGETHER = frozenset(["jurisdiction", "city"])  # a list may have a column for cities and one for school districts
SAMPLE = 400  # lines
ENOUGH = 0.6  # of the filled cells in a column
HARDLY_ANY = 0.2


def guess_columns(sheet: Sheet) -> dict[int, str]:
    """The field for each column by its index, "" for one to leave out."""
    kinds = {at: _Column(sheet, at).kind() for at in range(len(sheet.headings))}
    kinds = _of_a_contacts_program(sheet, kinds)
    columns = dict.fromkeys(kinds, "")
    for shown in (True, False):
        for field in FIELDS:
            _choose(sheet, kinds, columns, field, {at for at in kinds if (at not in sheet.hidden) == shown})
    return _without_addresses_of_homes(sheet, kinds, columns)


def layout_key(headings: tuple[str, ...]) -> str:
    """What a correction of columns is remembered for: the same headings in the same order, however they are spelled."""
    return sha256("\n".join(spelled(heading) for heading in headings).encode()).hexdigest()


def _choose(sheet: Sheet, kinds: dict[int, str], columns: dict[int, str], field: str, among: set[int]) -> None:
    """Give `field` to the best of the columns that hold it; to all where several may."""
    order = CHOICES.get(field, (field,))
    found = [at for kind in order for at in sorted(among) if kinds[at] == kind and not columns[at]]
    if not field or not found:
        return
    if field in MANY and field not in CHOICES:
        columns.update(dict.fromkeys(found, field))
        return
    if field not in columns.values():
        least = HARDLY_ANY if field in REST else ENOUGH  # where the rest is not lost
        filled = {at: _Column(sheet, at).filled for at in found}
        first = next((at for at in found if filled[at] >= least * max(filled.values())), found[0])
        columns[first] = field
        found.remove(first)
    if field == "jurisdiction":
        columns.update(dict.fromkeys(_beside(sheet, kinds, columns, found), field))
    if field in REST:
        columns.update(dict.fromkeys(found, REST[field]))


def _beside(sheet: Sheet, kinds: dict[int, str], columns: dict[int, str], others: list[int]) -> list[int]:
    """Further columns of governments: those that are filled where the first is empty."""
    first = next(at for at, field in columns.items() if field == "jurisdiction")
    if kinds[first] not in TOGETHER:
        return []
    open_lines = [line.cells for line in sheet.lines[:SAMPLE] if len(line.cells) > 2 and not _cell(line.cells, first)]
    return [
        at
        for at in others
        if kinds[at] in TOGETHER and sum(bool(_cell(cells, at)) for cells in open_lines) > len(open_lines) / 2
    ]


def _cell(cells: tuple[str, ...], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""


def _of_a_contacts_program(sheet: Sheet, kinds: dict[int, str]) -> dict[int, str]:
    """Beside a column "Job Title" one called "Title" is for Mr. and Ms., if nothing else stands in it."""
    if "job_title" not in kinds.values():
        return kinds
    for at, kind in kinds.items():
        if kind == "office" and spelled(sheet.headings[at]) == "title":
            cells = _Column(sheet, at).cells
            if all(person_names.is_courtesy(cell) for cell in cells):
                return kinds | {at: "prefix"}
    return kinds


def _without_addresses_of_homes(sheet: Sheet, kinds: dict[int, str], columns: dict[int, str]) -> dict[int, str]:
    """Where a list says nothing of offices, the city beside a street or ZIP code is where somebody lives."""
    if "office" in columns.values() or "office_level" in columns.values():
        return columns
    words = {spelled(heading) for heading in sheet.headings}
    is_of_homes = any(
        word.split()[0] in ("zip", "postal", "street", "zip5", "zipcode") for word in words if word
    ) or any(word.endswith(("zip code", "postal code", "street", "zip", "zip postal")) for word in words)
    for at, field in columns.items():
        if field == "jurisdiction" and (kinds[at] == "address_city" or (kinds[at] == "city" and is_of_homes)):
            return columns | {at: ""}
    return columns


class _Column:
    """One column of a sheet: its heading and its first filled cells."""

    def __init__(self, sheet: Sheet, at: int) -> None:
        self.heading = sheet.headings[at]
        repeated = spelled(self.heading)
        lines = sheet.lines[:SAMPLE]
        cells = (line.cells[at].strip() for line in lines if at < len(line.cells) and not line.is_torn)
        self.cells = [cell for cell in cells if cell and (not repeated or spelled(cell) != repeated)]
        self.filled = len(self.cells)

    def kind(self) -> str:
        """As its heading says, unless nearly all that stands in it says otherwise."""
        said = field_of(self.heading)
        if said == "organization":
            return said if self._share(places.is_official_form) >= ENOUGH else ""
        test = TESTS.get(said)
        if said == "member_id" and self._share(person_names.looks_like_full_name) >= ENOUGH:
            return "name"
        if self.filled < 2 or (is_known(self.heading) and not test) or (test and self._share(test) >= HARDLY_ANY):
            return said
        if said == "district" and self._share(offices.looks_like_one) >= ENOUGH:
            return "office"
        if said == "name":
            return "member_id" if self._share(_is_id) >= ENOUGH else said
        if not spelled(self.heading):
            return self._seen(ALL)
        seen = self._seen(FIRM if said else FIRM[:-1])
        return seen or ("" if said in MUST and self.filled > 2 else said)

    def _seen(self, tests: Iterable[tuple[str, Callable[[str], bool], float]]) -> str:
        return next((kind for kind, test, share in tests if self._share(test) >= share), "")

    def _share(self, test: Callable[[str], bool]) -> float:
        return sum(test(cell) for cell in self.cells) / self.filled if self.filled else 0


def _holds_address(cell: str) -> bool:
    return "@" in cell


def _holds_state(cell: str) -> bool:
    return bool(states.code_of(cell))


def _holds_seat(cell: str) -> bool:
    return not places.is_official_form(cell) and not offices.looks_like_one(cell)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"#?\d{1,3}[A-Za-z]?(?:\.0)?|at[ -]large", cell, re.IGNORECASE) is not None


def _is_id(cell: str) -> bool:
    return not any(sign.isalpha() for sign in cell) or re.fullmatch(r"[A-Za-z]{0,3}-?\d{3,}", cell) is not None


def _holds_words(cell: str) -> bool:
    return any(sign.isalpha() for sign in cell) and "@" not in cell


def _holds_date(cell: str) -> bool:
    return dates.looks_like_one(cell)


TESTS: dict[str, Callable[[str], bool]] = {
    "email": _holds_address,
    "official_email": _holds_address,
    "other_email": _holds_address,
    "phone": phones.looks_like_one,
    "mobile": phones.looks_like_one,
    "other_phone": phones.looks_like_one,
    "state": _holds_state,
    "address_state": _holds_state,
    "term_starts": _holds_date,
    "term_ends": _holds_date,
    "term": _holds_date,
    "jurisdiction_id": places.is_id,
    "jurisdiction": _holds_words,
    "office": _holds_words,
    "district": _holds_seat,
    "name": person_names.looks_like_one,
    "given_name": person_names.has_letters,
    "family_name": person_names.has_letters,
}
MUST = frozenset(
    {"email", "official_email", "other_email", "phone", "mobile", "other_phone", "jurisdiction_id", "term"}
)
# What a column is that its heading misnames.
FIRM = (
    ("email", _holds_address, 0.8),
    ("other_phone", phones.looks_like_one, 0.9),
    ("jurisdiction_id", places.is_id, 0.8),
    ("jurisdiction", places.looks_like_one, 0.8),
    ("office", offices.looks_like_one, 0.8),
    ("district", _is_number, 0.8),
)
ALL = (
    ("email", _holds_address, ENOUGH),
    ("phone", phones.looks_like_one, 0.7),
    ("jurisdiction_id", places.is_id, 0.8),
    ("state", _holds_state, 0.8),
    ("term_ends", dates.is_full, 0.8),
    ("jurisdiction", places.looks_like_one, ENOUGH),
    ("office", offices.looks_like_one, ENOUGH),
    ("name", person_names.looks_like_full_name, 0.7),
)
