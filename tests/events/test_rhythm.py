"""When a committee usually meets, read off its calls and said by the reader's clock."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from committees.models import Committee
from events.calendar.rhythm import rhythm_of
from tests.factories import MeetingFactory


def nth(place, weekday, months):
    """That weekday of each of the coming months."""
    found, today = [], localdate()
    for ahead in range(1, months + 1):
        month = (today.month - 1 + ahead) % 12 + 1
        first = date(today.year + (today.month - 1 + ahead) // 12, month, 1)
        found.append(first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (place - 1)))
    return found


def calls(committee, carla, days, at=time(15)):
    for day in days:
        MeetingFactory(committee=committee, by=carla, local_date=day, local_time=at)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("America/New_York", "Second Thursdays, 3:00 PM Eastern"),
        ("America/Denver", "Second Thursdays, 1:00 PM Mountain"),
    ],
)
def test_it_is_said_by_the_readers_clock(committee, carla, zone, said):
    calls(committee, carla, nth(2, 3, 4))
    with timezone.override(zone):
        assert rhythm_of(committee.pk) == said


def test_one_that_was_moved_changes_nothing_and_a_draft_or_a_canceled_one_counts_not(committee, carla):
    calls(committee, carla, nth(2, 3, 4))
    calls(committee, carla, [nth(3, 0, 5)[4]], time(9))
    MeetingFactory(committee=committee, by=carla, local_date=localdate() + timedelta(days=9), told_at=None)
    MeetingFactory(committee=committee, by=carla, local_date=localdate() + timedelta(days=11)).cancel(carla, "Snow")
    with timezone.override("America/New_York"):
        assert rhythm_of(committee.pk) == "Second Thursdays, 3:00 PM Eastern"


def test_each_week_is_each_week(committee, carla):
    first = nth(1, 1, 1)[0]
    calls(committee, carla, [first + timedelta(days=7 * week) for week in range(6)])
    with timezone.override("America/New_York"):
        assert rhythm_of(committee.pk) == "Tuesdays, 3:00 PM Eastern"


def test_too_few_or_too_different_calls_say_nothing(committee, carla):
    calls(committee, carla, nth(2, 3, 2))
    assert rhythm_of(committee.pk) == ""
    calls(committee, carla, [nth(1, 0, 4)[3], nth(4, 1, 4)[2], nth(3, 4, 3)[1]], time(10))
    assert rhythm_of(committee.pk) == ""


def test_the_issue_page_says_it_and_falls_back_to_what_was_written(client, sign_in, committee, carla, olga):
    Committee.objects.filter(pk=committee.pk).update(rhythm="Now and then", timezone="America/New_York")
    address = committee.issue.get_absolute_url()
    assert "Its calls: Now and then." in client.get(address).text
    calls(committee, carla, nth(2, 3, 4))
    assert "Its calls: Second Thursdays, 3:00 PM Eastern." in client.get(address).text
    olga.timezone = "America/Denver"
    olga.save()
    assert "Its calls: Second Thursdays, 1:00 PM Mountain." in sign_in(olga).get(address).text
