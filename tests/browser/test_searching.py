"""Looking for people while typing, by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import UserFactory


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
    assert page.said == []
