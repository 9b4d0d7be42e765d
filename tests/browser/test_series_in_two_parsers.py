"""Series as two libraries read them that know nothing of each other: recurring-ical-events on icalendar, and ical.js in Chromium."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from committees.joining import requests as joining
from events.calendar import ics
from events.schedule import scheduling
from events.series import messages
from events.series.rules import DAYS
from members.mail.outgoing.worker import deliver
from tests.browser.test_two_parsers import run  # noqa: F401 (a fixture)
from tests.events.calendar_program import CalendarProgram
from tests.events.random_series import READER, Span, Trial, nights, trials
from tests.events.test_series_calendars import mailed, read
from tests.events.test_series_removals import split, sweep
from tests.factories import SeriesFactory

EXPAND = """texts => texts.map(text => {
  const calendar = new ICAL.Component(ICAL.parse(text))
  ICAL.TimezoneService.reset()
  calendar.getAllSubcomponents("vtimezone").forEach(zone => ICAL.TimezoneService.register(zone))
  const parts = calendar.getAllSubcomponents("vevent")
  const uid = part => part.getFirstPropertyValue("uid")
  const spans = []
  const add = (part, start, end) => {
    if (part.getFirstPropertyValue("status") !== "CANCELLED") spans.push([start.toUnixTime(), end.toUnixTime()])
  }
  for (const part of parts.filter(each => !each.hasProperty("recurrence-id"))) {
    const exceptions = parts.filter(each => each.hasProperty("recurrence-id") && uid(each) === uid(part))
    const event = new ICAL.Event(part, {strictExceptions: true, exceptions})
    if (!event.isRecurring()) { add(part, event.startDate, event.endDate); continue }
    const dates = event.iterator()
    for (let next = dates.next(); next; next = dates.next()) {
      const found = event.getOccurrenceDetails(next)
      add(found.item.component, found.startDate, found.endDate)
    }
  }
  return spans
})"""


def expanded(spans: list[list[float]]) -> list[Span]:
    return sorted(tuple(datetime.fromtimestamp(moment, UTC) for moment in span) for span in spans)  # type: ignore[misc]


@pytest.mark.parametrize("number", [40, pytest.param(1000, marks=[pytest.mark.thorough, pytest.mark.timeout(600)])])
def test_random_series_are_one_series_with_the_same_dates_in_both_parsers(run, number):  # noqa: F811
    compare(run, trials(number))


def test_nights_on_which_clocks_change_are_the_same_in_both_parsers(run):  # noqa: F811
    compare(run, nights())


def compare(run, drawn: list[Trial]) -> None:  # noqa: F811
    doors = {
        "mail": [mailed(trial) for trial in drawn],
        "file": [ics.download_series(trial.series, trial.calls, dial_in=True).decode() for trial in drawn],
        "feed": [ics.feed(trial.calls, "Calls", READER, (2026, 2029), alarm=10).decode() for trial in drawn],
    }
    for door, texts in doors.items():
        for trial, text, spans in zip(drawn, texts, run(EXPAND, texts), strict=True):
            ours = trial.made if door == "feed" else trial.whole
            series = trial.series
            assert expanded(spans) == read(text) == ours, (door, series.rule, series.local_date, series.local_time)


def test_a_calendar_that_mails_feed_follows_a_split_and_a_leaving_in_both_parsers(run, smtp, committee, carla, mo):  # noqa: F811
    """What stands in it after each step, as each of the libraries reads it."""
    start = timezone.localdate() + timedelta(days=4)
    rule = f"FREQ=WEEKLY;BYDAY={DAYS[start.weekday()]};COUNT=6"
    series = SeriesFactory(committee=committee, by=carla, rule=rule, local_date=start, told_at=None)
    messages.tell_scheduled(series)
    deliver()
    first, fourth = (series.meetings.order_by("starts_at")[place] for place in (0, 3))
    scheduling.cancel(first, carla, "No room")
    later = split(series, fourth, carla)
    deliver()
    text = CalendarProgram().take(smtp.to(mo.email)).text
    (spans,) = run(EXPAND, [text])
    calls = sorted(
        (call.starts_at, call.ends_at) for each in (series, later) for call in each.meetings.exclude(pk=first.pk)
    )
    assert expanded(spans) == read(text) == calls
    joining.leave(committee, mo)
    sweep()
    text = CalendarProgram().take(smtp.to(mo.email)).text
    assert run(EXPAND, [text]) == [[]] and read(text) == []
