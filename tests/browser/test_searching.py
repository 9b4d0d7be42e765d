"""Searching while typing, by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from events.models import AgendaItem
from tests.browser.looking import objections
from tests.factories import UserFactory, publish_quietly


def test_what_is_found_while_typing_is_reached_by_arrow_keys(open_page, mo):
    for name in ("Nguyễn Thị Hồng", "Nguyễn Văn Ba"):
        UserFactory(name=name)
    page = open_page("/search/", mo)
    field = page.get_by_role("searchbox")
    field.press_sequentially("nguyen")
    first, second = page.locator("#results a.row__title").nth(0), page.locator("#results a.row__title").nth(1)
    expect(second).to_be_visible()
    field.press("ArrowDown")
    expect(first).to_be_focused()
    first.press("ArrowDown")
    expect(second).to_be_focused()
    second.press("Escape")
    expect(field).to_be_focused()
    assert page.said == []


@pytest.mark.parametrize("start", ["/people/", "/search/"])
def test_back_after_typing_brings_the_whole_page_and_one_more_leaves_it(open_page, mo, start):
    UserFactory(name="Nguyễn Thị Hồng")
    page = open_page("/committees/", mo)
    page.goto(page.url.replace("/committees/", start))
    page.get_by_role("searchbox").press_sequentially("nguyen", delay=400)
    row = page.locator("#results a.row__title").first
    expect(row).to_contain_text("Nguyễn")
    expect(page).to_have_url(re.compile("q=nguyen(&|$)"))
    row.click()
    expect(page).to_have_url(re.compile(r"/people/\d+/"))
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("nguyen")
    expect(page.get_by_role("main").locator("h1")).to_be_visible()
    expect(page.locator("#results a.row__title").first).to_contain_text("Nguyễn")
    page.go_back()
    expect(page).to_have_url(re.compile("/committees/$"))
    given_up = ("htmx:sendAbort", "htmx:afterRequest")  # what a next letter came before the answer of
    assert [each for each in page.said if not each.startswith(given_up)] == []


def test_leaving_the_field_asks_for_nothing_again_and_a_choice_does(open_page, mo):
    page, asked = open_page("/people/", mo), []
    field = page.get_by_role("searchbox")
    with page.expect_response("**/people/?q=haddad*"):
        field.press_sequentially("haddad")
    expect(page.locator("#results a.row__title")).to_have_count(1)
    page.on("request", lambda request: asked.append(request.url))
    field.press("Tab")
    page.wait_for_timeout(500)
    assert asked == []
    assert field.get_attribute("value") == "haddad"  # which a list that comes back as it stood is set to
    with page.expect_response("**/people/?q=haddad*level=city*"):
        page.get_by_label("Kind of office").select_option("city")


@pytest.fixture
def statehouse(mo, carla, meeting):
    AgendaItem.add(meeting, carla, title="What the Statehouse plans", description="Wages at the Statehouse", minutes=5)
    AgendaItem.add(meeting, carla, title="Statehouse bus", minutes=5)
    publish_quietly(meeting)
    return meeting


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_suggestions_under_the_box_are_gone_through_by_keyboard(open_page, mo, statehouse, scheme):
    page = open_page("/about/", mo, viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    page.goto("/committees/")
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search")
    expect(field).to_be_focused()
    field.press_sequentially("stateho")
    options = page.get_by_role("listbox", name="Search").get_by_role("option")
    expect(options).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    assert objections(page) == []
    expect(field).to_have_attribute("aria-activedescendant", options.nth(0).get_attribute("id"))
    field.press("ArrowUp")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(options).to_have_count(0)  # hidden
    expect(field).to_be_focused()
    expect(field).to_have_value("stateho")
    field.press("ArrowDown")
    expect(options).to_have_count(2)
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url(f"**{statehouse.get_absolute_url()}*")
    field = page.get_by_role("combobox", name="Search")
    field.fill("statehouse")
    field.press("Enter")  # nothing chosen: a search as without script
    page.wait_for_url("**/search/?q=statehouse")
    expect(page.locator("#results mark").first).to_be_visible()
    assert objections(page) == []
    page.goto("/search/?q=stathouse")
    expect(page.get_by_role("heading", name="Did you mean")).to_be_visible()
    assert objections(page) == []
    assert page.said == []


def test_the_box_searches_without_script(open_page, mo, statehouse):
    page = open_page("/committees/", mo, viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    page.get_by_role("searchbox", name="Search").fill("statehouse bus")
    page.keyboard.press("Enter")
    expect(page.locator("#results a.row__title")).to_have_text(["Statehouse bus"])
