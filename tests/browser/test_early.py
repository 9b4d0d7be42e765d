"""What somebody chooses before the script is there counts once it is."""

import pytest
from playwright.sync_api import expect

from tests.factories import SeriesFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow_script(open_page, carla):
    """`slow_script(address)`: the page, with htmx still under way."""

    def open_it(address):
        page = open_page("/", carla)
        page.route("**/htmx*.js", lambda route: (page.wait_for_timeout(400), route.continue_()))
        page.goto(address, wait_until="commit")
        return page

    return open_it


def test_the_dates_of_a_rule_that_was_changed_early_are_shown(slow_script, committee, carla):
    series = SeriesFactory(committee=committee, by=carla, rule="FREQ=WEEKLY;BYDAY=TU;COUNT=9")
    page = slow_script(f"/series/{series.key}/change/")
    page.get_by_label("Day", exact=True).select_option("Wednesday")
    assert page.evaluate("document.readyState") != "complete"
    expect(page.locator("#series-dates")).to_contain_text("Every week on Wednesday")


def test_a_setting_that_was_changed_early_is_saved(slow_script, carla):
    page = slow_script("/settings/privacy/")
    page.get_by_label("Email").select_option("members")
    expect(page.locator("#said")).to_contain_text("Saved")
    carla.profile.refresh_from_db()
    assert carla.profile.email_audience == "members"


def test_what_is_searched_early_is_found(slow_script, committee, carla, mo):
    page = slow_script("/people/")
    page.get_by_role("searchbox", name="Search people").fill("Haddad")
    expect(page.locator("#results li")).to_have_count(1)
    expect(page.locator("#results")).to_contain_text("Mo Haddad")
