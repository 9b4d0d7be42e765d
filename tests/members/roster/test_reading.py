"""A list of any layout becomes people: each row of a dozen layouts is compared with what is right."""

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members.models import Jurisdiction
from members.place_names.reading import names_of
from members.places import loading
from members.places.small import small_places
from members.roster.exports.rows import HEADINGS
from members.roster.reading import files, texts, workbooks
from members.roster.reading.columns import CHOICES, FIELDS, guess_columns, layout_key
from members.roster.reading.heading_words import FIELD_OF, WHOLE
from members.roster.reading.people import Person, read_people
from members.roster.reading.places import Asked, Gazetteer
from members.roster.reading.sheets import Sheet, Unreadable, read_sheet
from members.roster.reading.tables import Refused
from tests.factories import JurisdictionFactory
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


# Places --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "state", "more", "government"),
    [
        ("City of Austin", "TX", {}, "place:austin"),
        ("Austin city", "TX", {}, "place:austin"),
        ("Austin, TX", "", {}, "place:austin"),
        ("Austin", "TX", {"level": "county"}, "county:austin"),
        ("Austin", "TX", {"level": "school"}, "school_district:austin_isd"),
        ("Austin ISD", "TX", {"level": "city"}, "school_district:austin_isd"),
        ("Township of Austin", "TX", {}, ""),
        ("Washington Township", "NJ", {"county": "Gloucester"}, "county:gloucester/place:washington"),
        ("Washington Twp. (Gloucester)", "NJ", {}, "county:gloucester/place:washington"),
        ("Washington Township", "NJ", {}, ""),
        ("Springfield", "", {}, ""),
        ("Ithaca", "NY", {}, ""),
        ("Ithaca", "NY", {"designation": "town"}, "county:tompkins/place:ithaca"),
        ("Madison", "WI", {}, "place:madison"),
        ("Webster City", "IA", {"level": "city"}, "place:webster_city"),
        ("Frisco", "TX", {}, "place:frisco"),
        ("Frisco", "", {}, ""),
        ("NYC", "", {}, "place:new_york"),
        ("Austin, TX", "OK", {}, ""),
        ("Fresno", "CA", {"likely": "county"}, "county:fresno"),
        ("San Francisco", "CA", {"likely": "county"}, "place:san_francisco"),
        ("Travis County Commissioners Court", "TX", {}, "county:travis"),
        ("Cook County School District 104", "IL", {}, ""),
        ("San Juan", "PR", {"level": "city"}, "municipio:san_juan"),
        ("Marfa", "TX", {}, "place:marfa"),
        ("Round Rock", "TX", {"level": "county", "county": "Williamson"}, "county:williamson"),
        ("Nowhere", "TX", {"level": "county", "county": "Williamson"}, ""),
    ],
)
def test_a_place_is_the_government_that_is_meant_or_none(governments, place, state, more, government):
    answer = Gazetteer().answer(Asked(place, state, **more))
    found = Jurisdiction.objects.filter(pk=answer.key).first()
    assert (found.ocd_id if found else "").endswith(government)
    assert bool(found) == bool(government)


def test_none_of_the_governments_is_taken_for_another(governments):
    """Each by its own name, state and county, as its kind of office would say it: itself, or asked."""
    gazetteer, wrong, unsure = Gazetteer(), [], 0
    levels = {"place": "city", "county": "county", "school_district": "school", "state": "state"}
    rows = list(Jurisdiction.objects.order_by("ocd_id")[::37])
    for row in rows:
        answer = gazetteer.answer(Asked(row.name, row.state, row.county.partition(";")[0], levels[row.kind]))
        unsure += answer.key is None
        if answer.key not in (None, row.pk):
            wrong.append((row.label, answer))
    assert wrong == []
    assert unsure < 0.03 * len(rows)


def test_the_names_of_small_places_are_what_the_portal_makes_of_them():
    rows = [row for rows in small_places().values() for row in rows]
    assert len(rows) == 28_475
    assert [
        row
        for row in rows[::199]
        if row["names"] != names_of(row["name"], "place", row["designation"], row["state"]).strip()
    ] == []


# Files ---------------------------------------------------------------------------------------------------------------

