"""Finding a time on a phone and by keyboard, with script and without; saying one's own hours."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from members.models import CallHours, CouncilNight
from tests.browser.looking import everything
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def roster(committee, carla, mo):
    """Six who told their hours; one of them sits on a council in Honolulu and lets co-chairs know."""
    people = [carla, mo]
    for number in range(4):
        zone = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Pacific/Honolulu")[number]
        people.append(UserFactory(name=f"Member {number}", timezone=zone))
        MembershipFactory(committee=committee, user=people[-1])
    for person in people:
        CallHours.tell(person, [(9 * 60, 17 * 60)] * 5 + [None] * 2)
    CouncilNight.add(people[-1], weekday=3, weeks=[], begins=time(8), minutes=300, may_be_named=True)
    return people


def next_week() -> date:
    return date.today() - timedelta(days=date.today().weekday()) + timedelta(days=7)  # noqa: DTZ011


def chosen(page):
    return page.locator("table.heat a[aria-current]")


@pytest.mark.timeout(240)
def test_a_co_chair_finds_a_time_by_keyboard_and_schedules_it(roster, open_page, committee, carla):
    page = open_page(reverse("committee_meetings", args=[committee.slug]), carla)
    page.get_by_role("link", name="Find a time", exact=True).click()
    page.goto(f"{page.url}?week={next_week()}&repeats=")
    expect(page.get_by_role("heading", name="How many of 6 can likely come")).to_be_visible()
    chosen(page).focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    for _step in range(3):
        page.keyboard.press("ArrowRight")  # Thursday
    expect(page.locator("table.heat a[tabindex='0']")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    named = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert named.startswith("Thursday")
    page.keyboard.press("Enter")
    expect(chosen(page)).to_have_attribute("aria-label", named)
    expect(chosen(page)).to_be_focused()
    expect(page.get_by_text("Member 3 has council then.")).to_be_visible()
    page.get_by_role("link", name="Use Thursday at").click()
    expect(page.get_by_role("heading", name="Schedule a call")).to_be_visible()
    assert page.get_by_label("Date", exact=True).input_value() == str(next_week() + timedelta(days=3))
    page.go_back()
    expect(chosen(page)).to_have_attribute("aria-label", named)
    page.get_by_label("How often").select_option("monthly")
    expect(page.get_by_role("heading", name="in a year")).to_be_visible()
    assert everything(page) == []
    page.get_by_role("link", name="Show all hours and the weekend").click()
    expect(page.get_by_role("columnheader")).to_have_count(7)
    assert page.said == []


def test_without_script_every_square_is_a_link_and_the_filters_have_a_button(roster, open_page, committee, carla):
    address = f"{reverse('find_a_time', args=[committee.slug])}?week={next_week()}"
    page = open_page(address, carla, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page.get_by_label("Length").select_option("90")
    page.get_by_role("button", name="Show").click()
    page.locator("table.heat a").nth(12).click()
    expect(chosen(page)).to_have_count(1)
    assert "length=90" in page.url
    page.goto(f"{address}&length=100000")
    expect(page.get_by_text("A call takes 720 minutes at most")).to_be_visible()


def test_a_member_says_their_hours_and_their_councils_nights(open_page, mo):
    page = open_page(reverse("settings_hours"), mo)
    assert everything(page) == []
    page.get_by_label("Friday", exact=True).uncheck()
    expect(page.locator("#said")).to_contain_text("Saved at")
    page.get_by_label("Monday to").select_option("8:00 AM")
    expect(page.locator("#said")).to_contain_text("Monday ends before it begins")
    page.get_by_label("Monday to").select_option("6:00 PM")
    expect(page.locator("#said")).to_contain_text("Saved at")
    assert CallHours.objects.get(user=mo).spans == [(540, 1080), *[(540, 1020)] * 3, None, None, None]
    page.get_by_role("link", name="Add a meeting").click()
    assert everything(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Check the weeks on which it meets").first).to_be_visible()
    assert everything(page) == []
    page.get_by_label("Day", exact=True).select_option("Tuesday")
    page.get_by_label("Second").check()
    page.get_by_label("Fourth").check()
    page.get_by_role("button", name="Save").dblclick()
    expect(page.get_by_role("link", name="Second and fourth Tuesdays")).to_be_visible()
    assert CouncilNight.objects.count() == 1
    page.get_by_role("link", name="Second and fourth Tuesdays").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("link", name="Second and fourth Tuesdays")).to_have_count(0)
    assert page.said == []
