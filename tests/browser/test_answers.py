"""Who's coming, for co-chairs: a list with one *Change* a row on a phone, the answers beside the names on a wide screen."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looking import objections
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory


@pytest.fixture
def people(transactional_db):
    committee = CommitteeFactory(slug="economic-justice", name="Economic Justice")
    carla = MembershipFactory(committee=committee, user__name="Carla Núñez", role="chair").user
    MembershipFactory(committee=committee, user__name="Mo Haddad")
    return carla, MeetingFactory(committee=committee, by=carla, title="Fair workweek")


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["script", "no script"])
def test_on_a_phone_an_answer_is_two_taps(open_page, people, options):
    carla, meeting = people
    page = open_page(f"/calls/{meeting.slug}/answers/", carla, **options)
    going = page.get_by_role("button", name=re.compile("Going.*Mo Haddad"))
    expect(going).to_be_hidden()
    page.locator("summary", has_text="Mo Haddad").click(timeout=5000)
    if not options:
        assert objections(page) == []
    going.click(timeout=5000)
    expect(page.get_by_role("listitem").filter(has_text="Mo Haddad").locator(".badge")).to_have_text("Going")
    expect(page.get_by_role("listitem").filter(has_text="Mo Haddad")).to_be_in_viewport()


def test_on_a_wide_screen_it_is_one(open_page, people):
    carla, meeting = people
    page = open_page("/", carla)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"/calls/{meeting.slug}/answers/")
    page.get_by_role("button", name=re.compile("Maybe.*Mo Haddad")).click()
    pressed = page.get_by_role("button", name=re.compile("Maybe.*Mo Haddad"))
    expect(pressed).to_have_attribute("aria-pressed", "true")
    assert page.said == []
