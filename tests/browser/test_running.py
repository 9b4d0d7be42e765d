"""Running a call in a real browser: keyboard only at 390 px, two at once, and without a connection."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import expect

from committees.models import Membership
from events.models import AgendaItem, CallRun, LogEntry, Meeting
from tests.browser.looking import PROBLEMS, objections
from tests.factories import MeetingFactory, MembershipFactory, UserFactory

WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def denise(transactional_db, committee):
    denise = UserFactory(name="Denise Whitfield")
    MembershipFactory(committee=committee, user=denise, role=Membership.Role.CHAIR)
    return denise


@pytest.fixture
def call(transactional_db, committee, carla, mo, denise):
    told_at = timezone.now() - timedelta(days=2)
    call = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(minutes=-1), told_at=told_at)
    for title, minutes in (("Welcome and roll call", 5), ("Two years of enforcement", 25), ("Next steps", 8)):
        AgendaItem.add(call, carla, title=title, minutes=minutes)
    return call


def address(call):
    return f"/calls/{call.slug}/run/"


DOUBLE = 1000  # milliseconds; a second press that comes sooner is the second tap of one


def clean(page):
    """Neither axe nor a person's eye objects, in light and dark."""
    assert objections(page, "light", "dark") + page.evaluate(PROBLEMS) == []


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def texts():
    return list(LogEntry.objects.captured().in_order().values_list("text", flat=True))


def earlier(minutes):
    """The call began so long ago."""
    shift = timedelta(minutes=minutes)
    Meeting.objects.update(starts_at=timezone.now() - shift, ends_at=timezone.now() - shift + timedelta(hours=1))
    CallRun.objects.update(started_at=timezone.now() - shift)
    LogEntry.objects.update(made_at=timezone.now() - shift)


def test_a_call_is_run_by_keyboard_on_a_phone(open_page, call, carla, mo):
    page = open_page(address(call), carla)
    clean(page)
    page.get_by_role("button", name="Start the call").focus()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Welcome and roll call")).to_be_visible()
    page.locator("main").focus()
    press(page, "n")
    expect(page.locator("#id_text")).to_be_focused()
    page.keyboard.type("Nine cities answered")
    press(page, "Enter")
    expect(page.locator(".entry__text", has_text="Nine cities answered")).to_be_visible()
    expect(page.locator("#id_text")).to_have_value("")
    page.locator("main").focus()
    press(page, "a")
    page.keyboard.type("Send the ordinance @Mo by Friday")
    press(page, "Enter")
    expect(page.locator(".entry", has_text="Send the ordinance")).to_contain_text("Mo Haddad, by Fri")
    page.locator("main").focus()
    press(page, "d")
    page.keyboard.type("Invite Madison")
    press(page, "Tab")
    page.keyboard.type("1")
    press(page, "Tab")
    page.keyboard.type("1")
    page.get_by_role("button", name="Record decision").focus()
    press(page, "Enter")
    expect(page.locator(".entry", has_text="Invite Madison")).to_contain_text("Tied, so it failed: 1 for, 1 against")
    page.get_by_label("Add someone").focus()
    page.keyboard.type("Mo")
    press(page, "Enter")
    expect(page.get_by_role("button", name="Mo Haddad")).to_have_attribute("aria-pressed", "true")
    page.locator("#next").focus()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Two years of enforcement")).to_be_visible()
    expect(page.locator("#next")).to_be_focused()
    clean(page)
    page.locator("#pause").focus()
    press(page, "Enter")
    expect(page.get_by_text("paused at")).to_be_visible()
    stands = page.locator("[data-clock]").inner_text()
    clean(page)
    assert page.locator("[data-clock]").inner_text() == stands
    expect(page.get_by_role("button", name="Go on")).to_be_focused()
    page.wait_for_timeout(DOUBLE)
    press(page, "Enter")
    expect(page.get_by_text("left of 25 min, until")).to_be_visible()
    entry = page.locator(".entry", has_text="Nine cities")
    entry.locator("summary").focus()
    press(page, "Enter", "Tab")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Ten cities answered")
    press(page, "Tab", "Enter")
    expect(page.locator(".entry", has_text="Ten cities answered")).to_be_visible()
    earlier(40)
    page.reload()
    expect(page.locator(".run__time--over")).to_be_visible()
    clean(page)
    page.locator("#end").focus()
    press(page, "Enter")
    page.wait_for_url("**/minutes/")
    expect(page.get_by_text("Ten cities answered").first).to_be_visible()
    page.goto(address(call))
    expect(page.get_by_role("heading", name="The call ended at")).to_be_visible()
    clean(page)
    assert texts() == ["Ten cities answered", "Send the ordinance", "Invite Madison"]
    assert page.said == []