ROWS = "Name,Email,Phone\nJosé Muñoz,jose@city.example,512-555-0123\nPatrick O’Dell,pat@city.example,\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(encoding, delimiter):
    table = texts.read(ROWS.replace(",", delimiter).encode(encoding))
    assert table.rows == [
        ["Name", "Email", "Phone"],
        ["José Muñoz", "jose@city.example", "512-555-0123"],
        ["Patrick O’Dell", "pat@city.example"],
    ]
    assert table.delimiter == delimiter


def test_rows_have_the_number_that_a_spreadsheet_shows():
    raw = b'Name,Email\n"Ann\nLee",ann@city.example\n\nBob Ray,bob@city.example\n'
    lines = files.sheet_of(raw)["lines"]
    assert lines == [
        (2, ["Ann\nLee", "ann@city.example"], False),
        (3, [], False),
        (4, ["Bob Ray", "bob@city.example"], False),
    ]


def test_a_quotation_mark_that_nobody_closed_swallows_no_rows():
    raw = b'Name,Email,State\nAnn,ann@city.example,TX\n"Bob,bob@city.example,TX\nCy,cy@city.example,TX\nDi,di@city.example,TX\n'
    assert [row[1] for row in texts.read(raw).rows[1:]] == [
        f"{name}@city.example" for name in ("ann", "bob", "cy", "di")
    ]


def test_a_row_of_another_width_is_torn_and_empty_cells_at_the_end_are_not():
    rows = [f"P{at},p{at}@city.example,TX,\n" for at in range(20)]
    raw = (
        "Name,Email,State,City\n"
        + "".join(rows)
        + "Ann,ann@city.example,TX,Austin,,,\nBob,bob@city.example,TX,Austin,x\nCy,cy@city.example\n"
    )
    torn = [number for number, _cells, is_torn in files.sheet_of(raw.encode())["lines"] if is_torn]
    assert torn == [23, 24]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.text('ab,;|"\n\té’ ', max_size=8), min_size=3, max_size=3), max_size=12))
