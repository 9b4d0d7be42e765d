"""The plan of an import: for each row what would become of it, against the members of today. Nothing is changed.

Rows are read once, in order, and looked up a thousand at a time. Who somebody is is never guessed: one address and a name
that fits, or staff decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from members.models import Import, ImportLayout, ImportRow, Jurisdiction
from members.roster.importing.changes import Standing, changes_to
from members.roster.importing.known import Found, Known, find, member_key
from members.roster.importing.leases import renew
from members.roster.importing.namesakes import is_near, is_same_person
from members.roster.reading.columns import guess_columns, layout_key
from members.roster.reading.people import Fault, Person, read_people
from members.roster.reading.sheets import Line, Sheet, read_sheet
from members.text.addresses import refuse_look_alikes
from members.text.names import refuse_imitations

AT_ONCE = 1000
FIRST_VALUES = 4  # of each column, for whoever checks what it holds
MOST_CELLS, MOST_LETTERS = 60, 500
MOST_CHOICES = 6
Outcome = ImportRow.Outcome
SKIP: dict[str, Any] = {"code": ImportRow.SKIP, "member": None, "changes": []}
# What is wrong with a value and not with who somebody is: the rest of the row can be taken without it.
SAFE_WITHOUT = frozenset(("invalid_term_end", "invalid_term_start", "term_ends_before_it_starts"))
NOBODY = frozenset(
    ("missing_name", "unreadable_name", "vacant_seat", "look_alike_letters", "deceased")
)  # no name, no account
SHARED = "shared_mailbox"


@dataclass
class Row:
    """A row of the plan while it is made."""

    person: Person
    outcome: str
    reason: str = ""
    value: str = ""
    member: int | None = None
    into: int | None = None
    choices: list[dict[str, Any]] = field(default_factory=list)
    safe: str = ""
    standing: Standing | None = None  # of whom it is about, once it is done


def read(imported: Import) -> tuple[Sheet, dict[int, str]]:
    """The list and what its columns hold: as staff said, as they said of a list like it, or as it looks. Raises Unreadable."""
    sheet = read_sheet(Path(imported.file.path), imported.name)
    layout = layout_key(sheet.headings)
    said = imported.columns or ImportLayout.of(layout)
    columns = {int(at): name for at, name in said.items()} if said else guess_columns(sheet)
    first: list[list[str]] = [
        list(
            islice(
                (_cut(each.cells[at]) for each in sheet.lines if at < len(each.cells) and each.cells[at]), FIRST_VALUES
            )
        )
        for at in range(len(sheet.headings))
    ]
    imported.layout, imported.rows = layout, len(sheet.lines)
    imported.columns = {str(at): name for at, name in columns.items()}
    imported.sheet = {
        "headings": [_cut(heading) for heading in sheet.headings],
        "heading_row": sheet.heading_row,
        "first": first,
        "name": _cut(sheet.name),
        "encoding": sheet.encoding,
    }
    return sheet, columns


def plan(imported: Import) -> None:
    """Write the rows of the plan anew: a worker that was killed over it is followed by one that begins again.

    Raises Unreadable, and Lost when it was stopped.
    """
    chosen = dict(imported.rows_of.exclude(choice="").values_list("number", "choice"))
    sheet, columns = read(imported)
    with transaction.atomic():
        renew(imported, Import.objects.to_plan(), 0, further=False)
        imported.rows_of.all().delete()
        imported.save(update_fields=["layout", "rows", "columns", "sheet"])
    cells = {each.number: each for each in sheet.lines}
    planner, counts, done = Planner(), Counter[str](), 0
    people = read_people(sheet, columns)
    while rows := list(islice(people, AT_ONCE)):
        planned = planner.plan(rows)
        stored = [_stored(imported, each, cells[each.person.row], chosen) for each in planned]
        done += len(rows)
        with transaction.atomic():
            renew(imported, Import.objects.to_plan(), done, further=False)
            ImportRow.objects.bulk_create(stored)
        counts.update(each.outcome for each in planned)
    with transaction.atomic():
        renew(imported, Import.objects.to_plan(), done)
        Import.objects.filter(pk=imported.pk).update(planned_at=timezone.now(), counts=dict(counts))


def _stored(imported: Import, row: Row, at: Line, chosen: dict[int, str]) -> ImportRow:
    person = asdict(row.person)
    for left_out in ("faults", "written", "row"):
        person.pop(left_out, None)
    codes = {each["code"] for each in row.choices}
    choice = chosen.get(row.person.row, "")
    return ImportRow(
        imported=imported,
        number=row.person.row,
        outcome=row.outcome,
        reason=row.reason[:60],
        value=row.value[:300],
        member_id=row.member,
        into=row.into,
        person=person,
        cells=[_cut(cell) for cell in at.cells[:MOST_CELLS]],
        choices=row.choices,
        safe=row.safe,
        choice=choice if choice in codes else "",
    )


def _cut(cell: str) -> str:
    """What the database can hold of a cell."""
    return cell.replace("\0", "").encode("utf-8", "replace").decode()[:MOST_LETTERS]


class Planner:
    """Plans rows in order, and knows who stood in those before."""

    def __init__(self) -> None:
        self.by_email: dict[str, Row] = {}
        self.by_member: dict[int, Row] = {}
        self.by_name: dict[tuple[str, int | None], Row] = {}
        self.found = Found()
        self.places: dict[int, str] = {}

    def plan(self, people: list[Person]) -> list[Row]:
        self.found = find(people)
        self.places |= _labels({key for each in people for key in each.candidates} - self.places.keys())
        return [self._noted(self._planned(each)) for each in people]

    def _noted(self, row: Row) -> Row:
        """Later rows may be about the same person, unless nothing becomes of this one."""
        if row.outcome in (Outcome.REJECT, Outcome.IGNORE, Outcome.MERGE):
            return row
        for email in row.person.emails:
            self.by_email.setdefault(email, row)
        if row.member:
            self.by_member.setdefault(row.member, row)
        self.by_name.setdefault(self._name_key(row.person), row)
        return row

    def _name_key(self, person: Person) -> tuple[str, int | None]:
        return self.found.as_one.get(person.name, person.name.casefold()), person.jurisdiction

    # Deciding ----------------------------------------------------------------------------------

    def _planned(self, person: Person) -> Row:
        refused = _fault(person, "ignore") or _fault(person, "reject") or _unfit(person)
        if refused:
            outcome = Outcome.IGNORE if refused.weight == "ignore" else Outcome.REJECT
            return Row(person, outcome, refused.reason, refused.value)
        if self._stays_out(person):
            return Row(person, Outcome.IGNORE, ImportRow.STAYS_OUT, member=self._at_address(person))
        if (look := _fault(person, "look")) and look.reason in NOBODY:
            return Row(person, Outcome.SUSPECT, look.reason, look.value, choices=[SKIP], safe=ImportRow.SKIP)
        if earlier := next((self.by_email[each] for each in person.emails if each in self.by_email), None):
            return self._again(person, earlier)
        members = self._members_at(person)
        if len(members) > 1:
            return self._asked(person, "two_members_match", members)
        if members:
            return self._about(person, members[0])
        return self._unknown(person)

    def _stays_out(self, person: Person) -> bool:
        """Who opted out, left, was erased, or has a closed account; who complained of our mail."""
        theirs = [self.found.people[each] for each in self._keys_at(person)]
        gone = any((each.has_left and not each.left_with_office) or not each.is_open for each in theirs)
        refused = (self.found.complained | self.found.erased) & set(person.emails)
        return person.opted_out or gone or bool(refused and not theirs)

    def _at_address(self, person: Person) -> int | None:
        return next(iter(self._keys_at(person)), None)

    def _keys_at(self, person: Person) -> list[int]:
        """Whom its addresses belong or belonged to, and whom its number in our own lists names."""
        own = [self.found.by_email[each] for each in person.emails if each in self.found.by_email]
        had = sorted({user for each in person.emails for user in self.found.by_former.get(each, ())})
        named = member_key(person)
        keys = dict.fromkeys([*own, *(had if not own else [])])
        by_number = [key for key in named if key in self.found.people and self._fits(person, key)]
        return list(dict.fromkeys([*keys, *by_number]))

    def _fits(self, person: Person, key: int) -> bool:
        return is_same_person(person.name, self.found.people[key].name)

    def _members_at(self, person: Person) -> list[Known]:
        return [self.found.people[each] for each in self._keys_at(person)]

    def _again(self, person: Person, earlier: Row) -> Row:
        """An address that an earlier row has."""
        if not is_same_person(person.name, earlier.person.name):
            reason = "email_belongs_to_another_person_in_file"
            return Row(person, Outcome.REJECT, reason, person.email, into=earlier.person.row)
        return self._merged(person, earlier, "same_person_in_file")

    def _merged(self, person: Person, earlier: Row, reason: str) -> Row:
        """What it adds to the other row is written with it; of what contradicts, the other row's stands."""
        changes, after = changes_to(earlier.standing or Standing(), person, fills=True)
        earlier.standing = after
        choice = {"code": "merge", "member": earlier.member, "changes": changes}
        return Row(
            person,
            Outcome.MERGE,
            reason,
            member=earlier.member,
            into=earlier.person.row,
            choices=[choice, SKIP],
            safe="merge",
        )

    def _about(self, person: Person, member: Known) -> Row:
        """One member has the address."""
        if not member.is_member:
            reason = "left_with_office" if member.left_with_office else "has_applied"
            return Row(person, Outcome.SUSPECT, reason, member=member.pk, choices=[SKIP], safe=ImportRow.SKIP)
        if not is_same_person(person.name, member.name):
            return self._asked(person, "email_belongs_to_another_member", [member])
        if member.pk in self.by_member:
            return self._merged(person, self.by_member[member.pk], "same_member_in_file")
        changes, after = changes_to(Standing.of(member), person)
        reason = "same_email" if member.email.casefold() in person.emails else "former_email"
        outcome = Outcome.UPDATE if changes else Outcome.UNCHANGED
        choice = _choice(f"update:{member.pk}", member, changes)
        row = Row(
            person, outcome, reason, member=member.pk, choices=[choice, SKIP], safe=choice["code"], standing=after
        )
        return self._with_faults(row, Standing.of(member), member)

    def _unknown(self, person: Person) -> Row:
        """Nobody has its address."""
        twin = self.by_name.get(self._name_key(person))
        if twin and person.jurisdiction and person.phone and person.phone == twin.person.phone:
            return self._merged(person, twin, "same_person_in_file")
        alike = self._alike(person)
        members = [each for each in alike if each.is_member]
        if len(members) > 1:
            return self._asked(person, "two_members_match", members)
        if members:
            return self._asked(person, "looks_like_member", members)
        if any(each.has_left for each in alike):
            return self._asked(person, "looks_like_former_member", [])
        if alike:
            return self._asked(person, "looks_like_applicant", [])
        if twin:
            row = self._asked(person, "looks_like_row", [])
            row.into = twin.person.row
            return row
        if self.found.dead & set(person.emails):
            return self._asked(person, "email_bounces", [])
        return self._new(person)

    def _alike(self, person: Person) -> list[Known]:
        """Of the same name with nothing that says they are somebody else, of a near one in the same place, or with the same number."""
        named = self.found.by_name.get(self.found.as_one.get(person.name, ""), set())
        there = self.found.by_place.get(person.jurisdiction or 0, set())
        calls = self.found.by_phone.get(person.phone, set()) if person.phone else set()
        people = {each: self.found.people[each] for each in named | there | calls if each in self.found.people}
        return [
            each
            for key, each in people.items()
            if (key in named and _may_serve(each, person.jurisdiction))
            or (key in there and is_near(person.name, each.name))
            or (key in calls and is_same_person(person.name, each.name))
        ]

    def _new(self, person: Person) -> Row:
        changes, after = changes_to(Standing(), person)
        choice = _choice("create", None, changes)
        row = Row(person, Outcome.CREATE, "new_member", choices=[choice, SKIP], safe="create", standing=after)
        return self._with_faults(row, Standing(), None)

    # Questions ---------------------------------------------------------------------------------

    def _asked(self, person: Person, reason: str, members: list[Known]) -> Row:
        """Staff say who it is. Nothing is done before they do."""
        choices = []
        for each in members[:MOST_CHOICES]:
            changes, _after = changes_to(Standing.of(each), person, email=not each.has_signed_in)
            choices.append(_choice(f"update:{each.pk}", each, changes))
        changes, after = changes_to(Standing(), person)
        if person.email not in self.found.by_email:
            choices.append(_choice("create", None, changes))
        member = members[0].pk if len(members) == 1 else None
        return Row(person, Outcome.SUSPECT, reason, member=member, choices=[*choices, SKIP], standing=after)

    def _with_faults(self, row: Row, standing: Standing, member: Known | None) -> Row:
        """A row whose values need a look: it is taken without them, with a place that staff name, or not."""
        fault = _fault(row.person, "look") or (None if member else _named(row.person, SHARED))
        if fault is None:
            return row
        first = row.choices[0]
        places = row.person.candidates[:MOST_CHOICES] if row.person.jurisdiction is None else ()
        row.choices = [
            _choice(f"place:{key}", member, changes_to(standing, row.person, place=key)[0], self.places.get(key, ""))
            for key in places
        ]
        row.choices += [first | {"code": "without"}, SKIP]
        row.outcome, row.reason, row.value = Outcome.SUSPECT, fault.reason, fault.value
        row.safe = "without" if fault.reason in SAFE_WITHOUT else ImportRow.SKIP if fault.reason == SHARED else ""
        return row


