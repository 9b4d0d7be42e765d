"""Series in calendars, read back by a library of its own."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from icalendar import Calendar, Event
from recurring_ical_events import of

from events.answers.answering import respond
from events.calendar import feeds, ics
from events.models import Meeting, MeetingSeries
from events.schedule import scheduling
from events.series import changing, messages
from events.series.rules import DAYS
from members.mail.outgoing.worker import deliver
from members.models import User
from tests.events.random_series import READER, Trial, nights, trials
from tests.factories import SeriesFactory

pytestmark = pytest.mark.django_db
TUESDAYS = "FREQ=WEEKLY;BYDAY=TU"


def read(text: str | bytes) -> list[tuple[datetime, datetime]]:
    """When each entry is, those that are canceled left out."""
    found = of(Calendar.from_ical(text)).between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
    on = [event for event in found if event.get("STATUS") != "CANCELLED"]
    return sorted((event.start.astimezone(UTC), event.end.astimezone(UTC)) for event in on)


def mailed(trial: Trial) -> str:
    return ics.invite_series(
        trial.series,
        trial.calls,
        "ORGANIZER:mailto:calls@portal.example",
        lambda answer: ics.attendee(User(name="Mo", email="mo@portal.example"), answer, asks=True),
        answers={},
    )


def test_random_series_are_the_same_dates_in_mail_file_and_feed():
    """A thousand of them in tests/browser/test_series_in_two_parsers.py, where this parser is one of the two."""
    for trial in trials(60):
        assert read(mailed(trial)) == trial.whole, trial.series.rule
        assert read(ics.download_series(trial.series, trial.calls, dial_in=True)) == trial.whole
        feed = ics.feed(trial.calls, "Calls", READER, (2026, 2029), alarm=10)
        assert read(feed) == trial.made


def test_nights_on_which_clocks_change_make_no_date_longer_or_shorter():
    for trial in nights():
        said = trial.series.local_date, trial.series.local_time, trial.series.duration, trial.series.fold
        assert read(mailed(trial)) == read(ics.feed(trial.calls, "Calls", READER, (2026, 2029))) == trial.whole, said


# In the feed -----------------------------------------------------------------------------------------


@pytest.fixture
def weekly(committee, carla):
    """Most of a year of Tuesdays at 7 PM Eastern, told: whatever day it is today, the last is within what a feed shows."""
    start = timezone.localdate() + timedelta(days=2)
    return SeriesFactory(
        committee=committee, by=carla, title="Fair workweek", rule=f"{TUESDAYS};COUNT=50", local_date=start
    )


def entries(person: User) -> list[Event]:
    return Calendar.from_ical(feeds.calendar(User.objects.get(pk=person.pk))).walk("VEVENT")


def test_a_series_is_one_entry_of_the_feed(weekly, mo):
    (event,) = entries(mo)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (weekly.uid, 0, "TENTATIVE")
    assert str(event["DTSTART"].dt.tzinfo) == "America/New_York"
    assert event["RRULE"]["BYDAY"] == ["TU"] and "COUNT" not in event["RRULE"]
    assert event["LOCATION"] == f"http://testserver/series/{weekly.key}/join"
    assert "EXDATE" not in event
    calls = list(weekly.meetings.order_by("starts_at"))
    assert read(feeds.calendar(mo)) == [(call.starts_at, call.ends_at) for call in calls]


def test_what_lies_further_than_a_year_is_no_date_of_the_entry_yet(committee, carla, mo):
    start = timezone.localdate() + timedelta(days=8)  # its last call is made, and 365 days ahead
    rule = f"{TUESDAYS.replace('TU', DAYS[start.weekday()])};COUNT=52"
    series = SeriesFactory(committee=committee, by=carla, rule=rule, local_date=start)
    *shown, last = series.meetings.order_by("starts_at")
    assert len(shown) == 51 and last.starts_at > shown[-1].starts_at
    series.meetings.filter(pk=last.pk).update(starts_at=Now() + feeds.AHEAD + timedelta(hours=1))
    assert read(feeds.calendar(mo)) == [(call.starts_at, call.ends_at) for call in shown]


def test_what_differs_is_an_entry_of_its_own_and_what_is_declined_is_left_out(weekly, mo, carla):
    going, declined, moved, off, *_rest = weekly.meetings.order_by("starts_at")
    respond(going, mo, "going", seen=0)
    respond(declined, mo, "cant", seen=0)
    day = moved.local_date + timedelta(days=1)
    scheduling.move(moved, carla, reason="", local_date=day, local_time=moved.local_time, timezone=moved.timezone)
    scheduling.cancel(off, carla, "No room")
    master, *dates = entries(mo)
    by_date = {each["RECURRENCE-ID"].dt: each for each in dates}
    assert list(by_date) == [going.original_start, moved.original_start, off.original_start]
    assert [each["STATUS"] for each in dates] == ["CONFIRMED", "TENTATIVE", "CANCELLED"]
    assert [each["SEQUENCE"] for each in dates] == [0, 1, 1]
    assert {str(each["UID"]) for each in dates} == {weekly.uid}
    assert [each.dt for each in master["EXDATE"].dts] == [declined.original_start]
    assert dates[2]["DESCRIPTION"] == "No room"
    assert str(dates[1]["URL"]).endswith(moved.get_absolute_url())


def test_who_goes_to_all_dates_has_one_entry_that_is_confirmed(weekly, mo):
    for call in weekly.meetings.all():
        respond(call, mo, "going", seen=0)
    (event,) = entries(mo)
    assert event["STATUS"] == "CONFIRMED"


def test_a_feed_with_a_series_is_one_query_and_its_version_follows_the_series(weekly, mo, django_assert_num_queries):
    mo = User.objects.select_related("calendar_feed").get(pk=mo.pk)
    with django_assert_num_queries(1):
        feeds.calendar(mo)
    before = feeds.version(mo)
    assert feeds.version(mo) == before
    MeetingSeries.objects.update(title="Another")
    assert feeds.version(mo) != before


# In mails and files ----------------------------------------------------------------------------------


def test_a_mail_about_one_date_names_that_date_of_the_series(weekly, mo, carla, smtp):
    call = weekly.meetings.order_by("starts_at")[1]
    respond(call, mo, "going", seen=0)
    scheduling.cancel(call, carla, "No room")
    deliver()
    parts = [part.get_content() for mail in smtp.to(mo.email) for part in mail.message.walk() if part.get_filename()]
    (cancel,) = [Calendar.from_ical(each) for each in parts]
    (event,) = cancel.walk("VEVENT")
    assert (cancel["METHOD"], event["UID"], event["SEQUENCE"]) == ("CANCEL", weekly.uid, 1)
    assert event["RECURRENCE-ID"].dt == call.original_start
    assert [str(each["TZID"]) for each in cancel.walk("VTIMEZONE")] == ["America/New_York"]


def test_a_call_that_its_rule_does_not_give_any_more_stands_by_itself(weekly, mo):
    call = weekly.meetings.order_by("starts_at")[1]
    MeetingSeries.objects.update(rule=weekly.rule.replace("TU", "WE"), local_date=weekly.local_date + timedelta(days=1))
    weekly.meetings.exclude(pk=call.pk).update(original_start=F("original_start") + timedelta(days=1))
    call = Meeting.objects.select_related("series", "committee").get(pk=call.pk)
    (event,) = Calendar.from_ical(ics.invite(call, ics.REQUEST)).walk("VEVENT")
    assert (event["UID"], event.get("RECURRENCE-ID")) == (call.uid, None)
    assert {str(each["UID"]) for each in entries(mo)} == {weekly.uid, call.uid}


def test_the_file_of_a_series_and_that_of_one_date(weekly, mo, olga, sign_in):
    call = weekly.meetings.order_by("starts_at").first()
    client = sign_in(mo)
    whole = client.get(f"/series/{weekly.key}/series.ics")
    assert whole["Content-Disposition"] == f'attachment; filename="{weekly.key}.ics"'
    (event,) = Calendar.from_ical(whole.content).walk("VEVENT")
    assert "RRULE" in event and event["UID"] == weekly.uid
    (one,) = Calendar.from_ical(client.get(f"/calls/{call.slug}/call.ics").content).walk("VEVENT")
    assert (one["UID"], one["RECURRENCE-ID"].dt) == (weekly.uid, call.original_start)
    assert sign_in(olga).get(f"/series/{weekly.key}/series.ics").status_code == 404


def test_the_way_in_of_a_series_leads_to_the_call_that_is_next(weekly, mo, olga, carla, sign_in):
    first, second, *_rest = weekly.meetings.order_by("starts_at")
    path = f"/series/{weekly.key}/join"
    assert sign_in(mo).get(path)["Location"] == f"/calls/{first.slug}/join"
    scheduling.cancel(first, carla, "")
    assert sign_in(mo).get(path)["Location"] == f"/calls/{second.slug}/join"
    assert sign_in(olga).get(path).status_code == 404
    MeetingSeries.objects.update(told_at=None)
    assert sign_in(mo).get(path).status_code == 404


def test_the_invitation_and_the_news_of_a_series_bring_its_entry(weekly, mo, carla, smtp):
    weekly.meetings.update(told_at=None)
    MeetingSeries.objects.update(told_at=None)
    weekly.refresh_from_db()
    messages.tell_scheduled(weekly)
    deliver()
    respond(weekly.meetings.order_by("starts_at")[0], mo, "cant", seen=0)
    changing.edit(weekly, carla, title="Fair work")
    deliver()
    changing.end(weekly, carla, "Done")
    deliver()
    parts = [part.get_content() for mail in smtp.to(mo.email) for part in mail.message.walk() if part.get_filename()]
    whole = [each for each in map(Calendar.from_ical, parts) if "RRULE" in each.walk("VEVENT")[0]]
    series = {(str(each["METHOD"]), each.walk("VEVENT")[0]["SEQUENCE"]): each for each in whole}
    assert list(series) == [("REQUEST", 0), ("REQUEST", 1), ("CANCEL", 3)]
    invited, changed, ended = series.values()
    assert [len(each.walk("VEVENT")) for each in (invited, changed, ended)] == [1, 2, 1]
    assert changed.walk("VEVENT")[1]["ATTENDEE"].params["PARTSTAT"] == "DECLINED"
    assert {str(each.walk("VEVENT")[0]["UID"]) for each in series.values()} == {weekly.uid}
    assert str(ended.walk("VEVENT")[0]["STATUS"]) == "CANCELLED"
