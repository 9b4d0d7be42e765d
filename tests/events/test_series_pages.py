"""Pages of series: putting one on in four acts, its dates, changing them, and what bad input gets."""

import re
from datetime import date, time, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from events.models import Meeting, MeetingSeries
from events.series import usual
from events.series.rules import Rule
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from tests.factories import SeriesFactory

pytestmark = pytest.mark.django_db
NEW = {
    "title": "Fair workweek",
    "duration": "60",
    "local_date": "2027-01-04",
    "local_time": "19:00",
    "timezone": "America/New_York",
    "every": "month",
    "place": "2",
    "weekday": "1",
    "ends": "year",
}


@pytest.fixture
def address(committee) -> str:
    return reverse("series_new", args=[committee.slug])


@pytest.fixture
def series(committee, carla, mo):
    return SeriesFactory(committee=committee, by=carla, title="Fair workweek")


def fields(page) -> dict[str, str]:
    """What the form of the preview posts."""
    found = re.findall(r'<input\s+type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', page.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def test_c1_in_four_acts(sign_in, address, committee, carla, mo):
    """Open, say date and rule, look, send: an earlier series fills all but the dates."""
    client = sign_in(carla)
    look = client.post(address, NEW)
    page = look.content.decode()
    assert "Second Tuesday of each month" in page
    assert "12 calls" in page
    assert "Send to 2 people" in page
    assert MeetingSeries.objects.count() == 0
    done = client.post(address, fields(look) | {"send": "1"})
    series = MeetingSeries.objects.get()
    assert done["Location"] == reverse("series_detail", args=[series.key])
    again = client.post(address, fields(look) | {"send": "1"})
    assert (again["Location"], MeetingSeries.objects.count()) == (done["Location"], 1)
    clocks = [call.starts_at.astimezone(series.zone).time() for call in series.meetings.all()]
    assert clocks == [time(19)] * 12
    deliver()
    assert Delivery.objects.filter(kind="series_invitation").count() == len(mail.outbox) == 2
    like = client.get(f"{address}?like=last").content.decode()
    assert 'value="Fair workweek"' in like
    assert "2027-12-15" in like  # the day after the last


def test_holidays_are_flagged_and_a_choice_holds(sign_in, address, committee, carla):
    client = sign_in(carla)
    thursdays = NEW | {"weekday": "3", "place": "4", "ends": "count", "count": "12"}  # Thanksgiving is one
    asked = client.get(reverse("series_dates", args=[committee.slug]), thursdays).content.decode()
    assert "Thanksgiving Day, a federal holiday" in asked
    assert 'name="on-2027-11-25"' in asked
    client.post(address, thursdays | {"on-2027-11-25": "week", "quiet": "1"})
    series = MeetingSeries.objects.get()
    assert series.exceptions == {"2027-11-25": "2027-12-02T19:00:00"}
    moved = next(call for call in series.meetings.all() if call.is_moved_by_hand)
    assert moved.local_date == date(2027, 12, 2)
    page = client.get(series.get_absolute_url()).content.decode()
    assert "Moved from" in page
    assert "Draft" in page


def test_a_skipped_holiday_is_listed_and_may_be_put_on(sign_in, address, carla):
    client = sign_in(carla)
    client.post(
        address,
        NEW | {"weekday": "3", "place": "4", "ends": "count", "count": "12", "on-2027-11-25": "skip", "quiet": "1"},
    )
    series = MeetingSeries.objects.get()
    assert series.meetings.count() == 11
    assert "Left out: Thanksgiving Day" in client.get(series.get_absolute_url()).content.decode()
    client.post(reverse("series_restore", args=[series.key]), {"date": "2027-11-25"})
    assert series.meetings.count() == 12


BAD = {
    "no date fits": ({"ends": "until", "until": "2027-01-05"}, "No date fits this."),
    "no number": ({"ends": "count", "count": ""}, "Enter how many calls, like 12"),
    "ten thousand": ({"ends": "count", "count": "10000"}, "A series can have 520 calls"),
    "more than ten years": ({"every": "quarter", "ends": "count", "count": "60"}, "ten years at most"),
    "no such day": ({"local_date": "2027-02-30"}, "Enter a date like"),
    "a day that passed": ({"local_date": "2020-01-05"}, "That time has passed"),
    "every month left out": ({"not_in": [str(month) for month in range(1, 13)]}, "That leaves no month."),
    "a weekday that is any, each week": ({"every": "week", "weekday": "workday"}, "Choose one day of the week."),
    "clocks skip it": (
        {"local_date": "2027-03-01", "local_time": "02:30", "every": "week", "weekday": "6"},
        "2:30 AM does not exist on March 14",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(sign_in, address, carla, name):
    changes, said = BAD[name]
    answer = sign_in(carla).post(address, NEW | changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert 'value="Fair workweek"' in page
    assert MeetingSeries.objects.count() == Meeting.objects.count() == 0


def test_where_clocks_skip_the_time_a_choice_is_enough(sign_in, address, carla):
    early = NEW | {
        "local_date": "2027-03-01",
        "local_time": "02:30",
        "every": "week",
        "weekday": "6",
        "ends": "count",
        "count": "3",
    }
    sign_in(carla).post(address, early | {"on-2027-03-14": "hour", "quiet": "1"})
    calls = MeetingSeries.objects.get().meetings.order_by("starts_at")
    assert [call.local_time for call in calls] == [time(2, 30), time(3, 30), time(2, 30)]


def test_another_rule_is_looked_at_and_a_stale_page_changes_nothing(sign_in, series, carla):
    client, address = sign_in(carla), reverse("series_change", args=[series.key])
    clock = {"local_time": "18:00", "timezone": "America/New_York", "reason": "Wednesdays suit more of us", "seen": "0"}
    new = clock | {
        "local_date": (localdate() + timedelta(days=1)).isoformat(),
        "every": "month",
        "place": "2",
        "weekday": "2",
        "ends": "before",
    }
    look = client.post(address, new)
    assert "Send to 2 people" in look.content.decode()
    sent = client.post(address, fields(look) | {"send": "1"})
    assert sent["Location"] == series.get_absolute_url()
    assert {call.local_date.weekday() for call in series.meetings.all()} == {2}
    stale = client.post(address, new | {"weekday": "3"})
    assert stale.status_code == 409
    assert "Somebody changed this series" in stale.content.decode()
    assert {call.local_date.weekday() for call in series.meetings.all()} == {2}


def test_moving_a_call_asks_which_where_others_are_to_come(sign_in, series, carla):
    client, calls = sign_in(carla), list(series.meetings.order_by("starts_at"))
    page = client.get(reverse("meeting_move", args=[calls[4].slug])).content.decode()
    assert f"{reverse('series_change', args=[series.key])}?from={calls[4].slug}" in page
    assert "All 12 to come" in page
    assert "This and the 7 after it" in page
    changing = client.get(f"{reverse('series_change', args=[series.key])}?from={calls[4].slug}").content.decode()
    assert (calls[3].local_date + timedelta(days=1)).isoformat() in changing or calls[4].local_date.replace(
        day=1
    ).isoformat() in changing
    for call in calls[:-1]:
        call.cancel(carla, "Off")
    assert "to come, to" not in client.get(reverse("meeting_move", args=[calls[-1].slug])).content.decode()


def test_words_from_a_call_on(sign_in, series, carla):
    client, calls = sign_in(carla), list(series.meetings.order_by("starts_at"))
    address = f"{reverse('series_edit', args=[series.key])}?from={calls[10].slug}"
    client.post(address, {"title": "Fair work", "duration": "60", "quiet": "1"})
    assert list(series.meetings.order_by("starts_at").values_list("title", flat=True)) == [
        *["Fair workweek"] * 10,
        *["Fair work"] * 2,
    ]


def test_pausing_and_resuming_in_the_browser(sign_in, series, carla):
    client = sign_in(carla)
    look = client.post(reverse("series_pause", args=[series.key]), {"reason": "Election season"})
    assert "Pause it and tell 2 people" in look.content.decode()
    client.post(reverse("series_pause", args=[series.key]), fields(look) | {"send": "1"})
    assert "Paused" in client.get(series.get_absolute_url()).content.decode()
    look = client.post(reverse("series_resume", args=[series.key]))
    client.post(reverse("series_resume", args=[series.key]), fields(look) | {"send": "1"})
    assert series.meetings.not_cancelled().count() == 12


def test_the_usual_time_is_that_of_the_series_by_the_readers_clock(committee, carla, series):
    usual.keep(committee.pk)
    committee.refresh_from_db()
    with timezone.override("America/Denver"):
        assert committee.usually == "Second Tuesdays, 5:00 PM Mountain"
    MeetingSeries.objects.update(told_at=None)
    usual.keep_all()
    committee.refresh_from_db()
    assert committee.usually == ""


def test_ten_years_of_weekly_calls_cost_no_more(sign_in, committee, carla, mo, django_assert_max_num_queries):
    series = SeriesFactory(committee=committee, by=carla, rule=Rule.parse("FREQ=WEEKLY;BYDAY=TU;COUNT=520"))
    assert series.meetings.count() == 53
    client = sign_in(mo)
    for address in (
        series.get_absolute_url(),
        series.meetings.first().get_absolute_url(),
        committee.get_absolute_url(),
        reverse("committee_meetings", args=[committee.slug]),
    ):
        client.get(address)
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


def test_the_rule_over_the_api_ends_in_utc_with_its_last_day(sign_in, committee, mo):
    SeriesFactory(committee=committee, local_date=date(2027, 1, 4), rule="FREQ=MONTHLY;BYDAY=2TU;UNTIL=20270615")
    found = sign_in(mo).get(reverse("api_series-list")).json()["results"]
    assert found[0]["rule"] == "FREQ=MONTHLY;BYDAY=2TU;UNTIL=20270616T035959Z"


def test_series_over_the_api(sign_in, series, mo):
    client = sign_in(mo)
    found = client.get(reverse("api_series-list")).json()["results"]
    assert [row["key"] for row in found] == [series.key]
    assert found[0]["rule"] == "FREQ=MONTHLY;BYDAY=2TU;COUNT=12"
    calls = client.get(reverse("api_meeting-list"), {"series": series.key}).json()
    assert {row["series"] for row in calls["results"]} == {series.key}
    assert len(calls["results"]) == 12
