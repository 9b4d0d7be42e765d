"""The people in a list: each row cleaned, split and resolved, with what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from django.core.exceptions import ValidationError

from members.models import Office
from members.roster.reading import addresses, dates, offices, person_names, phones, states
from members.roster.reading.cells import cleaned, is_nothing
from members.roster.reading.lines import of_no_person
from members.roster.reading.places import Answer, Asked, Gazetteer
from members.roster.reading.sheets import Line, Sheet
from members.text.names import refuse_imitations

Weight = Literal["reject", "look", "note", "ignore"]
LONGEST_NAME, LONGEST_GIVEN = 120, 60
LEVEL_OF = {
    "place": Office.Level.CITY,
    "county": Office.Level.COUNTY,
    "school_district": Office.Level.SCHOOL,
    "state": Office.Level.STATE,
}
YES = frozenset(["true", "yes", "y", "1", "x", "t", "on", "✓", "✔", "opted out", "unsubscribed", "1.0", "checked"])
NO = frozenset(
    ["false", "no", "n", "0", "f", "off", "0.0", "", "none", "null", "-", "n/a", "unchecked", "never", "subscribed"]
)
LEFT = re.compile(r"\b(?:unsubscribed|opted[\s-]?out|do not (?:contact|e-?mail)|complain\w*|spam)\b", re.IGNORECASE)
UNREADABLE_NAME = re.compile("[\ufffd=|<>{}\\\\]|^[^\\w]*$|\\d{3}")


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

    `candidates` are the keys of governments that may be meant, best first, where `jurisdiction` is none. `member_id` is of
    whatever program wrote the list, and by itself says nothing about a member of ours.
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
    def emails(self) -> list[str]:
        """All its addresses, the first one first."""
        return [each for each in (self.email, *self.other_emails) if each]

    @property
    def weight(self) -> Weight | None:
        """The gravest of the faults; None without any."""
        weights = {fault.weight for fault in self.faults}
        order: tuple[Weight, ...] = ("ignore", "reject", "look", "note")
        return next((each for each in order if each in weights), None)


def read_people(sheet: Sheet, columns: dict[int, str]) -> Iterator[Person]:
    """Each line of the list as a person, with `columns` as guessed or corrected. None is left out.

    A small place that somebody serves in is added to the table of jurisdictions (members.places.small).
    """
    reader = _Reader(sheet, columns)
    for line in sheet.lines:
        yield reader.read(line)


class _Reader:
    """What is the same for all rows of a list: its columns, the habit of its dates, the governments it names.

    `is_ours` for an export of this portal: what it says is taken to the letter, so that it changes nobody.
    """

    def __init__(self, sheet: Sheet, columns: dict[int, str]) -> None:
        self.sheet, self.columns = sheet, columns
        self.gazetteer = Gazetteer()
        kinds = ("term_starts", "term_ends", "term")
        cells = [[self._cell(line, kind) for line in sheet.lines] for kind in kinds]
        self.is_ours = {"jurisdiction_id", "member_id"} <= set(columns.values())
        self.habits = dict(zip(kinds, dates.habit_of(cells), strict=True))

    def read(self, line: Line) -> Person:
        ignored = of_no_person(line, self.sheet, self.columns)
        written = self._written(line)
        if ignored:
            return Person(line.number, faults=(Fault(ignored, _start(line), "ignore"),), written=_clean(written))
        row = _Row(line, self._by_field(line), written, self)
        return row.person()

    def _cell(self, line: Line, kind: str) -> str:
        return next(
            (line.cells[at] for at, field in self.columns.items() if field == kind and at < len(line.cells)), ""
        )

    def _by_field(self, line: Line) -> dict[str, list[tuple[int, str]]]:
        found: dict[str, list[tuple[int, str]]] = {}
        for at, kind in sorted(self.columns.items()):
            if kind and at < len(line.cells) and line.cells[at].strip():
                found.setdefault(kind, []).append((at, line.cells[at]))
        return found

    def _written(self, line: Line) -> dict[str, str]:
        return {kind: "; ".join(cell.strip() for _at, cell in cells) for kind, cells in self._by_field(line).items()}


@dataclass
class _Row:
    """One line on its way to a person; what is found wrong gathers in `faults`."""

    line: Line
    cells: dict[str, list[tuple[int, str]]]
    written: dict[str, str]
    source: _Reader
    faults: list[Fault] = field(default_factory=list)

    def person(self) -> Person:
        if self.line.is_torn or self._has_moved():
            self._fault("wrong_number_of_columns", _start(self.line), "reject")
        name = self._name()
        found = self._addresses()
        person = Person(
            self.line.number,
            name=name.full[:LONGEST_NAME],
            given_name=(name.called or name.given)[:LONGEST_GIVEN],
            email=found[0] if found else "",
            other_emails=tuple(found[1:]),
            member_id=re.sub(r"\.0+$", "", self._text("member_id")),
            notes="\n".join(cell.strip() for _at, cell in self.cells.get("notes", [])),
            opted_out=self._is_opted_out(),
            written=_clean(self.written),
        )
        if self.line.is_torn or self._has_moved():  # its cells stand in the wrong columns
            return replace(person, faults=tuple(self.faults))
        return self._with_office(person, name)

    def _has_moved(self) -> bool:
        """A comma that nobody quoted pushed the cells one column on, and an empty one off the end."""
        title = self._text("office")
        return title.isupper() and len(title) == 2 and bool(states.code_of(title))

    def _fault(self, reason: str, value: str, weight: Weight) -> None:
        self.faults.append(Fault(reason, cleaned(value), weight))

    def _text(self, kind: str) -> str:
        text = cleaned(self.written.get(kind, ""))
        return "" if is_nothing(text) else text

    # Who ------------------------------------------------------------------------------------------------------------

    def _name(self) -> person_names.Name:
        ours = self._text("name") if self.source.is_ours else ""
        if ours:
            return person_names.Name(ours, ours.split()[0])
        name = person_names.of_cells(self.written)
        said = " ".join(
            filter(None, (cleaned(self.written.get(each, "")) for each in ("name", "given_name", "family_name")))
        )
        if name.is_two:
            self._fault("two_people_in_one_row", said, "reject")
        elif name.is_vacant:
            self._fault("vacant_seat", said, "ignore" if not self.cells.get("email") else "look")
        elif name.is_office:
            self._fault("missing_name", said, "look")
        elif not name.full:
            self._fault("missing_name", said, "reject")
        elif re.search(
            r"organi[sz]ation|household|company|business|account", self.written.get("contact_type", ""), re.IGNORECASE
        ):
            self._fault("missing_name", said, "look")
        else:
            self._check_name(name.full)
        if cleaned(self.written.get("deceased", "")).lower() not in NO:
            self._fault("deceased", said, "look")
        return name

    def _check_name(self, name: str) -> None:
        if re.search(UNREADABLE_NAME, name) or len(name) > LONGEST_NAME:
            self._fault("unreadable_name", name, "look")
            return
        try:
            refuse_imitations(name)
        except ValidationError as error:
            reasons = {"address": "missing_name", "organization": "missing_name", "look_alike": "look_alike_letters"}
            self._fault(reasons[str(error.code)], name, "look")

    def _addresses(self) -> list[str]:
        found: list[str] = []
        wrong = ""
        for kind in ("email", "other_email"):
            for _at, cell in self.cells.get(kind, []):
                here = addresses.found_in(cell)
                found += [each for each in here.addresses if each not in found]
                wrong = wrong or here.wrong
        if not found:
            self._fault("invalid_email" if wrong else "missing_email", wrong, "reject")
        elif wrong:
            self._fault("invalid_email", wrong, "note")
        if found and addresses.is_shared(found[0]):
            self._fault("shared_mailbox", found[0], "note")
        return found

    def _is_opted_out(self) -> bool:
        out = (cleaned(cell).lower() for _at, cell in self.cells.get("opted_out", []))
        in_ = (cleaned(cell).lower() for _at, cell in self.cells.get("opted_in", []))
        return any(said in YES or said not in NO for said in out) or any(
            said in ("false", "no", "n", "0", "f") or LEFT.search(said) for said in in_
        )

    # Of what --------------------------------------------------------------------------------------------------------

    def _with_office(self, person: Person, name: person_names.Name) -> Person:
        title = offices.read(self._text("office") or name.office)
        if self.source.is_ours:
            title = offices.Title(self._text("office"), title.level)
        level = offices.level_of_words(self.written.get("office_level", "")) or title.level
        place = self._text("jurisdiction_id") or self._place(level) or title.place
        state = self._state(title.state)
        answer = self._answer(place, state, level, title)
        started_on, ended_on = self._term()
        return replace(
            person,
            phone=self._phone(answer.state or state),
            office=title.title,
            level=LEVEL_OF[answer.kind] if answer.kind else level,
            jurisdiction=answer.key,
            candidates=answer.candidates,
            place=place,
            state=answer.state or state,
            district=self._district() or title.district or name.district,
            started_on=started_on,
            ended_on=ended_on,
            faults=tuple(self.faults),
        )

    def _state(self, beside_title: str) -> str:
        written = self._text("state")
        state = states.code_of(written)
        if written and not state:
            self._fault("unknown_state", written, "look")
        return state or states.code_of(beside_title)

    def _answer(self, place: str, state: str, level: str, title: offices.Title) -> Answer:
        county = self._text("county")
        asked = Asked(place, state, county, level, title.likely, title.designation)
        if not place and Office.Level.STATE in (level, title.likely) and state:
            asked = replace(asked, place=state, level=Office.Level.STATE.value)
        elif not place and county and Office.Level.COUNTY in (level, title.likely):
            asked = replace(asked, place=f"{re.sub(r' (?:county|parish)$', '', county, flags=re.IGNORECASE)} County")
        if not asked.place:
            if title.title and {"jurisdiction", "jurisdiction_id"} & set(self.source.columns.values()):
                self._fault("jurisdiction_unresolved", "", "look")
            return Answer()
        answer = self.source.gazetteer.answer(asked)
        if answer.key is None:
            self._fault("jurisdiction_unresolved", asked.place, "look")
        elif answer.is_inferred:
            self._fault("state_not_said", place, "note")
        return answer

    def _place(self, level: str) -> str:
        """Of several columns the first that says something; one for school districts first for whoever serves in one, else last."""
        headings = self.source.sheet.headings
        found = [
            (at, text)
            for at, cell in self.cells.get("jurisdiction", [])
            if (text := cleaned(cell)) and not is_nothing(text)
        ]
        is_school = {at: at < len(headings) and "school" in headings[at].lower() for at, _text in found}
        found.sort(
            key=lambda each: is_school[each[0]] != (level == Office.Level.SCHOOL) if any(is_school.values()) else False
        )
        return found[0][1] if found else ""

    def _district(self) -> str:
        """ "3" under the heading Ward is "Ward 3"; under District it is what stands there."""
        at, cell = next(iter(self.cells.get("district", [])), (0, ""))
        if self.source.is_ours:
            return cleaned(cell)
        seat = offices.seat(cell)
        heading = self.source.sheet.headings[at].strip().title() if at < len(self.source.sheet.headings) else ""
        return (
            f"{heading} {seat}"
            if seat
            and heading in ("Ward", "Precinct", "Place", "Seat", "Position", "Zone")
            and re.fullmatch(r"\d{1,3}[A-Z]?", seat)
            else seat
        )

    def _term(self) -> tuple[date | None, date | None]:
        habits = self.source.habits
        starts, ends = dates.span(self.written.get("term", ""), habits["term"])
        if "term_starts" in self.written:
            starts = dates.read(self.written["term_starts"], habits["term_starts"])
        if "term_ends" in self.written:
            ends = dates.read(self.written["term_ends"], habits["term_ends"], is_end=True)
        if starts.is_wrong:
            self._fault("invalid_term_start", self.written.get("term_starts") or self.written.get("term", ""), "look")
        if ends.is_wrong:
            self._fault("invalid_term_end", self.written.get("term_ends") or self.written.get("term", ""), "look")
        if starts.on and ends.on and ends.on < starts.on:
            self._fault("term_ends_before_it_starts", f"{starts.on} – {ends.on}", "look")
            return starts.on, None
        return starts.on, ends.on

    def _phone(self, state: str) -> str:
        cells = [cell for kind in ("phone", "other_phone") for _at, cell in self.cells.get(kind, [])]
        number, unread = phones.first_of(cells, state)
        if unread and not number:
            self._fault("invalid_phone", unread, "note")
        return number


def _clean(written: dict[str, str]) -> dict[str, str]:
    return {kind: cleaned(cell) for kind, cell in written.items()}


def _start(line: Line) -> str:
    """The beginning of a line, to recognize it by."""
    return ", ".join(text for cell in line.cells[:8] if (text := cleaned(cell)))[:120]
