from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation

from members.times import formats
from portal.templatetags import times

DENVER = ZoneInfo("America/Denver")
CALL = datetime(2027, 3, 11, 20, 0, tzinfo=UTC)
TUESDAY = datetime(2027, 3, 9, 15, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tuesday_in_colorado():
    with time_machine.travel(TUESDAY, tick=False), timezone.override(DENVER), translation.override("en"):
        yield


def test_full_list_and_clock_carry_the_zone():
    assert formats.full(CALL, 60) == "Thursday, March 11, 1:00–2:00 PM MST"
    assert formats.span(CALL, timedelta(minutes=60)) == "Thu, March 11, 1:00–2:00 PM MST"
    assert formats.listed(CALL) == "Thu, March 11, 1:00 PM MST"
    assert formats.clock(CALL) == "1:00 PM MST"
    assert formats.bare(CALL) == "1:00"


def test_letters_follow_the_date():
    assert formats.listed(datetime(2027, 4, 8, 19, 0, tzinfo=UTC)) == "Thu, April 8, 1:00 PM MDT"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Phoenix", "1:00 PM MST"),
        ("Pacific/Honolulu", "10:00 AM HST"),
        ("Pacific/Guam", "6:00 AM ChST"),
        ("America/Anchorage", "12:00 PM AKDT"),
        ("America/New_York", "4:00 PM EDT"),
        ("America/Puerto_Rico", "4:00 PM AST"),
        ("Europe/Istanbul", "11:00 PM Istanbul time"),
        ("America/Sao_Paulo", "5:00 PM Sao Paulo time"),
    ],
)
def test_each_zone_says_its_letters_in_summer(zone, words):
    with timezone.override(ZoneInfo(zone)):
        assert formats.clock(datetime(2027, 7, 1, 20, 0, tzinfo=UTC)) == words


def test_universal_time_never_says_utc():
    with timezone.override(UTC):
        assert "UTC" not in formats.clock(CALL)


def test_noon_and_midnight_are_twelve():
    assert formats.clock(datetime(2027, 3, 11, 19, 0, tzinfo=UTC)) == "12:00 PM MST"
    assert formats.clock(datetime(2027, 3, 11, 7, 30, tzinfo=UTC)) == "12:30 AM MST"


def test_a_span_over_noon_says_both_halves():
    assert formats.hours(datetime(2027, 3, 11, 18, 30, tzinfo=UTC), 90) == "11:30 AM–1:00 PM MST"


def test_a_span_over_midnight_says_both_halves():
    assert formats.hours(datetime(2027, 3, 12, 6, 30, tzinfo=UTC), 60) == "11:30 PM–12:30 AM MST"


def test_a_call_that_crosses_the_hour_that_is_skipped_ends_by_the_clock_on_the_wall():
    before = datetime(2027, 3, 14, 8, 30, tzinfo=UTC)  # 1:30 AM MST, half an hour before clocks go forward
    assert formats.hours(before, 60) == "1:30–3:30 AM MST"


def test_the_hour_that_comes_twice_is_told_apart_by_its_letters():
    first = datetime(2027, 11, 7, 7, 30, tzinfo=UTC)
    assert formats.clock(first) == "1:30 AM MDT"
    assert formats.clock(first + timedelta(hours=1)) == "1:30 AM MST"


def test_the_year_stands_only_when_it_is_not_this_one():
    assert formats.day(date(2027, 12, 31)) == "Friday, December 31"
    assert formats.day(date(2026, 12, 31)) == "Thursday, December 31, 2026"
    assert formats.date_only(date(2029, 6, 1)) == "June 1, 2029"
    assert formats.deadline(date(2027, 3, 12)) == "by Friday, March 12"


def test_a_day_is_the_readers_day():
    late = datetime(2027, 3, 12, 5, 0, tzinfo=UTC)  # 10 PM on the 11th in Denver
    assert formats.day_short(late) == "Thu, March 11"
    with timezone.override(ZoneInfo("America/New_York")):
        assert formats.day_short(late) == "Fri, March 12"


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (CALL, "in 2 days"),
        (datetime(2027, 3, 10, 15, tzinfo=UTC), "tomorrow"),
        (TUESDAY + timedelta(minutes=7), "in 7 minutes"),
        (TUESDAY + timedelta(seconds=20), "in 1 minute"),
        (TUESDAY + timedelta(hours=3), "in 3 hours"),
        (TUESDAY - timedelta(minutes=5), "live now"),
        (TUESDAY - timedelta(minutes=60), "earlier today"),
        (TUESDAY - timedelta(days=1), "yesterday"),
        (TUESDAY + timedelta(days=21), "in 3 weeks"),
        (TUESDAY - timedelta(days=90), "3 months ago"),
        (date(2027, 3, 9), "today"),
    ],
)
def test_nearness(start, words):
    assert formats.near(start, 60) == words


