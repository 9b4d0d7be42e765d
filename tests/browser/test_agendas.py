"""An agenda on a phone, and its builder with mouse and keyboard under the content policy."""

import io
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from events.agenda.publishing import publish_agenda
from events.models import AgendaItem, Meeting
from tests.factories import CallRunFactory, MeetingFactory, publish_quietly

VIOLATIONS = """
  window.violations = []
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`))
"""


@pytest.fixture
def call(transactional_db, carla, mo, meeting) -> Meeting:
    """From 10:00 in the morning where Mo is, over the hours with four digits."""
    day = timezone.localdate() + timedelta(days=3)
    meeting.starts_at = datetime.combine(day, time(10), mo.zone)
    meeting.ends_at = meeting.starts_at + timedelta(hours=3)
    meeting.duration = 180
    meeting.video_url = "https://zoom.us/j/1"
    meeting.save()
    for number in range(9):
        AgendaItem.add(meeting, carla, title=f"Item {number} of what we talk about", minutes=20)
    return meeting


def lines(page, selector: str) -> list[int]:
    """Of each element, how many lines its text takes."""
    return page.locator(selector).evaluate_all(
        """found => found.filter(each => each.checkVisibility()).map(each => {
          const range = document.createRange()
          range.selectNodeContents(each)
          return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size
        })"""
    )


@pytest.mark.parametrize("width", [390, 320])
def test_clock_times_with_four_digits_stand_in_one_line(open_page, call, carla, width):
    for address, selector, count in [
        (call.get_absolute_url(), ".agenda-row__at time", 10),
        (f"{call.get_absolute_url()}agenda/", ".builder__at time", 9),
        (f"{call.get_absolute_url()}print/", ".sheet__agenda td:first-child time", 10),
    ]:
        page = open_page(address, carla)
        page.set_viewport_size({"width": width, "height": 844})
        assert lines(page, selector) == [1] * count
        assert page.locator(selector).first.inner_text().startswith(("10:", "11:", "12:", "9:"))


def gap(page, above: str, below: str) -> float:
    """Pixels between two elements as they stand at the end of the page."""
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    return page.evaluate(
        """([above, below]) => document.querySelector(below).getBoundingClientRect().top
           - document.querySelector(above).getBoundingClientRect().bottom""",
        [above, below],
    )


def test_a_phone_shows_no_blank_band_on_the_page_of_a_call(open_page, call, mo):
    publish_quietly(call)
    page = open_page(call.get_absolute_url(), mo)
    assert abs(gap(page, ".foot", ".bottom")) < 1
    assert gap(page, ".call__first", "#agenda") <= 32
    Meeting.objects.filter(pk=call.pk).update(
        starts_at=timezone.now() + timedelta(minutes=5), ends_at=timezone.now() + timedelta(hours=1)
    )
    page.reload()
    assert abs(gap(page, ".foot", ".thumb-bar")) < 1
    assert not page.locator(".bottom").is_visible()


def titles(page) -> list[str]:
    return page.locator(".builder__title").all_inner_texts()


