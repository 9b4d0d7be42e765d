"""The agenda book on its page: asked for, seen growing, taken home; with the keyboard alone, on a phone, without script."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from events.models import Book
from events.tasks import build_book
from tests.browser.looking import everything
from tests.events.test_book import call, files

__all__ = ["call", "files"]
SHOTS = Path("/tmp/book_shots")  # looked at where this is there


def look(page, name):
    if SHOTS.is_dir():
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    assert everything(page) == []


@pytest.fixture
def address(transactional_db, call):
    return f"{call.get_absolute_url()}book/"


def test_it_is_asked_for_with_the_keyboard_and_grows_until_it_is_there(open_page, address, mo):
    page = open_page(address, mo)
    look(page, "none")
    page.get_by_role("button", name="Make the book").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    book = Book.claim()
    assert book is not None and book.step(2)
    expect(page.get_by_text("2 of 3 papers")).to_be_visible()
    look(page, "grows")
    book.put_back()
    assert build_book()
    ready = page.get_by_role("link", name="Download the book")
    expect(ready).to_be_visible()
    look(page, "ready")
    ready.focus()
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    assert Path(taken.value.path()).read_bytes().startswith(b"%PDF-") and page.said == []


def test_without_script_one_looks_again(open_page, address, mo):
    page = open_page(address, mo, java_script_enabled=False)
    page.get_by_role("button", name="Make the book").click()
    expect(page.get_by_text("0 of 3 papers")).to_be_visible()
    assert build_book()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("link", name="Download the book")).to_be_visible()
