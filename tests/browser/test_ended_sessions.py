"""The session ends while somebody is on a page: they act, sign in, and find the act done or their words there."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from committees.models import Membership
from events.models import AgendaItem, Rsvp
from members.models import Delivery
from tests.browser.looking import objections
from tests.factories import CommitteeFactory, MeetingFactory, MembershipFactory, UserFactory


@pytest.fixture
def people(transactional_db):
    committee = CommitteeFactory(slug="economic-justice", name="Economic Justice")
    carla = UserFactory(name="Carla Núñez-O'Hara", email="carla@portal.example")
    mo = UserFactory(name="Mo Haddad", email="mo@portal.example")
    MembershipFactory(committee=committee, user=carla, role=Membership.Role.CHAIR)
    MembershipFactory(committee=committee, user=mo)
    return committee, carla, mo


@pytest.fixture
def call(people):
    committee, carla, _mo = people
    return MeetingFactory(committee=committee, by=carla, title="Fair workweek")


def end_session(page, cookies_too=False):
    Session.objects.all().delete()
    if cookies_too:
        page.context.clear_cookies()


def sign_in_by_code(page, user):
    page.get_by_label("Your email").fill(user.email)
    page.get_by_role("button", name="Email me a code").click()
    page.get_by_label("Code", exact=True).fill(Delivery.objects.filter(kind="sign_in_code").latest("pk").facts["code"])
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("cookies_too", [False, True])
def test_a_tap_says_so_in_place_and_is_saved_after_signing_in_here(open_page, people, call, cookies_too):
    mo = people[2]
    page = open_page(call.get_absolute_url(), mo)
    end_session(page, cookies_too)
    page.get_by_role("button", name="Maybe").click()
    page.get_by_text("You were signed out.").wait_for()
    assert (
        page.url.endswith(call.get_absolute_url())
        and page.get_by_role("heading", level=1).inner_text() == "Fair workweek"
    )
    assert page.locator('[aria-pressed="true"]').count() == 0
    assert objections(page) == []
    page.get_by_role("link", name="Sign in").click()
    sign_in_by_code(page, mo)
    page.locator(".toast").get_by_text("You’re down as maybe.").wait_for()
    assert page.url.endswith(call.get_absolute_url())
    assert Rsvp.objects.get(meeting=call, user=mo).response == "tentative"
    page.reload()
    assert page.locator(".toast").count() == 0


def test_signing_in_elsewhere_sends_what_waits_here_once(open_page, people, call, come_back):
    carla = people[1]
    page = open_page(f"{call.get_absolute_url()}agenda/", carla)
    end_session(page)
    page.get_by_label("Add an item").fill("Budget 15m")
    page.keyboard.press("Enter")
    page.get_by_text("You were signed out.").wait_for()
    page.get_by_role("link", name="Sign in").focus()
    assert page.get_by_label("Add an item").input_value() == "Budget 15m"
    assert objections(page) == []
    other = page.context.new_page()
    come_back(page, carla)
    with page.expect_response("**/agenda/add"):
        other.goto("/")
    page.get_by_role("link", name="Budget").first.wait_for()
    assert page.get_by_text("You were signed out.").count() == 0
    page.bring_to_front()
    page.reload()
    assert list(AgendaItem.objects.values_list("title", flat=True)) == ["Budget"]


def test_another_person_who_signs_in_sends_nothing(open_page, people, call, come_back):
    _committee, carla, mo = people
    page = open_page(call.get_absolute_url(), mo)
    end_session(page)
    page.get_by_role("button", name="Going").click()
    page.get_by_text("You were signed out.").wait_for()
    come_back(page, carla)
    page.reload()
    page.locator(".toast").get_by_text("Another person signed in, so nothing was sent.").wait_for()
    page.reload()
    assert not Rsvp.objects.exists()


def test_signed_in_again_in_another_tab_an_old_page_just_works(open_page, people, call, come_back):
    """Its token is of the earlier sign-in: the page fetches the new one by itself."""
    mo = people[2]
    page = open_page(call.get_absolute_url(), mo)
    page.context.clear_cookies()
    come_back(page, mo)
    page.context.new_page().goto("/")
    page.get_by_role("button", name="Maybe").click()
    page.locator(".toast").get_by_text("You’re down as maybe.").wait_for()
    assert Rsvp.objects.get(meeting=call, user=mo).response == "tentative"


@pytest.mark.parametrize("script", [True, False])
def test_a_long_text_comes_through_an_ended_session(open_page, people, script):
    committee, carla, _mo = people
    page = open_page(f"/committees/{committee.slug}/announcements/new/", carla, java_script_enabled=script)
    page.get_by_label("Headline").fill("We meet in Denver")
    page.get_by_label("Text").fill("In June.\n\nCome along.")
    end_session(page)
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("You were signed out. Nothing is lost:").wait_for()
    if script:
        assert objections(page) == []
    sign_in_by_code(page, carla)
    if not script:
        page.get_by_text("This wasn’t sent yet.").wait_for()
        assert page.get_by_text("Come along.").is_visible()
        page.get_by_role("button", name="Send it now").click()
    page.get_by_role("button", name=re.compile("Send to")).wait_for()
    assert page.locator("section.unsent").count() == 0


def test_words_survive_a_crash_and_are_offered_back(open_page, people, call, come_back):
    _committee, carla, mo = people
    address = f"{call.get_absolute_url()}cancel/"
    page = open_page(address, carla)
    page.get_by_label("Why?").fill("A storm is coming to the coast.")
    page.wait_for_timeout(350)
    page.goto("about:blank")
    page.goto(address)
    offer = page.locator("[data-draft-offer]")
    expect(offer).to_contain_text(re.compile(r"You typed this at \d+:\d\d [AP]M M[SD]T and didn’t send it"))
    assert objections(page) == []
    offer.get_by_role("button", name="Put it back").click()
    assert page.get_by_label("Why?").input_value() == "A storm is coming to the coast."
    assert page.evaluate("document.activeElement.name") == "reason"
    page.reload()
    offer.get_by_role("button", name="Throw away").click()
    page.reload()
    assert (offer.count(), page.evaluate("Object.keys(localStorage).filter(key => key.includes('draft')).length")) == (
        0,
        0,
    )
    page.get_by_label("Why?").fill("A storm.")
    page.wait_for_timeout(350)
    come_back(page, mo)
    page.goto("/")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('draft')).length") == 0


def test_a_note_waits_for_signing_in_and_breaks_no_script(open_page, people, call, come_back):
    mo = people[2]
    page = open_page(call.get_absolute_url(), mo)
    page.locator("#note summary").click()
    page.get_by_label("Note for the co-chairs").fill("On the bus.")
    end_session(page)
    page.get_by_role("button", name="Save the note").click()
    page.get_by_text("You were signed out.").wait_for()
    come_back(page, mo)
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.locator(".toast").get_by_text("Note saved.").wait_for()
    assert Rsvp.objects.get(meeting=call, user=mo).note == "On the bus."
    assert [said for said in page.said if "401" not in said] == []


def drafts(page):
    return page.evaluate("Object.keys(localStorage).filter(key => key.includes('draft')).length")


def test_words_are_gone_once_sent_and_at_sign_out(open_page, people, call):
    mo = people[2]
    Rsvp.objects.all().delete()
    page = open_page(call.get_absolute_url(), mo)
    page.get_by_role("button", name="Going").click()
    page.locator(".toast").wait_for()
    page.reload()
    page.get_by_text("Note for the co-chairs").first.click()
    page.get_by_label("Note for the co-chairs").fill("I will be ten minutes late, sorry.")
    page.wait_for_timeout(350)
    assert drafts(page) == 1
    page.get_by_role("button", name="Save the note").click()
    page.locator(".toast").wait_for()
    assert drafts(page) == 0
    page.get_by_label("Note for the co-chairs").fill("I will be twenty minutes late.")
    page.wait_for_timeout(350)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_label("Menu of Mo Haddad").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state("networkidle")
    assert drafts(page) == 0
