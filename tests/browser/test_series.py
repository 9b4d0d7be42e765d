"""A series from the first word to the sent invitation by keyboard, on a phone and wide, in light and dark."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import expect

from events.models import MeetingSeries
from events.series import making
from tests.browser.looking import everything
from tests.factories import SeriesFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_series_is_put_on_by_keyboard(open_page, committee, carla, mo):
    page = open_page(f"/committees/{committee.slug}/series/new/", carla)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("What are the calls about?").fill("Fair workweek")
    page.get_by_label("From").fill((localdate() + timedelta(days=1)).isoformat())
    page.get_by_label("Time", exact=True).fill("19:00")
    page.get_by_label("Every week").check()
    expect(page.get_by_label("Which in the month")).to_be_hidden()
    expect(page.get_by_label("How many calls")).to_be_hidden()
    page.get_by_label("Every month").focus()
    page.keyboard.press("Space")
    page.get_by_label("Which in the month").select_option("Second")
    page.get_by_label("Day", exact=True).select_option("Tuesday")
    expect(page.locator("#series-dates")).to_contain_text("Second Tuesday of each month")
    expect(page.locator("#series-dates li")).to_have_count(12)
    assert everything(page) == []
    page.get_by_role("button", name="Look at the invitation").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send to 2 people")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("What are the calls about?")).to_have_value("Fair workweek")
    page.go_forward()
    page.get_by_role("button", name="Send to 2 people").dblclick()
    expect(page.get_by_role("heading", name="Fair workweek")).to_be_visible()
    assert MeetingSeries.objects.count() == 1
    assert everything(page) == []


def test_its_dates_are_changed_paused_and_put_on_again(open_page, committee, carla, mo):
    series = SeriesFactory(committee=committee, by=carla, title="Fair workweek", rule="FREQ=WEEKLY;BYDAY=TU;COUNT=9")
    first, second = series.meetings.order_by("starts_at")[:2]
    first.cancel(carla, "No room")
    second.edit(carla, title="Budget night")
    page = open_page(series.get_absolute_url(), carla)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="Move").nth(1).click()
    page.get_by_role("link", name="This and the").click()
    page.get_by_label("Day", exact=True).select_option("Wednesday")
    expect(page.locator("#series-dates")).to_contain_text("Every week on Wednesday")
    page.get_by_label("Why?").fill("Wednesdays suit more of us")
    assert everything(page) == []
    page.get_by_role("button", name="Look at the email").click()
    page.get_by_role("button", name="Send to 2 people").click()
    expect(page.get_by_text("Every week on Wednesday")).to_be_visible()
    assert MeetingSeries.objects.count() == 2
    page.get_by_role("link", name="Pause").click()
    page.get_by_label("Why?").fill("Election season")
    page.get_by_role("button", name="Look at the email").click()
    page.get_by_role("button", name="Pause it and tell").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert making.sweep() == 0
