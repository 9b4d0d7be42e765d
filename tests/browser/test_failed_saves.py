"""A save that fails says what still stands and has two ways on; what was saved says so, and the focus stays where it was."""

import re

import pytest
from playwright.sync_api import expect

from events.models import AgendaItem, Rsvp
from tests.browser.looking import objections
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory

FAILURES = {
    "error": lambda route: route.fulfill(status=500, body="no"),
    "offline": lambda route: route.abort("internetdisconnected"),
    "timeout": lambda route: None,
}
FOCUSED = "document.activeElement.textContent.trim() || document.activeElement.name"


@pytest.fixture
def people(transactional_db):
    committee = CommitteeFactory(slug="economic-justice", name="Economic Justice")
    carla = MembershipFactory(committee=committee, user__name="Carla Núñez", role="chair").user
    mo = MembershipFactory(committee=committee, user__name="Mo Haddad").user
    return carla, mo, MeetingFactory(committee=committee, by=carla, title="Fair workweek")


def fail(page, how, address):
    page.unroute(address)
    page.evaluate("ms => { htmx.config.timeout = ms }", 300 if how == "timeout" else 20_000)
    page.route(address, FAILURES[how])


def repair(page, address):
    page.unroute(address)
    page.evaluate("htmx.config.timeout = 20000")


def notice(page):
    return page.locator(".notice--bad", has=page.get_by_role("button", name="Try again"))


def leave(page):
    notice(page).get_by_role("button", name="Leave it").click()
    expect(notice(page)).to_have_count(0)


def try_again(page, address):
    expect(notice(page)).to_have_count(1)
    repair(page, address)
    with page.expect_response(address):
        notice(page).get_by_role("button", name="Try again").click()
    expect(notice(page)).to_have_count(0)


def pressed(page):
    return page.locator('button[name=answer][aria-pressed="true"]').all_inner_texts()


@pytest.mark.parametrize("address", ["/", "/calls/", "/calls/{slug}/"])
def test_an_answer_that_fails_is_tried_again_or_left(open_page, people, address):
    _carla, mo, call = people
    page = open_page(address.format(slug=call.slug), mo)
    page.get_by_role("button", name="Maybe").first.click()
    expect(page.locator(".toast")).to_contain_text("You’re down as maybe.")
    for how in FAILURES:
        fail(page, how, "**/rsvp")
        page.get_by_role("button", name="Going").first.click()
        expect(notice(page)).to_have_count(1)
        expect(page.locator(".toast:visible")).to_have_count(0)
        expect(notice(page)).to_contain_text(
            re.compile("Your answer didn’t save. The portal didn’t respond.\\s+You’re still down as Maybe.")
        )
        assert pressed(page) == ["Maybe"]
        if how == "error":
            assert objections(page, "light", "dark") == []
        leave(page)
        assert (pressed(page), page.evaluate(FOCUSED)) == (["Maybe"], "Maybe")
    page.get_by_role("button", name="Can’t").first.click()
    try_again(page, "**/rsvp")
    expect(page.locator(".toast").last).to_contain_text("You can’t make it.")
    expect(page.get_by_role("button", name="Can’t").first).to_be_focused()
    assert pressed(page) == ["Can’t"]
    assert Rsvp.objects.get(user=mo).response == "declined"


def test_undo_says_what_it_undoes_keeps_the_focus_and_can_fail(open_page, people):
    _carla, mo, call = people
    page = open_page(call.get_absolute_url(), mo)
    page.get_by_role("button", name="Going").click()
    undo = page.get_by_role("button", name="Undo: You’re going")
    expect(undo).to_be_visible()
    fail(page, "offline", "**/rsvp")
    undo.click()
    expect(notice(page)).to_contain_text("You’re still down as Going.")
    try_again(page, "**/rsvp")
    expect(page.locator("#live")).to_have_text("Your answer is taken back.")
    expect(page.get_by_role("button", name="Going").first).to_be_focused()
    assert pressed(page) == []
    assert Rsvp.objects.get(user=mo).response == "needs_action"


def test_a_note_is_saved_in_place_and_a_failed_one_is_still_there(open_page, people):
    _carla, mo, call = people
    page = open_page(call.get_absolute_url(), mo)
    page.get_by_role("button", name="Maybe").click()
    expect(page.locator(".toast")).to_be_visible()
    page.get_by_text("Note for the co-chairs").first.click()
    note, save = page.get_by_label("Note for the co-chairs"), page.get_by_role("button", name="Save the note")
    note.fill("Ten minutes late")
    save.click()
    expect(page.locator("#live")).to_have_text("Note saved.")
    expect(page.locator(".toast").last).to_contain_text("Note saved.")
    assert page.evaluate(FOCUSED) == "Save the note"
    rsvp = Rsvp.objects.get(user=mo)
    assert (rsvp.response, rsvp.note, page.said) == ("tentative", "Ten minutes late", [])
    for how in FAILURES:
        fail(page, how, "**/rsvp")
        note.fill("Twenty minutes late")
        save.click()
        expect(notice(page)).to_contain_text("Your note didn’t save.")
        expect(page.locator(".toast")).to_have_count(0)  # what was saved before says so no more
        expect(note).to_have_value("Twenty minutes late")
        if how == "error":
            assert objections(page, "light", "dark") == []
            leave(page)
            expect(note).to_have_value("Twenty minutes late")
    try_again(page, "**/rsvp")
    rsvp.refresh_from_db()
    assert (rsvp.response, rsvp.note) == ("tentative", "Twenty minutes late")


