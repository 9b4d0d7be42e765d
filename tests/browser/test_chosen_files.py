"""A file that was chosen is asked for again, in a sentence and with its name, when it could not be kept."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from committees.models import Document
from tests.access_world import make_document
from tests.browser.looking import objections
from tests.browser.test_ended_sessions import sign_in_by_code
from tests.factories import CommitteeFactory, MembershipFactory

PAPER = {"name": "Budget 2027.txt", "mimeType": "text/plain", "buffer": b"Buses run on Sundays."}
FOCUSED = "document.activeElement.name"


@pytest.fixture
def carla(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    committee = CommitteeFactory(slug="economic-justice", name="Economic Justice")
    return MembershipFactory(committee=committee, user__name="Carla Núñez", role="chair").user


def upload(page) -> None:
    page.get_by_label("Title").fill("The budget, draft 2")
    page.get_by_label("All members").check()
    page.get_by_label("File", exact=True).set_input_files(PAPER)


@pytest.mark.parametrize("script", [True, False])
def test_a_file_chosen_before_the_session_ended_is_asked_for_and_the_words_are_there(open_page, carla, script):
    address = "/committees/economic-justice/documents/upload/"
    page = open_page(address, carla, java_script_enabled=script)
    upload(page)
    Session.objects.all().delete()
    page.get_by_role("button", name="Add document").click()
    expect(page.get_by_text("Only the file has to be chosen again.")).to_be_visible()
    sign_in_by_code(page, carla)
    expect(
        page.get_by_text("You were signed out before Budget 2027.txt arrived. Choose it again.").last
    ).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("The budget, draft 2")
    expect(page.get_by_label("All members")).to_be_checked()
    assert (address in page.url, page.evaluate(FOCUSED)) == (True, "file")
    assert page.locator("section.unsent").count() == 0
    if script:
        assert objections(page, "light", "dark") == []
    page.get_by_label("File", exact=True).set_input_files(PAPER)
    page.get_by_role("button", name="Add document").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The budget, draft 2")
    assert Document.objects.get().latest.name == "Budget 2027.txt"
    page.goto(address)
    expect(page.get_by_label("Title")).to_have_value("")
    page.goto("/")
    assert page.locator("section.unsent").count() == 0


def test_a_new_version_is_asked_for_again_too(open_page, carla):
    document = make_document(carla.memberships.get().committee, carla)
    page = open_page(f"/documents/{document.pk}/new-version/", carla)
    page.get_by_label("File", exact=True).set_input_files(PAPER)
    Session.objects.all().delete()
    page.get_by_role("button", name="Add version").click()
    sign_in_by_code(page, carla)
    expect(page.get_by_text("You were signed out before Budget 2027.txt arrived.").last).to_be_visible()
    assert page.evaluate(FOCUSED) == "file"


@pytest.mark.parametrize("script", [True, False])
def test_a_file_beside_another_mistake_is_asked_for_again(open_page, carla, script):
    page = open_page("/committees/economic-justice/documents/upload/", carla, java_script_enabled=script)
    upload(page)
    page.get_by_label("Title").evaluate(
        "field => { field.removeAttribute('maxlength'); field.value = 'x'.repeat(300) }"
    )
    page.get_by_role("button", name="Add document").click()
    expect(page.locator(".form-errors li")).to_have_count(2)
    expect(page.locator(".form-errors li").last).to_have_text(
        "Choose Budget 2027.txt again: a file isn’t kept while something else is to fix"
    )
    assert not Document.objects.exists()
