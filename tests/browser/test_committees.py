"""Joining, leaving, looking for people and adding a paper, with a thumb and without script."""

import pytest
from playwright.sync_api import expect

from committees.models import Committee, Document, Membership
from tests.committees.test_uploads import EXE
from tests.factories import CommitteeFactory, IssueAreaFactory, MembershipFactory, UserFactory


@pytest.fixture
def committee(transactional_db):
    issue = IssueAreaFactory(slug="economic-justice", name="Economic Justice")
    return CommitteeFactory(slug="economic-justice", name="Economic Justice", issue=issue)


@pytest.fixture
def olga(committee):
    return UserFactory(name="Olga Petrova")


@pytest.fixture
def carla(committee):
    return MembershipFactory(committee=committee, user__name="Carla Núñez-O'Hara", role=Membership.Role.CHAIR).user


def role(user):
    return Committee.objects.get(slug="economic-justice").role_of(user)


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["script", "no script"])
def test_two_steps_from_the_issue_page_onto_the_committee_and_off_again(open_page, olga, options):
    page = open_page("/issues/economic-justice/", olga, **options)
    page.get_by_role("link", name="Join the steering committee").first.click()
    page.get_by_role("button", name="Join Economic Justice").click()
    expect(page.get_by_role("heading", level=1, name="Economic Justice")).to_be_visible()
    assert role(olga) == "member"
    page.get_by_text("You’re a member").click()
    page.get_by_role("button", name="Leave this committee").click()
    expect(page.get_by_text("You left this committee today.")).to_be_visible()
    assert role(olga) == ""
    page.locator("main").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("You’re back on Economic Justice.")
    assert role(olga) == "member"
    assert page.said == []


def test_the_toast_takes_leaving_back(open_page, carla):
    page = open_page("/committees/economic-justice/leave/", carla)
    page.get_by_role("button", name="Leave Economic Justice").click()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("You’re back on Economic Justice.")
    assert role(carla) == "chair"


def test_people_appear_while_one_types_and_the_address_follows(open_page, olga):
    UserFactory(name="Zoë Quiñones")
    page = open_page("/people/", olga)
    page.get_by_role("searchbox", name="Search people").fill("quinon")
    expect(page.locator("#results")).to_contain_text("1 person")
    expect(page.get_by_role("link", name="Zoë Quiñones")).to_be_visible()
    assert page.url.endswith("/people/?q=quinon&state=&committee=&level=")
    page.reload()
    expect(page.get_by_role("link", name="Zoë Quiñones")).to_be_visible()
    assert page.said == []


def test_a_refused_file_keeps_the_title_and_a_good_one_goes_in(open_page, carla):
    page = open_page("/committees/economic-justice/documents/upload/", carla)
    page.get_by_label("Title").fill("Questions for counsel")
    page.get_by_label("All members").check()
    page.get_by_label("File").set_input_files({"name": "report.pdf", "mimeType": "application/pdf", "buffer": EXE})
    page.get_by_role("button", name="Add document").click()
    expect(page.get_by_role("alert")).to_contain_text("We can’t take this kind of file")
    expect(page.get_by_label("Title")).to_have_value("Questions for counsel")
    expect(page.get_by_label("All members")).to_be_checked()
    page.get_by_label("File").set_input_files({"name": "q.txt", "mimeType": "text/plain", "buffer": b"Who enforces?"})
    page.get_by_role("button", name="Add document").click()
    expect(page.get_by_role("heading", level=1, name="Questions for counsel")).to_be_visible()
    assert Document.objects.get().audience == "members"