def test_without_script_a_note_is_saved_and_says_so(open_page, people):
    _carla, mo, call = people
    Rsvp.record(call, mo, "accepted", seen=0)
    page = open_page(call.get_absolute_url(), mo, java_script_enabled=False)
    page.locator("#note summary").click()
    page.get_by_label("Note for the co-chairs").fill("By phone")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".toast")).to_contain_text("Note saved.")
    rsvp = Rsvp.objects.get(user=mo)
    assert (rsvp.response, rsvp.note) == ("accepted", "By phone")


def test_a_setting_that_fails_is_tried_again_or_left(open_page, people):
    mo = people[1]
    page = open_page("/settings/privacy/", mo)
    choice = page.locator("#id_email_audience")
    before = choice.input_value()
    other = next(
        value
        for value in choice.locator("option").evaluate_all("all => all.map(each => each.value)")
        if value != before
    )
    for how in FAILURES:
        fail(page, how, "**/settings/privacy/")
        choice.select_option(other)
        expect(notice(page)).to_contain_text("That change didn’t save.")
        if how == "error":
            assert objections(page, "light", "dark") == []
            leave(page)
            expect(choice).to_have_value(before)
        else:
            choice.select_option(before)
            expect(notice(page)).to_have_count(1)
    choice.select_option(other)
    expect(notice(page)).to_have_count(1)
    try_again(page, "**/settings/privacy/")
    expect(page.locator("#said")).to_contain_text("Saved at")
    page.reload()
    expect(choice).to_have_value(other)


def test_an_agenda_that_fails_is_tried_again_or_left(open_page, people):
    carla, _mo, call = people
    for title in ("Welcome", "Wage theft"):
        AgendaItem.add(call, carla, title=title, minutes=10)
    page = open_page(f"{call.get_absolute_url()}agenda/", carla, viewport={"width": 1280, "height": 900})

    def titles():
        return [title.strip() for title in page.locator(".builder__title").all_inner_texts()]

    def move():
        page.get_by_role("button", name="Move Wage theft").focus()
        for key in ("Space", "ArrowUp", "Space"):
            page.keyboard.press(key)

    page.get_by_role("button", name="Move Wage theft").focus()
    for key in ("Space", "ArrowUp", "Escape"):
        page.keyboard.press(key)
    assert titles() == ["Welcome", "Wage theft"]
    expect(page.get_by_role("button", name="Move Wage theft")).to_be_focused()  # so the next Space lifts it again
    fail(page, "error", "**/agenda/**")
    move()
    expect(notice(page)).to_contain_text("The agenda didn’t save.")
    assert objections(page, "light", "dark") == []
    leave(page)
    assert titles() == ["Welcome", "Wage theft"]
    move()
    expect(notice(page)).to_have_count(1)
    page.locator("#line").evaluate("each => each.dataset.stale = 1")
    try_again(page, "**/agenda/**")
    expect(page.locator("[data-stale]")).to_have_count(0)  # the builder that came back is there
    expect(page.locator(".builder__title").first).to_have_text("Wage theft")
    page.locator(".quick-add input:not([type=hidden])").first.fill("Budget 15m")
    fail(page, "offline", "**/agenda/**")
    page.locator("#line").press("Enter")
    expect(notice(page)).to_have_count(1)
    expect(page.locator(".quick-add input:not([type=hidden])").first).to_have_value("Budget 15m")
    try_again(page, "**/agenda/**")
    expect(page.locator(".builder__title")).to_have_count(3)
    assert call.agenda_items.in_order()[0].title == "Wage theft"


def test_a_refusal_says_what_was_wrong(open_page, people):
    _carla, mo, call = people
    page = open_page(call.get_absolute_url(), mo)
    page.get_by_role("button", name="Maybe").click()
    expect(page.locator(".toast")).to_be_visible()
    refusal = (
        "<!doctype html><title>x</title><main><h1>This page isn’t open to you</h1><p>It’s for its members.</p></main>"
    )
    page.route(
        "**/rsvp", lambda route: route.fulfill(status=403, content_type="text/html; charset=utf-8", body=refusal)
    )
    page.get_by_role("button", name="Going").first.click()
    expect(notice(page)).to_contain_text("Your answer didn’t save. This page isn’t open to you. It’s for its members.")
    expect(notice(page)).not_to_contain_text("didn’t respond")
    assert pressed(page) == ["Maybe"]


def test_words_typed_into_what_failed_go_only_when_one_says_so_twice(open_page, people):
    carla, _mo, call = people
    AgendaItem.add(call, carla, title="Welcome", minutes=10)
    page = open_page(f"{call.get_absolute_url()}agenda/", carla, viewport={"width": 1280, "height": 900})
    fail(page, "offline", "**/agenda/**")
    line = page.locator("#line")
    line.fill("Budget 15m")
    line.press("Enter")
    expect(notice(page)).to_have_count(1)
    notice(page).get_by_role("button", name="Leave it").click()
    expect(line).to_have_value("Budget 15m")
    notice(page).get_by_role("button", name="Throw away what I typed").click()
    expect(notice(page)).to_have_count(0)
    expect(line).to_have_value("")