def test_items_are_moved_by_key_and_by_pointer_without_breaking_the_content_policy(open_page, call, carla, live_server):
    page = open_page("about:blank", carla, viewport={"width": 1280, "height": 900}, reduced_motion="no-preference")
    page.add_init_script(VIOLATIONS)
    page.goto(f"{live_server.url}{call.get_absolute_url()}agenda/")
    first, second, third, *_rest = titles(page)
    page.locator("[data-handle]").first.focus()
    for key in ("Space", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    with page.expect_response("**/shift"):
        page.keyboard.press("Space")
    expect(page.locator("[data-handle]").nth(1)).to_be_focused()
    assert titles(page)[:3] == [second, first, third]
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    handle, target = (
        page.locator("[data-handle]").nth(2).bounding_box(),
        page.locator("[data-item]").nth(0).bounding_box(),
    )
    page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(handle["x"] + 10, target["y"] + 40, steps=5)
    page.mouse.move(handle["x"] + 10, target["y"] + 2, steps=5)
    with page.expect_response("**/shift"):
        page.mouse.up()
    expect(page.locator("[data-handle]").nth(0)).to_be_focused()
    assert titles(page)[:3] == [third, second, first]
    with page.expect_response("**/minutes"):
        page.get_by_role("button", name=f"Five minutes more for {third}").click()
    page.get_by_text("25 min").wait_for()
    page.get_by_role("link", name=third).click()
    page.get_by_role("heading", name="Item details").wait_for()
    page.get_by_role("link", name="Close").wait_for()
    page.get_by_label("Add an item").fill("Wage theft")
    with page.expect_response("**/add"):
        page.keyboard.press("Enter")
    page.get_by_role("link", name="Wage theft").wait_for()
    assert (page.evaluate("window.violations"), page.said) == ([], [])


def test_a_button_with_a_count_wraps_where_text_is_large(open_page, call, carla):
    publish_agenda(call, carla)
    AgendaItem.add(call, carla, title="One more", minutes=1)
    page = open_page(call.get_absolute_url(), carla)
    page.locator(".btn .count").first.wait_for()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


def test_who_types_while_a_move_is_on_its_way_types_on(open_page, call, carla):
    page = open_page(f"{call.get_absolute_url()}agenda/", carla, viewport={"width": 1280, "height": 900})
    held = []
    page.route("**/shift", lambda route: held.append(route))  # noqa: PLW0108  # Playwright marks what it is given
    page.locator("[data-handle]").first.focus()
    for key in ("Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    line = page.locator("#line")
    line.click()
    page.keyboard.type("Budget 1")
    line.evaluate("each => each.dataset.stale = 1")
    page.evaluate("htmx.config.defaultSettleDelay = 500")
    held[0].continue_()
    expect(page.locator("[data-stale]")).to_have_count(0)
    expect(page.locator("#line")).to_be_focused()
    page.keyboard.type("5m")
    expect(page.locator(".htmx-settling")).to_have_count(0)
    expect(page.locator("#line")).to_have_value("Budget 15m")


def test_focus_stays_with_what_was_pressed_in_the_builder_on_a_phone(open_page, call, carla):
    page = open_page(f"{call.get_absolute_url()}agenda/", carla)
    fourth = "Item 3 of what we talk about"
    more = page.get_by_role("button", name=f"Five minutes more for {fourth}")
    row = page.locator("[data-item]", has_text=fourth)
    menu = row.locator("summary")
    more.scroll_into_view_if_needed()
    at = page.evaluate("scrollY")
    with page.expect_response("**/minutes"):
        more.click()
    expect(row).to_contain_text("25 min")
    expect(more).to_be_focused()
    assert page.evaluate("scrollY") == at
    menu.click()
    with page.expect_response("**/shift"):
        row.get_by_role("button", name="Move up").click()
    expect(page.locator("[data-item]").nth(2)).to_contain_text(fourth)
    expect(menu).to_be_focused()
    menu.click()
    with page.expect_response("**/remove"):
        row.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    expect(page.locator("[data-item]").nth(2).locator("summary")).to_be_focused()
    with page.expect_response("**/restore"):
        page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(1)
    expect(menu).to_be_focused()
    row.get_by_role("link", name=fourth).click()
    expect(page.locator("#item-form")).to_be_focused()
    expect(page.get_by_role("heading", name="Item details")).to_be_in_viewport()
    page.get_by_role("link", name="Close").click()
    expect(menu).to_be_focused()
    page.get_by_label("Add an item").fill("Wage theft")
    page.keyboard.press("Enter")
    expect(page.locator("[data-item]")).to_have_count(10)
    expect(page.locator("#line")).to_be_focused()
    assert page.said == []


def test_no_printed_sheet_holds_the_footer_alone(open_page, call, carla):
    """Letter paper, agendas of three to twenty-eight items: whatever comes last has the lines for notes above it."""
    for number in range(19):
        AgendaItem.add(call, carla, title=f"Item {number + 9}, whose title takes two lines of the sheet", minutes=1)
    page = open_page(f"{call.get_absolute_url()}print/", carla, viewport={"width": 1280, "height": 900})
    last = []
    for _removed in range(25):
        sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
        last.append((len(sheets), "My notes" in sheets[-1].extract_text(), "Printed for" in sheets[-1].extract_text()))
        page.evaluate("[...document.querySelectorAll('.sheet__agenda tbody tr')].at(-2).remove()")
    assert {sheets for sheets, _notes, _foot in last} >= {1, 2}
    assert [each for each in last if each[1:] != (True, True)] == []


def test_a_draft_is_written_told_and_published_by_keyboard_on_a_phone(
    transactional_db, open_page, carla, mo, committee, meeting
):
    last = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(days=-7))
    for title in ("Buses", "Transit to the county line"):
        AgendaItem.add(last, carla, title=title, minutes=10)
    CallRunFactory(meeting=last, ended_at=last.ends_at)
    Meeting.objects.filter(pk=meeting.pk).update(told_at=None)
    call, phone = meeting.get_absolute_url(), {"width": 390, "height": 844}
    page = open_page(f"{call}agenda/", carla, viewport=phone)
    for line in (f'Wage theft 15m @{carla.given_name} @{mo.given_name} @"Ana Ruiz" #decision', "Break 10m"):
        expect(page.locator("#line")).to_have_value("")
        page.locator("#line").fill(line)
        with page.expect_response("**/agenda/add"):
            page.keyboard.press("Enter")
    expect(page.get_by_text(f"{mo.name} and Ana Ruiz")).to_be_visible()
    expect(page.locator(".builder__row")).to_have_count(
        2
    )  # a key that is pressed while the list is put anew meets no button
    with page.expect_response("**/agenda/carry"):
        page.get_by_role("button", name="Put them on the agenda").press("Enter")
    expect(page.locator(".builder__title")).to_have_count(3)
    page.get_by_role("button", name="Save the date only").press("Enter")
    page.get_by_text("They save the date.").wait_for()
    page.get_by_role("button", name="Send to").press("Enter")
    page.get_by_text("Members don’t see it until you publish it.").wait_for()
    reader = open_page(call, mo, viewport=phone)
    expect(reader.get_by_text("No agenda yet")).to_be_visible()
    page.get_by_role("button", name="Publish the agenda").press("Enter")
    page.get_by_role("button", name="Send to").press("Enter")
    page.get_by_text("nothing changed since").wait_for()
    reader.reload()
    expect(reader.get_by_text("Transit to the county line")).to_be_visible()
    assert page.said == reader.said == []
