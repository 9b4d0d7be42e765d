"""The pages of imports: a file, its plan, choices, the button, the way back."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members.models import Import, ImportLayout, User
from members.roster.importing import worker
from tests.factories import JurisdictionFactory, UserFactory
from tests.members.roster.lists import HEADINGS, brought, carried_out, row

pytestmark = pytest.mark.django_db


TERRENCE = "Terrence,Boyle,terrence@gb.example,,Council Member,Pueblo,CO,"
NOBODY = "Nobody,Known,,,,,,"


@pytest.fixture(autouse=True)
def pueblo():
    return JurisdictionFactory(name="Pueblo", state="CO")


def planned_lines(client, imported: Import) -> list[dict[str, str]]:
    content = b"".join(client.get(f"/staff/imports/{imported.pk}/plan.csv").streaming_content).decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_a_list_is_brought_checked_and_imported(sign_in, stu):
    client = sign_in(stu)
    file = SimpleUploadedFile("winners.csv", "\n".join([HEADINGS, TERRENCE, NOBODY]).encode())
    sent = client.post("/staff/imports/new/", {"file": file})
    imported = Import.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, f"/staff/imports/{imported.pk}/")
    assert "Reading the list" in client.get(sent["Location"]).text
    worker.work()
    page = client.get(sent["Location"]).text
    assert "Check before importing" in page and "Nothing has changed yet." in page and "Import 1 row" in page
    assert [(each["row"], each["outcome"], each["reason"]) for each in planned_lines(client, imported)] == [
        ("2", "create", "new_member"),
        ("3", "reject", "missing_email"),
    ]
    client.post(f"/staff/imports/{imported.pk}/confirm/", {"seen": Import.objects.get().version})
    worker.work()
    page = client.get(sent["Location"]).text
    assert "members added" in page and "Undo the whole import" in page and "No email." in page
    assert User.objects.filter(email="terrence@gb.example").exists()
    left = b"".join(client.get(f"/staff/imports/{imported.pk}/failed.csv").streaming_content).decode("utf-8-sig")
    assert left.splitlines() == [f"{HEADINGS},What is wrong", "Nobody,Known,,,,,,,No email."]


def test_nothing_is_imported_but_what_the_page_showed(sign_in, stu):
    UserFactory(name="Alma Quintero", email="alma@portal.example")
    client = sign_in(stu)
    imported = brought(TERRENCE, "Alma,Quintero,quintero@lc.example,,,,,", by=stu)
    page = client.get(f"/staff/imports/{imported.pk}/").text
    assert "Import 1 row" in page and "Row 3 is skipped unless you choose." in page
    confirm = f"/staff/imports/{imported.pk}/confirm/"
    client.post(confirm, {"seen": imported.version, "row-3": "create"})
    imported.refresh_from_db()
    assert imported.state == Import.State.PLANNED
    assert row(imported, 3).choice == "create"
    assert "Import 2 rows" in client.get(f"/staff/imports/{imported.pk}/").text
    client.post(confirm, {"seen": "0"})
    imported.refresh_from_db()
    assert imported.state == Import.State.PLANNED
    client.post(confirm, {"seen": imported.version, "row-3": "create"})
    imported.refresh_from_db()
    assert imported.state == Import.State.IMPORTING


def test_all_of_a_kind_are_chosen_at_once(sign_in, stu):
    for name in ("Alma Quintero", "Bo Diaz"):
        UserFactory(name=name)
    client = sign_in(stu)
    imported = brought("Alma,Quintero,a@lc.example,,,,,", "Bo,Diaz,b@lc.example,,,,,", by=stu)
    client.post(f"/staff/imports/{imported.pk}/choose/", {"reason": "looks_like_member", "kind": "skip"})
    assert list(imported.rows_of.values_list("choice", flat=True)) == ["skip", "skip"]
    client.post(f"/staff/imports/{imported.pk}/choose/", {"reason": "looks_like_member", "kind": "update"})
    assert all(each.startswith("update:") for each in imported.rows_of.values_list("choice", flat=True))
    client.post(f"/staff/imports/{imported.pk}/choose/", {"row-2": "update:99999", "row-3": "nonsense"})
    assert all(each.startswith("update:") for each in imported.rows_of.values_list("choice", flat=True))


def test_a_column_is_corrected_once(sign_in, stu):
    client = sign_in(stu)
    headings = "First Name,Last Name,Wohin"
    imported = brought("Terrence,Boyle,terrence@gb.example", by=stu, headings=headings)
    assert row(imported, 2).reason == "missing_email"
    page = client.get(f"/staff/imports/{imported.pk}/columns/").text
    assert "Wohin" in page and "terrence@gb.example" in page
    columns = {"column-0": "given_name", "column-1": "family_name", "column-2": "email"}
    wrong = client.post(f"/staff/imports/{imported.pk}/columns/", columns | {"column-0": "email"})
    assert "in “First Name” already" in wrong.text
    client.post(f"/staff/imports/{imported.pk}/columns/", columns)
    worker.work()
    assert row(imported, 2).outcome == "create"
    assert row(brought("Alma,Quintero,alma@lc.example", by=stu, headings=headings), 2).outcome == "create"
    assert ImportLayout.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_for_any_number_of_rows(sign_in, stu, rows, django_assert_num_queries):
    for _ in range(rows):
        imported = brought(
            *[f"Ann{n},Ortiz{n},ann{n}@lc.example,,Council Member,Pueblo,CO," for n in range(rows)], by=stu
        )
    client = sign_in(stu)
    with django_assert_num_queries(4):
        client.get("/staff/imports/")
    with django_assert_num_queries(8):
        client.get(f"/staff/imports/{imported.pk}/")


def test_cells_do_not_run_as_formulas(sign_in, stu):
    imported = brought("=HYPERLINK(1),@SUM,terrence@gb.example,,,,,", by=stu)
    line = planned_lines(sign_in(stu), imported)[0]
    assert not any(value.startswith(("=", "@", "+", "-")) for value in line.values())


def test_what_was_stopped_goes_on(sign_in, stu):
    client = sign_in(stu)
    imported = brought(TERRENCE, by=stu)
    imported.confirm(stu, imported.version)
    client.post(f"/staff/imports/{imported.pk}/stop/")
    worker.work()
    page = client.get(f"/staff/imports/{imported.pk}/").text
    assert "Go on importing" in page and not User.objects.filter(email="terrence@gb.example").exists()
    client.post(f"/staff/imports/{imported.pk}/again/")
    worker.work()
    assert User.objects.filter(email="terrence@gb.example").exists()


def test_an_import_is_taken_back_from_its_page(sign_in, stu):
    client = sign_in(stu)
    imported = carried_out(brought(TERRENCE, by=stu), stu)
    client.post(f"/staff/imports/{imported.pk}/undo/")
    worker.work()
    assert "Taken back" in client.get(f"/staff/imports/{imported.pk}/").text
    assert not User.objects.filter(email="terrence@gb.example").exists()


@pytest.mark.parametrize("cell", ["=1+1", "＝1+1", "@SUM(1)", "-1+1"])
def test_no_cell_of_what_was_not_taken_runs_as_a_formula(sign_in, stu, cell):
    imported = brought(f"Ann,Ortiz,,,{cell},Pueblo,CO,", by=stu)
    client = sign_in(stu)
    text = b"".join(client.get(f"/staff/imports/{imported.pk}/failed.csv").streaming_content).decode("utf-8-sig")
    assert f"'{cell}" in text and f",{cell}" not in text