def test_cells_are_what_was_written(rows):
    head = ["Name", "Email", "State"]
    rows = [[f"x{cell}" for cell in row] for row in rows]
    out = io.StringIO()
    csv.writer(out).writerows([head, *[["Ann", "ann@city.example", "TX"]] * 14, *rows])
    assert texts.read(out.getvalue().encode()).rows[15:] == rows


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n,,\r\n", "empty"),
        (b"Name,Email\n", "only_headings"),
        (b"%PDF-1.7 ...", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"PK\x03\x04 torn", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 torn", "broken"),
        (b"BEGIN:VCARD\nFN:Ann\nEND:VCARD", "cards"),
        (b'[{"name": "Ann"}]', "json"),
        (b"\x1f\x8b\x08", "archive"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(tmp_path, raw, reason):
    with pytest.raises(Unreadable) as refused:
        sheet_of(raw, tmp_path, "friends.csv")
    assert refused.value.reason == reason
    assert "“friends.csv”" in str(refused.value)


def test_a_workbook_that_unpacks_to_more_than_a_list_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 1024 * 1024)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/sharedStrings.xml", b" " * (2 * 1024 * 1024))
    with pytest.raises(Refused) as refused:
        files.sheet_of(out.getvalue())
    assert refused.value.reason == "large"


def test_a_workbook_with_a_cell_in_its_last_corner_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "Name", "x"
    book.save(tmp_path / "list.xlsx")
    with pytest.raises(Unreadable) as refused:
        read_sheet(tmp_path / "list.xlsx", "list.xlsx")
    assert refused.value.reason == "large"


def test_a_page_named_xls_is_read(tmp_path):
    raw = b"<html><table><tr><th>First Name</th><th>Last Name</th><th>Email</th></tr><tr><td>Ann</td><td>Lee</td><td>ann@city.example</td></tr></table></html>"
    assert [person.name for person in read(raw, tmp_path, "report.xls").values()] == ["Ann Lee"]


# Columns -------------------------------------------------------------------------------------------------------------


def columns_of(raw: str, folder: Path) -> list[str]:
    return list(guess_columns(sheet_of(raw.encode(), folder)).values())


def test_columns_are_known_by_what_stands_in_them(tmp_path):
    rows = "".join(
        f"person{at}@city.example,512-555-{at:04d},Ann Lee,TX,12/31/2027,Council Member\n" for at in range(3)
    )
    assert columns_of(rows, tmp_path) == ["email", "phone", "name", "state", "term_ends", "office"]


def test_what_stands_in_a_column_weighs_more_than_a_wrong_heading(tmp_path):
    rows = "".join(f"Ann Lee,person{at}@city.example,512-555-{at:04d}\n" for at in range(3))
    assert columns_of("Name,Phone,Email\n" + rows, tmp_path) == ["name", "email", "phone"]


def test_where_a_list_says_nothing_of_offices_the_city_is_where_somebody_lives(tmp_path):
    rows = "Ann Lee,ann@city.example,Bethesda,MD,20814\nBob Ray,bob@city.example,Austin,TX,78701\n"
    assert columns_of("Name,Email,City,State,Zip\n" + rows, tmp_path) == ["name", "email", "", "state", ""]


def test_a_layout_is_the_same_however_its_headings_are_spelled():
    assert (
        layout_key(("First Name", "E-mail"))
        == layout_key(("first_name", "E-Mail:"))
        != layout_key(("E-mail", "First Name"))
    )


def test_each_field_of_the_words_of_headings_can_be_chosen():
    chosen = set(FIELDS) | {each for kinds in CHOICES.values() for each in kinds}
    assert set(WHOLE) <= chosen
    assert len(FIELD_OF) == sum(len(said.strip("|").split("|")) for said in WHOLE.values())


def test_reading_a_list_asks_for_the_governments_of_its_states_once(governments, tmp_path, django_assert_num_queries):
    raw = "Name,Email,Office,Jurisdiction,State\n" + "".join(
        f"Ann Lee,a{at}@city.example,Mayor,Austin,TX\n" for at in range(60)
    )
    with django_assert_num_queries(1):
        assert {person.weight for person in read(raw.encode(), tmp_path).values()} == {None}


def test_our_own_export_is_read_to_the_letter(tmp_path):
    place = JurisdictionFactory(name="Hingham", state="MA", kind="school_district", designation="school district")
    cells = [
        "'=Mara, Ünal",
        "mara@portal.example",
        "(608) 555-0148",
        "Mayor at large, Dist. 4",
        "Hingham",
        "",
        "MA",
        "4",
        "",
        "2100-04-18",
        "12",
    ]
    out = io.StringIO()
    csv.writer(out).writerows([HEADINGS, [*cells, place.ocd_id]])
    (person,) = read(out.getvalue().encode("utf-8-sig"), tmp_path).values()
    assert (person.name, person.office, person.district, person.ended_on) == (
        "=Mara, Ünal",
        "Mayor at large, Dist. 4",
        "4",
        date(2100, 4, 18),
    )
    assert (person.jurisdiction, person.level, person.phone, person.member_id) == (
        place.pk,
        "school",
        "+16085550148",
        "12",
    )
    assert person.faults == ()


def test_a_column_for_cities_and_one_for_school_districts_are_both_read(governments, tmp_path):
    rows = [
        "Ann Lee,ann@city.example,Mayor,Austin,,TX",
        "Bob Ray,bob@city.example,Trustee,,Austin ISD,TX",
        "Cy Poe,cy@city.example,Mayor,Dallas,,TX",
    ]
    people = read("\n".join(["Name,Email,Office,City,School District,State", *rows]).encode(), tmp_path)
    assert [person.place for person in people.values()] == ["Austin", "Austin ISD", "Dallas"]
    assert [person.weight for person in people.values()] == [None, None, None]


def test_cells_that_a_comma_pushed_on_are_in_the_wrong_columns(tmp_path):
    rows = "Ann Lee,ann@city.example,,Mayor,\nBob Ray,bob@city.example,,TX,Mayor,\nNa Yo,na@city.example,,Mayor,\n"
    people = read(("Name,Email,State,Office,District\n" + rows).encode(), tmp_path)
    assert [outcome(person) for person in people.values()] == ["", "reject wrong_number_of_columns", ""]
    assert people[4].name == "Na Yo"
