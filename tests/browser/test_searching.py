"""Looking for people while typing, by keyboard."""

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
