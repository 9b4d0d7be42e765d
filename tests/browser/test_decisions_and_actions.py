"""Decisions and actions in a real browser: by keyboard at 390 px, in light and dark, with mistakes, Back and double clicks."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from committees.models import Membership
from events.models import ActionItem, Decision
from members.mail import links
from tests.browser.looking import PROBLEMS, objections
from tests.factories import ActionItemFactory, DecisionFactory

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def clean(page):
    """Neither axe nor a person's eye objects, in light and dark, on a phone and on a desk."""
    found = []
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        found += objections(page, "light", "dark") + page.evaluate(PROBLEMS)
    page.set_viewport_size(PHONE)
    assert found == []


def press(page, locator):
    locator.focus()
    page.keyboard.press("Enter")


@pytest.fixture
def kept(transactional_db, committee, carla, mo):
    """A superseded decision, a tie, and actions that are late, due and done."""
    Membership.objects.update(started_on=timezone.localdate() - timedelta(days=300))
    first = DecisionFactory(committee=committee, by=carla, motion="Meet on the first Monday of each month")
    DecisionFactory(committee=committee, by=carla, motion="Meet on the second Thursday", supersedes=first)
    votes = {carla: "aye", mo: "no"}
    DecisionFactory(committee=committee, by=carla, motion="Meet twice a month", method="roll_call", votes=votes)
    for text, days in (("Draft one page on preemption", -4), ("Send the ordinance to everybody", 3)):
        due_on = timezone.localdate() + timedelta(days=days)
        ActionItemFactory(committee=committee, by=carla, owner=mo, text=text, due_on=due_on)
    ActionItemFactory(committee=committee, by=carla, owner_name="Two law students").finish(carla)


def test_decisions_are_recorded_found_and_corrected(open_page, kept, committee, carla):
    page = open_page(reverse("committee_decisions", args=[committee.slug]), carla)
    clean(page)
    press(page, page.get_by_role("link", name="Record a decision"))
    page.get_by_label("Motion").fill("Invite the director of enforcement")
    press(page, page.get_by_role("button", name="Record it"))
    expect(page.get_by_role("alert").first).to_contain_text("Enter the day it was decided")
    clean(page)
    expect(page.get_by_label("Motion")).to_have_value("Invite the director of enforcement")
    page.get_by_label("Day").fill(str(timezone.localdate()))
    page.get_by_role("spinbutton", name="For").fill("2")
    page.get_by_role("button", name="Record it").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("D-" + str(timezone.localdate().year) + "-04")
    clean(page)
    assert Decision.objects.count() == 4
    press(page, page.get_by_role("link", name="Correct it"))
    page.get_by_role("spinbutton", name="Against").fill("0")
    page.get_by_role("spinbutton", name="Abstained").fill("0")
    page.get_by_label("What was wrong?").fill("The day was another")
    press(page, page.get_by_role("button", name="Save the correction"))
    expect(page.get_by_text("The day was another")).to_be_visible()
    page.goto(page.url.rsplit("/", 2)[0] + "/?outcome=in_force")
    expect(page.get_by_role("status").first).to_contain_text("2 decisions")


def test_actions_take_one_tap_each(open_page, kept, committee, mo):
    page = open_page(reverse("committee_actions", args=[committee.slug]), mo)
    clean(page)
    press(page, page.get_by_role("button", name="Done: Draft one page"))
    expect(page.get_by_text("Draft one page on preemption")).to_have_count(0)
    press(page, page.get_by_role("button", name="Undo").first)
    expect(page.get_by_role("link", name="Draft one page on preemption")).to_be_visible()
    page.get_by_role("button", name="A week later: Send the ordinance").dblclick()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("Now due")
    action = ActionItem.objects.get(text__startswith="Send")
    assert action.due_on == timezone.localdate() + timedelta(days=10)
    press(page, page.get_by_role("link", name="Send the ordinance to everybody"))
    clean(page)
    page.goto(page.url.partition("/committees/")[0] + "/")
    expect(page.get_by_role("link", name="Draft one page on preemption")).to_be_visible()


def test_a_link_in_a_mail_says_what_became_of_it(open_page, kept, mo):
    action = ActionItem.objects.get(text__startswith="Draft")
    page = open_page(reverse("action_link", args=[links.make(links.ACT, mo.pk, action.pk)]))
    clean(page)
    press(page, page.get_by_role("button", name="It’s done"))
    expect(page.get_by_role("status").first).to_contain_text("It’s done")
    clean(page)
    press(page, page.get_by_role("button", name="Not done yet"))
    expect(page.get_by_role("button", name="It’s done")).to_be_visible()
    action.refresh_from_db()
    assert action.is_open