def test_tomorrow_is_the_readers_tomorrow_not_24_hours():
    now = datetime(2027, 3, 10, 5, 30, tzinfo=UTC)  # Tuesday 10:30 PM in Denver
    assert formats.near(datetime(2027, 3, 10, 15, tzinfo=UTC), 60, now) == "tomorrow"


def test_other_zones_leave_out_ones_own_and_name_the_rest():
    rows = [(zone.name, zone.letters, zone.clock, zone.day) for zone in formats.other_zones(CALL)]
    assert rows == [
        ("Eastern", "EST", "3:00 PM", ""),
        ("Central", "CST", "2:00 PM", ""),
        ("Arizona", "MST", "1:00 PM", ""),
        ("Pacific", "PST", "12:00 PM", ""),
        ("Alaska", "AKST", "11:00 AM", ""),
        ("Hawaiʻi", "HST", "10:00 AM", ""),
    ]


def test_another_day_elsewhere_is_said():
    with timezone.override(ZoneInfo("Pacific/Guam")):
        assert formats.day(CALL) == "Friday, March 12"
        assert formats.other_zones(CALL)[0].day == "Thu, March 11"


def test_zone_names():
    assert formats.zone_name() == "Mountain"
    assert formats.zone_name("America/Indiana/Indianapolis") == "Eastern"
    assert formats.zone_name("America/Indiana/Knox") == "Central"
    assert formats.zone_name("Europe/Istanbul") == "Istanbul"


def test_eastern_is_said_unless_it_is_ones_own():
    assert formats.eastern(CALL) == "3:00 PM Eastern"
    with timezone.override(ZoneInfo("America/New_York")):
        assert formats.eastern(CALL) == ""


def test_clock_changes_are_announced_and_arizona_is_spared():
    april = datetime(2027, 4, 8, 19, 0, tzinfo=UTC)
    assert formats.clock_change(april) == "Clocks go forward on Sunday, March 14. Every time here already counts it."
    assert formats.clock_change(CALL) == ""
    with timezone.override(ZoneInfo("America/Phoenix")):
        assert formats.clock_change(april) == ""


def test_tags_write_a_time_element():
    html = Template("{% load times %}{% when_full start minutes %}").render(Context({"start": CALL, "minutes": 60}))
    assert html == '<time datetime="2027-03-11T13:00-07:00">Thursday, March 11, 1:00–2:00 PM MST</time>'
    assert Template("{% load times %}{% when_list start %}").render(Context({"start": None})) == ""


# In templates ------------------------------------------------------------------------------------


def shown(tag, **context):
    return Template("{% load times %}{% " + tag + " %}").render(Context({"call": CALL, **context}))


def test_a_time_that_was_shown_before_is_shown_by_the_zone_the_year_and_the_words_of_now(monkeypatch):
    """Others had it written for themselves a moment ago."""
    assert shown("when_day call") == '<time datetime="2027-03-11T13:00-07:00">Thursday, March 11</time>'
    assert shown("when_day call") == shown("when_day call")
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert shown("when_day call") == '<time datetime="2027-03-12T05:00+09:00">Friday, March 12</time>'
    with time_machine.travel(datetime(2026, 12, 31, 23, 0, tzinfo=DENVER)):
        assert ">Thursday, March 11, 2027<" in shown("when_day call")
    assert ">1:00 PM MST<" in shown("when_clock call")
    with monkeypatch.context() as german:
        for module in (formats, times):
            german.setattr(module, "get_language", lambda: "de")
        assert ">13:00 MST<" in shown("when_clock call")
    assert ">1:00 PM MST<" in shown("when_clock call")
    assert ">1:00–1:30 PM MST<" in shown("when_hours call 30")
    assert ">1:00–2:00 PM MST<" in shown("when_hours call 60")


def test_how_near_a_time_is_changes_by_the_minute():
    assert ">in 2 days<" in shown("when_near call")
    with time_machine.travel(CALL - timedelta(minutes=7)):
        assert ">in 7 minutes<" in shown("when_near call")
