"""Rules of series: read, written, said in words, worked out as days."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from events.series.rules import Rule

START = date(2027, 1, 4)  # a Monday

SAID = {
    "FREQ=WEEKLY;BYDAY=TU;COUNT=3": ("Every week on Tuesday", "Tuesdays"),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=3": ("Every two weeks on Tuesday", "Every other Tuesday"),
    "FREQ=MONTHLY;BYDAY=2TU;COUNT=12": ("Second Tuesday of each month", "Second Tuesdays"),
    "FREQ=MONTHLY;BYDAY=-1TH;COUNT=12": ("Last Thursday of each month", "Last Thursdays"),
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=12": ("Last weekday of each month", "Last Weekdays"),
    "FREQ=MONTHLY;INTERVAL=3;BYDAY=1WE;COUNT=4": ("First Wednesday of every 3 months", "First Wednesdays"),
    "FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,9,10,11,12;BYDAY=2TU;COUNT=10": (
        "Second Tuesday of each month, except July and August",
        "Second Tuesdays",
    ),
}


@pytest.mark.parametrize("text", SAID)
def test_a_rule_is_written_as_it_was_read_and_said_in_words(text):
    rule = Rule.parse(text)
    assert str(rule) == text
    assert (rule.words, rule.briefly) == SAID[text]


def test_its_days():
    assert Rule.parse("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=3").dates(START) == [
        date(2027, 1, 5),
        date(2027, 1, 19),
        date(2027, 2, 2),
    ]
    last = Rule.parse("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;UNTIL=20270430")
    assert last.dates(START) == [date(2027, 1, 29), date(2027, 2, 26), date(2027, 3, 31), date(2027, 4, 30)]
    summer = Rule.parse("FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,9,10,11,12;BYDAY=2TU;COUNT=12").dates(START)
    assert [day.month for day in summer] == [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 1, 2]


def test_a_year_of_each():
    assert Rule.parse("FREQ=MONTHLY;BYDAY=2TU").for_a_year(START).count == 12
    assert Rule.parse("FREQ=WEEKLY;BYDAY=TU").for_a_year(START).count == 52
    assert Rule.parse("FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,9,10,11,12;BYDAY=2TU").for_a_year(START).count == 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=10000", "10,000 calls are too many. A series can have 520 calls"),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20371231", "at most. Choose an earlier end"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=1TU;COUNT=60", "ten years at most"),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20270104", "No date fits this."),
        ("FREQ=MONTHLY;BYDAY=2TU;BYMONTH=7;UNTIL=20270601", "No date fits this."),
    ],
)
def test_what_has_no_dates_or_too_many_is_refused_in_words(text, said):
    with pytest.raises(ValidationError) as refused:
        Rule.parse(text).dates(START)
    assert said in refused.value.messages[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=DAILY",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYDAY=TU",
        "FREQ=MONTHLY;BYDAY=5TU",
        "FREQ=MONTHLY;BYDAY=2TU;BYMONTH=13",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=TU;COUNT=0",
        "FREQ=WEEKLY;BYDAY=TU;BYHOUR=3",
        "nonsense",
    ],
)
def test_what_is_no_rule_of_ours_is_refused(text):
    with pytest.raises(ValidationError):
        Rule.parse(text)


def test_what_is_left_of_one_that_counts():
    rule = Rule.parse("FREQ=MONTHLY;BYDAY=2TU;COUNT=12")
    assert rule.after(START, date(2027, 4, 1)).count == 9
    assert str(rule.ended_before(date(2027, 4, 13))) == "FREQ=MONTHLY;BYDAY=2TU;UNTIL=20270412"
