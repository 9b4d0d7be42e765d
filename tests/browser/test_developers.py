"""The page for developers on narrow screens, in large text, in light and dark, and on paper."""

from tests.browser.looking import everything

EXAMPLES = 10


def test_examples_are_read_and_copied_at_any_width(open_page):
    page = open_page("/developers/")
    assert everything(page) == []
    assert page.get_by_role("button", name="Copy Who am I?").is_visible()
    assert page.said == []


def test_the_examples_are_whole_on_paper(open_page):
    page = open_page("/developers/")
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Copy Who am I?").is_visible()
    blocks = page.locator("pre[data-curl], pre[data-python]")
    cut = blocks.evaluate_all("all => all.filter((each) => each.scrollWidth > each.clientWidth).length")
    assert (blocks.count(), cut) == (2 * EXAMPLES, 0)
