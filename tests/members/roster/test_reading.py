"""A list of any layout becomes people: each row of a dozen layouts is compared with what is right."""

from pathlib import Path

import pytest

from members.models import Jurisdiction
from members.places import loading
from members.roster.reading.columns import guess_columns
from members.roster.reading.people import Person, read_people
from members.roster.reading.sheets import Sheet, read_sheet
from tests.members.roster import layouts

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def governments(django_db_setup, django_db_blocker):
    """All of them, for the tests of this module."""
    with django_db_blocker.unblock():
        loading.load()
        yield
        Jurisdiction.objects.all().delete()


def sheet_of(raw: bytes, folder: Path, name: str = "list.csv") -> Sheet:
    (folder / name).write_bytes(raw)
    return read_sheet(folder / name, name)


def read(raw: bytes, folder: Path, name: str = "list.csv") -> dict[int, Person]:
    sheet = sheet_of(raw, folder, name)
    return {person.row: person for person in read_people(sheet, guess_columns(sheet))}


def outcome(person: Person) -> str:
    fault = next((each for each in person.faults if each.weight == person.weight), None)
    return f"{fault.weight} {fault.reason}" if fault and fault.weight != "note" else ""


def as_read(person: Person, ids: dict[int | None, str]) -> dict[str, object]:
    return {
        "outcome": outcome(person), "name": person.name, "called": person.given_name, "email": person.email, "phone": person.phone,
        "government": ids.get(person.jurisdiction, ""), "title": person.office, "district": person.district, "ends": person.ended_on,
        "opted_out": person.opted_out,
    }  # fmt: skip


def as_right(right: layouts.Expected, person: Person) -> dict[str, object]:
    seat = right.seat
    name = "" if right.name == "-" else right.full
    return {
        "outcome": right.fault, "name": name, "called": right.called or (right.given if name else ""), "email": right.email, "phone": right.phone,
        "government": seat.ocd_id if seat else "", "title": seat.title if seat else person.office, "district": seat.district if seat else person.district,
        "ends": right.ends, "opted_out": right.opted_out,
    }  # fmt: skip


def differing(
    row: int, read_as: dict[str, object], right: dict[str, object]
) -> tuple[int, dict[str, tuple[object, object]]]:
    return row, {cell: (read_as[cell], right[cell]) for cell in right if read_as[cell] != right[cell]}


@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=lambda layout: layout.__name__)
def test_each_row_of_a_layout_becomes_what_it_should(governments, tmp_path, layout):
    made = layout()
    people = read(made.raw, tmp_path)
    ids = dict(
        Jurisdiction.objects.filter(pk__in={each.jurisdiction for each in people.values()}).values_list("pk", "ocd_id")
    )
    read_as = {row: as_read(people[row], ids) for row in made.rows if row in people}
    right = {row: as_right(made.rows[row], people[row]) for row in read_as}
    assert [differing(row, read_as[row], right[row]) for row in right if read_as[row] != right[row]] == []
    assert set(made.rows) | set(made.ignored) == set(people)
    assert {row: outcome(people[row]) for row in made.ignored} == {
        row: f"ignore {reason}" for row, reason in made.ignored.items()
    }
