"""Who was on a call: marked on a phone, by keyboard, without script, by two co-chairs; a report taken over."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from committees.models import Membership
from events.models import Attendance, Rsvp
from tests.browser.looking import objections, tight_spots
from tests.factories import MeetingFactory, MembershipFactory

NAMES = ("Rosalind Achterberg", "Kekoa Nakamura", "Bridget Halloran")
REPORT = "Name (Original Name),User Email,Duration (Minutes),Guest\nKekoa Nakamura,,41,Yes\niPad (3),,55,Yes\n"


@pytest.fixture
def call(transactional_db, committee, carla, mo):
    call = MeetingFactory(committee=committee, by=carla, title="Fair workweek", starts_in=-timedelta(minutes=20))
    for name in NAMES:
        person = MembershipFactory(committee=committee, user__name=name).user
        Rsvp.objects.create(meeting=call, user=person, edition=call.edition, response="accepted", version=1)
    return call


def looked_at(page):
    """In light and dark, and narrow."""
    assert objections(page, "light", "dark") == []
    assert tight_spots(page) == []


def test_a_co_chair_marks_who_is_here(open_page, call, carla, mo):
    address = f"{call.get_absolute_url()}attendance/"
    page = open_page(address, carla)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("button", name="All 3 of these were here")).to_be_visible()
    looked_at(page)
    row = page.locator("li", has_text="Bridget Halloran")
    row.get_by_role("button", name="Not here").focus()
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", name="Not here")).to_have_attribute("aria-pressed", "true")
    expect(row.get_by_role("button", name="Not here")).to_be_focused()  # where the thumb is
    row.get_by_role("button", name="Here", exact=True).click()
    expect(page.locator(".here__number")).to_have_text("1")
    row.get_by_role("button", name="Left").click()
    expect(page.locator(".here__number")).to_have_text("0")

    other = open_page(address, carla)  # another tab, with what it showed before
    page.get_by_role("link", name="To mark").click()
    other.get_by_role("button", name="of these were here").click()
    expect(other.get_by_role("status").first).to_contain_text("2")
    looked_at(other)

    other.goto(f"{address}report/")
    other.set_input_files("input[type=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": REPORT.encode()})
    other.get_by_role("button", name="Look at it").click()
    expect(other.get_by_role("heading", name="Who is this?")).to_be_visible()
    looked_at(other)
    other.get_by_label("iPad (3)").select_option(label="Mo Haddad")
    other.get_by_role("button", name="They were here").click()
    expect(other.get_by_text("Mo Haddad", exact=True)).to_be_visible()
    other.go_back()
    expect(other.get_by_role("heading", name="Who was here")).to_be_visible()
    assert Attendance.objects.here().count() == 4


def test_it_goes_without_script(open_page, call, carla):
    page = open_page(f"{call.get_absolute_url()}attendance/", carla, java_script_enabled=False)
    page.locator("li", has_text="Kekoa").get_by_role("button", name="Here", exact=True).click()
    expect(page.locator(".here__number")).to_have_text("1")


def test_a_member_says_that_they_are_here(open_page, call, mo):
    page = open_page(call.get_absolute_url(), mo)
    page.get_by_role("button", name="I’m here").click()
    expect(page.locator("#here")).to_contain_text("You say you were here")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_history_of_a_committee(open_page, call, carla, mo):
    Membership.objects.filter(user=mo).update(role=Membership.Role.OBSERVER)
    for weeks in range(1, 4):
        past = MeetingFactory(committee=call.committee, by=carla, starts_in=-timedelta(weeks=weeks))
        Attendance.mark(past, carla, by=carla)
    page = open_page(f"/committees/{call.committee.slug}/attendance/", carla)
    page.get_by_text("Show as a table").click()
    expect(page.get_by_role("table")).to_be_visible()
    looked_at(page)
