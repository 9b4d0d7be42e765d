"""Settings in a browser: each change is saved as it is made, and what is typed meanwhile stays."""

import pytest
from playwright.sync_api import expect

from members.models import NotificationPreference, User
from tests.factories import UserFactory


@pytest.fixture
def mo(transactional_db):
    return UserFactory(name="Mo Haddad")


def test_a_change_is_saved_and_says_so(open_page, mo):
    page = open_page("/settings/details/", mo)
    expect(page.get_by_role("button", name="Save")).to_be_hidden()
    page.get_by_label("Pronouns").fill("he/him")
    page.get_by_label("About you").focus()
    page.keyboard.type("Rents")
    expect(page.get_by_role("status").filter(has_text="Saved at")).to_be_in_viewport()
    expect(page.get_by_label("About you")).to_have_value("Rents")
    assert User.objects.get().profile.pronouns == "he/him"
    page.get_by_label("Full name").fill("")
    page.get_by_label("Pronouns").focus()
    expect(page.get_by_role("status").filter(has_text="Not saved.")).to_be_in_viewport()
    assert page.said == []


def test_choices_there_and_back_are_both_saved(open_page, mo):
    page = open_page("/settings/notifications/", mo)
    choice = page.locator("#id_invitation")
    before = choice.input_value()
    choice.select_option("daily")
    expect(page.locator("#said")).to_contain_text("Saved at")
    assert NotificationPreference.objects.get().cadence == "daily"
    with page.expect_response("**/settings/notifications/"):
        choice.select_option(before)
    assert not NotificationPreference.objects.exists()
    assert page.said == []


def test_when_the_portal_does_not_answer_the_button_comes_back(open_page, mo):
    page = open_page("/settings/privacy/", mo)
    page.context.set_offline(True)
    page.locator("#id_email_audience").select_option(index=0)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