def without_a_connection(page, seconds):
    """The clock of the page goes through all of them, second by second, and what the portal has becomes as much older."""
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    for _ in range(seconds):
        page.clock.run_for(1000)
    assert len(failed) >= seconds // 30  # it was tried again and again, as often as answers of a slow machine let it
    shift = timedelta(seconds=seconds)
    Meeting.objects.update(starts_at=F("starts_at") - shift, ends_at=F("ends_at") - shift)
    CallRun.objects.update(started_at=F("started_at") - shift)
    LogEntry.objects.update(made_at=F("made_at") - shift)


@pytest.mark.parametrize("away", [0, pytest.param(120, marks=[pytest.mark.thorough, pytest.mark.timeout(400)])])
def test_two_run_one_call_and_one_is_without_a_connection(open_page, call, carla, denise, away):
    one, other = open_page(address(call), carla), open_page(address(call), denise, viewport=WIDE)
    one.clock.install()
    one.reload()
    one.get_by_role("button", name="Start the call").click()
    expect(other.get_by_role("heading", name="Welcome and roll call")).to_be_visible(timeout=15_000)

    def write(page, text):
        page.locator("#id_text").fill(text)
        press(page, "Enter")

    write(one, "1 online")
    expect(other.locator(".entry__text", has_text="1 online")).to_be_visible(timeout=15_000)
    expect(other.locator(".run__last", has_text="Carla Núñez-O'Hara wrote a note")).to_be_visible()
    one.context.set_offline(True)
    write(one, "2 offline")
    expect(one.get_by_text("No connection.")).to_be_visible()
    expect(one.locator(".entry--waiting")).to_have_count(1)
    other.wait_for_timeout(1000)  # the installed clock and that of the portal differ by some tenths of a second
    write(other, "3 online")
    expect(other.locator(".entry__text", has_text="3 online")).to_be_visible()
    one.locator("#next").dblclick()
    expect(one.get_by_role("heading", name="Two years of enforcement")).to_be_visible()
    expect(one.locator("[data-clock]")).to_have_text("24:59", timeout=5000)
    write(one, "4 offline")
    expect(one.get_by_text("3 wait for the connection")).to_be_visible()
    clean(one)
    without_a_connection(one, away)
    one.close()  # the tab is closed, and opened again with the connection
    again = one.context.new_page()
    one.context.set_offline(False)
    again.goto(address(call))
    expect(again.get_by_text("4 entries, all saved")).to_be_visible(timeout=15_000)
    expect(other.get_by_role("heading", name="Two years of enforcement")).to_be_visible(timeout=15_000)
    assert texts() == ["1 online", "2 offline", "3 online", "4 offline"]
    assert LogEntry.objects.count() == 6


def test_what_the_portal_refuses_stays_with_its_reason_and_signing_in_brings_the_rest(
    open_page, come_back, call, carla, denise
):
    one, other = open_page(address(call), carla), open_page(address(call), denise, viewport=WIDE)
    one.get_by_role("button", name="Start the call").click()
    one.locator("#id_text").fill("x")
    cookies = one.context.cookies()
    one.context.clear_cookies()
    one.locator("#id_text").fill("Written signed out")
    press(one, "Enter")
    expect(one.get_by_text("You’re signed out.")).to_be_visible()
    one.context.add_cookies([cookie for cookie in cookies if "csrf" in cookie["name"]])
    come_back(one, carla)
    one.reload()
    expect(one.locator(".entry", has_text="Written signed out")).to_be_visible(timeout=15_000)
    one.context.set_offline(True)
    one.locator("#id_text").fill("Before the end")
    press(one, "Enter")
    other.reload()
    other.get_by_role("button", name="End call").first.click()
    other.wait_for_url("**/minutes/")
    one.locator("#id_text").fill("After the end")
    press(one, "Enter")
    one.context.set_offline(False)
    expect(one.locator(".entry--refused")).to_contain_text("The call was ended at", timeout=15_000)
    expect(one.locator(".entry--refused")).to_contain_text("After the end")
    assert texts() == ["Written signed out", "Before the end"]
    one.reload()
    one.get_by_role("button", name="Throw it away").click()
    expect(one.locator(".entry--refused")).to_have_count(0)
    one.reload()
    expect(one.get_by_text("2 entries, all saved")).to_be_visible()
    expect(one.locator(".entry--refused")).to_have_count(0)
