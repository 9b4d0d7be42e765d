"""A list of members from the file to the undo, in a browser: light and dark, narrow, by keyboard, without script."""

import os

import pytest
from playwright.sync_api import expect

from members.models import Import, Office, User
from members.roster.importing import worker
from tests.browser.looking import objections, tight_spots
from tests.factories import JurisdictionFactory, UserFactory
from tests.members.roster.lists import HEADINGS

LIST = [
    "Terrence,Boyle,t.boyle@gbcouncil.example,719-545-0123,Council Member,Pueblo,CO,12/31/2029",
    "Alma,Quintero,quintero@lc.example,,Council Member,Pueblo,CO,",
    "Patrick,O’Dell,odell@wo.example,,Mayor,Pueblo,CO,13/31/2029",
    "Lucille,Amadi,amadi@to.example,,Mayor,Pueblo,CO,12/31/2027",
    "Nobody,Known,,,,,,",
    "Bo,Diaz,bo@portal.example,719-545-0177,,,,",
]


@pytest.fixture
def pueblo(transactional_db, ada):
    pueblo = JurisdictionFactory(name="Pueblo", state="CO")
    boyle = UserFactory(name="Terrence M. Boyle", email="tboyle@mail.example")
    Office.objects.create(user=boyle, title="City Council Member", level="city", jurisdiction=pueblo)
    UserFactory(name="Lucille Amadi", email="amadi@to.example").deactivate(ada, "asked")
    UserFactory(name="Bo Diaz", email="bo@portal.example")
    return pueblo


def test_a_list_is_checked_and_imported(open_page, pueblo, stu):
    page = open_page("/staff/imports/new/", stu)
    buffer = "\n".join([HEADINGS, *LIST]).encode()
    page.set_input_files("input[type=file]", {"name": "winners.csv", "mimeType": "text/csv", "buffer": buffer})
    page.get_by_role("button", name="Read the list").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    worker.work()
    expect(page.get_by_role("heading", name="Check before importing")).to_be_visible()  # by itself
    assert objections(page, "light", "dark") == []
    assert tight_spots(page) == []
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/import-dark.png", full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.screenshot(path=f"{folder}/import.png", full_page=True)
    button = page.get_by_role("button", name="Import 3 rows")
    expect(button).to_be_visible()
    page.get_by_label("Row 2: Terrence Boyle").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Import 4 rows")).to_be_visible()
    page.get_by_role("button", name="Import 4 rows").click()
    worker.work()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    assert objections(page, "light") == []
    assert User.objects.filter(email="quintero@lc.example").exists()
    assert not User.objects.filter(email="amadi@to.example", is_active=True).exists()


def test_it_goes_without_script(open_page, pueblo, stu):
    page = open_page("/staff/imports/new/", stu, java_script_enabled=False)
    buffer = "\n".join([HEADINGS, *LIST]).encode()
    page.set_input_files("input[type=file]", {"name": "winners.csv", "mimeType": "text/csv", "buffer": buffer})
    page.get_by_role("button", name="Read the list").click()
    worker.work()
    page.get_by_role("link", name="See how far it is").click()
    page.get_by_role("button", name="Import 3 rows").click()
    worker.work()
    page.get_by_role("link", name="See how far it is").click()
    page.get_by_role("button", name="Undo the whole import").click()
    worker.work()
    page.get_by_role("link", name="See how far it is").click()
    expect(page.get_by_role("heading", name="Taken back")).to_be_visible()
    assert Import.objects.get().rows_of.exclude(undo_reason="").count() == 0
