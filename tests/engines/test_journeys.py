"""The main journeys, each to its end, in Firefox and in WebKit: on a phone, and nothing complains."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from events.agenda.publishing import publish_agenda
from events.models import AgendaItem, Rsvp
from members.models import Application, Delivery, NotificationPreference, User
from tests.browser.test_agendas import call
from tests.committees.test_documents import paper
from tests.engines.driving import DESK
from tests.factories import IssueAreaFactory, JurisdictionFactory, UserFactory

__all__ = ["call", "paper"]


@pytest.fixture(autouse=True)
def _limits_start_anew():
    cache.clear()


def code_for(address: str) -> str:
    return Delivery.objects.filter(address=address).latest("pk").facts["code"]


def test_sign_in_with_a_code_from_the_mail(engine, mo):
    engine.open("/account/login/")
    engine.fill("main input[type=email]", mo.email)
    engine.press("Email me a code")
    engine.field("#id_code")
    engine.fill("#id_code", code_for(mo.email))
    engine.press("Sign in")
    engine.at("/")
    engine.see("Mo")
    assert engine.errors == []


@pytest.mark.parametrize("address", ["/", "/calls/", "{call}"])
def test_answer_a_call_and_take_it_back(engine, enter, mo, meeting, address):
    def stands() -> str:
        return Rsvp.objects.filter(meeting=meeting, user=mo).values_list("response", flat=True).first() or "none"

    enter(mo, address.format(call=meeting.get_absolute_url()))
    engine.see("Fair workweek")
    engine.press("Going")
    engine.until(lambda: stands() == "accepted", "answer that is kept")
    engine.see("You’re going. ")
    assert engine.texts("button[name=answer][aria-pressed=true]") == ["Going"]
    engine.press("Undo")
    engine.until(lambda: not engine.texts("button[name=answer][aria-pressed=true]"), "answer taken back")
    engine.until(lambda: stands() == "needs_action", "answer that is gone")
    assert engine.errors == []


def test_open_a_paper_of_a_call(engine, enter, mo, carla, meeting, paper):
    AgendaItem.add(meeting, carla, title="Rents", minutes=10, papers=[paper()])
    publish_agenda(meeting, carla)
    enter(mo, meeting.get_absolute_url())
    engine.press("Notes", "#agenda .agenda-row__papers")
    engine.see("Every tenant gets a lawyer.")
    engine.back()
    engine.at(meeting.get_absolute_url())
    engine.see("Fair workweek")
    assert engine.errors == []


@pytest.fixture
def lists(committee, mo, stu, paper):
    """Where one may filter: who does, the address, what is typed, what is found."""
    UserFactory(name="Nguyễn Thị Hồng")
    paper(title="Questions for counsel")
    found, title = "Nguyễn", "Questions for counsel"
    return {
        "people": (mo, "/people/", "nguy", found),
        "library": (mo, "/library/", "couns", title),
        "search": (mo, "/search/", "nguy", found),
        "documents": (mo, reverse("committee_documents", args=[committee.slug]), "couns", title),
        "staff": (stu, "/staff/members/", "nguy", found),
    }


@pytest.mark.parametrize("name", ["people", "library", "search", "documents", "staff"])
def test_back_after_typing_in_a_filter_brings_the_whole_page_and_one_more_leaves_it(engine, enter, lists, name):
    user, address, words, found = lists[name]
    enter(user, "/about/")
    engine.open(address)
    engine.until(lambda: engine.run("return !!window.htmx"), "script")
    engine.type("main [type=search]", words)
    engine.until(
        lambda: f"q={words}" in engine.path and found in " ".join(engine.texts("#results")), "what was typed for"
    )
    heading = engine.texts("main h1")
    engine.press(found, "#results a")  # not the box that chooses the row
    engine.until(lambda: "q=" not in engine.path, "page of what was found")
    engine.back()
    engine.until(lambda: f"q={words}" in engine.path and found in " ".join(engine.texts("#results")), "list again")
    assert (engine.texts("main h1"), engine.run("return document.querySelector('main [type=search]').value")) == (
        heading,
        words,
    )
    assert engine.texts("nav"), "a bare list"
    engine.back()
    engine.at("/about/")
    given_up = re.compile(
        "htmx:(sendAbort|afterRequest)|NS_BINDING_ABORTED"
    )  # what a next letter came before the answer of
    assert [each for each in engine.errors if not given_up.search(each)] == []


def test_a_setting_is_kept(engine, enter, mo):
    enter(mo, "/settings/notifications/")
    engine.run(
        "const each = document.querySelector('#id_invitation'); each.value = 'daily';"
        "each.dispatchEvent(new Event('input', {bubbles: true})); each.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    engine.see("Saved at")
    assert NotificationPreference.objects.get().cadence == "daily"
    engine.open("/settings/notifications/")
    assert engine.run("return document.querySelector('#id_invitation').value") == "daily"
    assert engine.errors == []


def test_a_switch_is_kept(engine, enter, mo):
    enter(mo, "/settings/notifications/")
    switch = "main input[type=checkbox]"
    name, before = engine.run(f"const each = document.querySelector('{switch}'); return [each.name, each.checked]")
    element = engine.driver.find_element("css selector", f"[name='{name}']")
    engine.bring(element)
    element.click()
    engine.see("Saved at")
    engine.open("/settings/notifications/")
    assert engine.run(f"return document.querySelector('[name=\"{name}\"]').checked") is not before
    assert engine.errors == []


def test_a_stranger_applies_and_staff_let_them_in(engine, enter, stu):
    email, place = "soledad@portal.example", "Wenatchee, city, Chelan County, Washington (WA)"
    JurisdictionFactory(name="Wenatchee", state="WA", label=place, time_zone="America/Los_Angeles", population=35_000)
    engine.open("/apply/")
    engine.fill("#id_name", "Soledad Núñez-O'Hara")
    engine.press("Continue")
    engine.at("/apply/email/")
    engine.fill("#id_email", email)
    engine.press("Continue")
    engine.at("/apply/code/")
    engine.fill("#id_code", code_for(email))
    engine.press("Continue")
    engine.at("/apply/office/")
    engine.press("City or town council")
    engine.press("Continue")
    engine.at("/apply/place/")
    engine.fill("[name=title]", "City Council Member")
    field = engine.field("[role=combobox]")
    for letter in "wenat":
        field.send_keys(letter)
    engine.press("Wenatchee", "[role=listbox]")
    assert field.get_attribute("value") == place
    engine.press("Continue")
    engine.at("/apply/term/")
    fields = engine.driver.find_elements("css selector", "main input:not([type=hidden])")
    for given, each in zip(("1", "2024"), fields, strict=False):
        each.send_keys(given)
    engine.press("Continue")
    engine.at("/apply/why/")
    engine.fill("main textarea", "We’re writing a wage theft ordinance.")
    engine.press("Continue")
    engine.at("/apply/check/")
    engine.press("Send my application")
    engine.see("Your application is with us")
    assert engine.errors == []

    enter(stu, "/staff/")
    engine.resize(DESK)
    engine.see("Today")
    engine.open("/staff/applications/")
    engine.press("Approve")
    engine.see("is a member now")
    assert User.objects.get(email=email).is_member
    assert Application.objects.get().decided_at
    assert engine.errors == []


def test_a_co_chair_schedules_a_call_and_takes_the_mail_back(engine, enter, carla, mo, committee, meeting, settings):
    settings.MAIL_HOLD_OVER = 1
    enter(carla, reverse("meeting_schedule", args=[committee.slug]) + f"?like={meeting.slug}")
    engine.see("Filled in from")
    engine.press("Look at the invitation")
    engine.see("2 people get this email")
    engine.press("Send to")
    engine.see("Goes to")
    undo = engine.find("Undo", "#sending-bar")
    engine.run("arguments[0].focus()", undo)
    before = engine.texts("#sending-counts")
    engine.until(lambda: engine.texts("#sending-counts") != before, "countdown that counts")
    assert engine.focus == "Undo"
    engine.key("Enter")
    engine.see("Nobody was told. The call is a draft again.")
    assert not Delivery.objects.filter(kind="invitation", sent_at__isnull=False).exists()
    assert engine.errors == []


def test_focus_and_scroll_stay_with_what_was_pressed_in_the_builder(engine, enter, call, carla):
    enter(carla, f"{call.get_absolute_url()}agenda/")
    fourth = "Item 3 of what we talk about"
    more, less = f"Five minutes more for {fourth}", f"Five minutes less for {fourth}"
    engine.until(lambda: engine.run("return !!document.querySelector('.builder--script')"), "script")
    row = "[...document.querySelectorAll('[data-item]')].find((each) => each.innerText.includes(arguments[0]))"

    def reads() -> str:
        return engine.run(f"return {row}?.innerText || ''", fourth)

    engine.bring(engine.find(more))
    at = engine.scroll
    for name, minutes in [(more, "25 min"), (less, "20 min")]:
        engine.press(name)
        engine.until(lambda minutes=minutes: minutes in reads(), minutes)
        engine.until(lambda name=name: engine.focus == name, f"focus on {name}")
        assert abs(engine.scroll - at) < 2
    menu = engine.run(f"return {row}.querySelector('summary')", fourth)
    menu.click()
    at = engine.scroll
    engine.press("Move up", "[data-item]:has(details[open])")
    engine.until(lambda: engine.texts(".builder__title")[2:3] == [fourth], "move")
    engine.until(
        lambda: engine.run(f"return document.activeElement === {row}.querySelector('summary')", fourth),
        "focus on its menu",
    )
    assert abs(engine.scroll - at) < 120  # one row: it moved with what was pressed
    engine.run(f"return {row}.querySelector('summary')", fourth).click()
    engine.press("Remove", "[data-item]:has(details[open])")
    engine.until(lambda: not reads(), "removal")
    at = engine.scroll
    engine.press("Undo")
    engine.until(reads, "the item again")
    engine.until(
        lambda: engine.run(f"return document.activeElement === {row}.querySelector('summary')", fourth),
        "focus on what is back",
    )
    assert abs(engine.scroll - at) < 120
    assert engine.errors == []


def test_public_pages_come_back_whole(engine, committee):
    """Back from an issue’s page shows the list of issues as it stood, without asking the server again."""
    issue = committee.issue or IssueAreaFactory()
    engine.open("/issues/")
    engine.run("window.stood = true")
    engine.open(f"/issues/{issue.slug}/")
    engine.forget()
    engine.back()
    engine.at("/issues/")
    assert engine.run("return [window.stood, window.cameBackWhole]") == [True, True]
    assert engine.errors == []
