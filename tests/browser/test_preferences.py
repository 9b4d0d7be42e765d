"""What somebody set in the system is kept: contrast colors draw borders, and nothing moves for who wants no motion."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Profile, User
from tests.browser.test_agendas import call

__all__ = ["call"]

FILLED = [".hero", ".dot", ".rsvp > button", ".bottom [aria-current]", ".avatar"]
BUILDER = [".agenda-bar", ".builder__row[data-open]", ".stepper", ".card", ".btn", ".badge"]
DRAWN = """found => found.filter(each => each.checkVisibility()).map(each => {
  const style = getComputedStyle(each)
  return Math.max(parseFloat(style.borderTopWidth), style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth)) > 0
})"""


@pytest.fixture(autouse=True)
def _details_to_check(call):
    """Something waits, so that home has a count and a button."""
    User.objects.update(admitted_at=timezone.now() - timedelta(days=400))
    Profile.objects.update(confirmed_at=None)


def test_contrast_colors_draw_what_is_only_filled_otherwise(open_page, call, carla):
    item = call.agenda_items.in_order()[0]
    for address, selectors in [("/", FILLED), (f"{call.get_absolute_url()}agenda/?item={item.pk}", BUILDER)]:
        page = open_page(address, carla, forced_colors="active")
        drawn = {selector: page.locator(selector).evaluate_all(DRAWN) for selector in selectors}
        assert {selector: each for selector, each in drawn.items() if not each or not all(each)} == {}


def test_nothing_moves_for_who_wants_no_motion(open_page, call, mo):
    moving = []
    for motion in ("no-preference", "reduce"):
        page = open_page("/", mo, reduced_motion=motion)
        with page.expect_response("**/rsvp"):
            page.get_by_role("button", name="Going").first.click()
        toast = page.locator(".toast").first
        toast.wait_for()
        styles = [(".toast", "animationName"), (".btn", "transitionDuration"), (".rsvp > button", "transitionDuration")]
        moving.append(
            [
                page.locator(selector).first.evaluate("(each, name) => getComputedStyle(each)[name]", name)
                for selector, name in styles
            ]
        )
    assert [any(each not in ("none", "0s") for each in found) for found in moving] == [True, False]
