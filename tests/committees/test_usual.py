"""When a committee usually meets, by the clock of whoever reads it."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from committees.models import Committee
from committees.usual import usual_time
from members.models import User

WINTER, SUMMER = datetime(2027, 1, 15, tzinfo=UTC), datetime(2027, 7, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "reader", "said"),
    [
        ("Second Thursdays, 3:00 PM Eastern", "America/Denver", "Second Thursdays, 1:00 PM Mountain"),
        ("Second Thursdays, 3:00 PM Eastern", "America/New_York", "Second Thursdays, 3:00 PM Eastern"),
        ("Second Thursdays, 3 p.m. ET.", "America/Chicago", "Second Thursdays, 2:00 PM Central."),
        ("3pm (Eastern time) on Mondays", "America/Los_Angeles", "12:00 PM Pacific on Mondays"),
        ("Fourth Fridays, noon Eastern", "America/Denver", "Fourth Fridays, 10:00 AM Mountain"),
        ("Fridays at noon, half an hour", "America/Denver", "Fridays at 10:00 AM Mountain, half an hour"),
        ("Fridays at noon, half an hour", "America/New_York", "Fridays at noon Eastern, half an hour"),
        ("Mondays 3–4:30 PM Eastern", "America/Chicago", "Mondays 2:00 PM–3:30 PM Central"),
        ("Mondays, 11 to 1 PM Eastern", "America/Chicago", "Mondays, 10:00 AM–12:00 PM Central"),
        ("Mondays, 3:00 PM to 4:00 PM Eastern", "America/Chicago", "Mondays, 2:00 PM–3:00 PM Central"),
        ("Mondays at 15:00", "America/Chicago", "Mondays at 2:00 PM Central"),
        ("Thursdays, 7:00 PM Eastern", "Pacific/Guam", "Thursdays, 10:00 AM Chamorro, the day after"),
        ("Thursdays, 1 AM Eastern", "America/Denver", "Thursdays, 11:00 PM Mountain, the day before"),
        ("3 PM Eastern / noon Pacific", "America/Denver", "3 PM Eastern / noon Pacific"),
        ("When somebody needs it", "America/Denver", "When somebody needs it"),
        ("Every 2nd and 4th Tuesday", "America/Denver", "Every 2nd and 4th Tuesday"),
        ("At 99:99", "America/Denver", "At 99:99"),
        ("At 25 PM", "America/Denver", "At 25 PM"),
        ("", "America/Denver", ""),
    ],
)
def test_it_is_said_in_the_readers_zone(words, reader, said):
    with timezone.override(reader):
        assert usual_time(words, "America/New_York", WINTER) == said


def test_what_it_is_follows_the_season_where_clocks_do_not_change():
    with timezone.override("America/Phoenix"):
        said = [usual_time("Mondays, 3:00 PM Eastern", "America/New_York", when) for when in (WINTER, SUMMER)]
    assert said == ["Mondays, 1:00 PM Arizona", "Mondays, 12:00 PM Arizona"]


@pytest.mark.parametrize("page", ["committee_list", "committee_detail", "home"])
def test_the_pages_say_it_so(sign_in, mo, olga, committee, page):
    User.objects.update(timezone="America/Denver")
    Committee.objects.update(rhythm="Second Thursdays, 3:00 PM Eastern", timezone="America/New_York")
    address = reverse(page, args=[committee.slug] if page == "committee_detail" else [])
    shown = sign_in(olga if page == "committee_list" else mo).get(address).text
    assert "Second Thursdays, 1:00 PM Mountain" in shown and "3:00 PM Eastern" not in shown