def _choice(code: str, member: Known | None, changes: list[dict[str, Any]], label: str = "") -> dict[str, Any]:
    about = (
        {"member": member.pk, "name": member.name, "fingerprint": member.fingerprint} if member else {"member": None}
    )
    return {"code": code, "label": label, "changes": changes, **about}


def _fault(person: Person, weight: str) -> Fault | None:
    return next((fault for fault in person.faults if fault.weight == weight), None)


def _named(person: Person, reason: str) -> Fault | None:
    return next((fault for fault in person.faults if fault.reason == reason), None)


def _unfit(person: Person) -> Fault | None:
    """What no account can have."""
    try:
        validate_email(person.email)
        refuse_look_alikes(person.email)
    except ValidationError:
        return Fault("invalid_email", person.email, "reject")
    try:
        refuse_imitations(person.name)
    except ValidationError:
        return Fault("invalid_name", person.name, "reject")
    return Fault("name_too_long", person.name, "reject") if len(person.name) > 120 else None


def _may_serve(member: Known, place: int | None) -> bool:
    """Whether what is known of places does not tell two of one name apart."""
    places = {seat.jurisdiction for seat in member.seats}
    return not places or not place or place in places


def _labels(keys: Iterable[int]) -> dict[int, str]:
    return dict(Jurisdiction.objects.filter(pk__in=sorted(keys)).values_list("pk", "label"))
