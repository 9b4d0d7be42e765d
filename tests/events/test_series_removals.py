"""A series leaves the calendar of whoever leaves its committee, and what a mail once brought follows the series."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from committees.joining import requests as joining
from committees.models import Membership
from events.answers.answering import respond
from events.models import CalendarFeed, SeriesAnswer
from events.schedule import scheduling
from events.series import changing, messages
from events.series.rules import DAYS, Rule
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import Delivery, User
from members.times.clock import today
from tests.events.calendar_program import CalendarProgram
from tests.events.test_series_calendars import read
from tests.factories import SeriesFactory
from tests.pipeline import forward

pytestmark = pytest.mark.django_db
UNDO = 3  # minutes, longer than leaving waits
OFF = ("withdrawn", "series_withdrawn")


@pytest.fixture
def invited(smtp, committee, carla, mo):
    """Six weeks of a series whose invitation came to everybody."""
    start = timezone.localdate() + timedelta(days=4)
    rule = f"FREQ=WEEKLY;BYDAY={DAYS[start.weekday()]};COUNT=6"
    series = SeriesFactory(
        committee=committee, by=carla, title="Fair workweek", rule=rule, local_date=start, told_at=None
    )
    messages.tell_scheduled(series)
    deliver()
    return series


def calendar_of(smtp, person: User) -> list[datetime]:
    """When it has calls, after all mails that came."""
    return [start for start, _end in read(CalendarProgram().take(smtp.to(person.email)).text)]


def on(*of) -> list[datetime]:
    calls = [call for series in of for call in series.meetings.all() if not call.is_cancelled]
    return sorted(call.starts_at.astimezone(UTC) for call in calls)


def sweep() -> list[tuple[str, str]]:
    """Let the time of an Undo pass; what was taken off so far, and what became of it."""
    plan()
    for kind in OFF:
        forward(UNDO, kind=kind, state="queued")
    deliver()
    return list(Delivery.objects.filter(kind__in=OFF).order_by("pk").values_list("kind", "state"))


def test_who_leaves_gets_one_cancel_for_all_dates(smtp, invited, committee, carla, mo):
    first = invited.meetings.earliest("starts_at")
    respond(first, mo, "going", seen=0)  # whose mail brings that date
    deliver()
    assert calendar_of(smtp, mo) == calendar_of(smtp, carla) == on(invited)
    joining.leave(committee, mo)
    assert sweep() == sweep() == [("series_withdrawn", "sent")]
    assert calendar_of(smtp, mo) == []
    assert calendar_of(smtp, carla) == on(invited)
    (mail,) = [
        mail for mail in smtp.to(mo.email) if mail.message["Subject"].startswith("Off your calendar, all dates:")
    ]
    assert b"STATUS:" not in mail.raw and b"video.example" not in mail.raw


@pytest.mark.parametrize(
    "go",
    [
        lambda mo, carla: Membership.objects.filter(user=mo).update(ended_on=today()),
        lambda mo, carla: mo.leave(by=carla),
    ],
    ids=["a term ends", "leaving the network"],
)
def test_however_a_seat_ends_the_series_goes(smtp, invited, mo, carla, go):
    go(mo, carla)
    assert sweep() == [("series_withdrawn", "sent")]
    assert calendar_of(smtp, mo) == []


def test_coming_back_keeps_it_and_leaving_again_takes_off_what_came_since(smtp, invited, committee, mo):
    joining.leave(committee, mo)
    plan()
    joining.rejoin(committee, mo)
    assert sweep() == [("series_withdrawn", "suppressed")]
    joining.leave(committee, mo)
    sweep()
    assert calendar_of(smtp, mo) == []
    joining.rejoin(committee, mo)
    call = invited.meetings.earliest("starts_at")
    respond(call, mo, "going", seen=0)
    deliver()
    joining.leave(committee, mo)
    assert sweep()[-1] == ("series_withdrawn", "sent")
    assert calendar_of(smtp, mo) == []


def test_what_was_declined_as_a_whole_or_is_over_or_never_came_is_left_alone(smtp, invited, committee, carla, mo):
    SeriesAnswer.record(invited, mo, "declined")
    changing.end(invited, carla, "Done")
    deliver()
    joining.leave(committee, mo)
    joining.leave(committee, carla)
    assert sweep() == []
    assert calendar_of(smtp, carla) == []


def test_this_and_following_ends_the_old_dates_in_calendars_that_mails_feed(smtp, invited, carla, mo):
    fourth = invited.meetings.order_by("starts_at")[3]
    later = split(invited, fourth, carla)
    deliver()
    invited.refresh_from_db()
    assert (invited.meetings.count(), later.meetings.count()) == (3, 3)
    assert calendar_of(smtp, mo) == on(invited, later)
    subjects = [mail.message["Subject"] for mail in smtp.to(mo.email)]
    assert subjects[1:] == ["3 dates changed: Fair workweek", "Goes on with other dates: Fair workweek"]


def test_whose_feed_alone_brings_calls_hears_once_of_a_split(smtp, invited, committee, carla, mo):
    CalendarFeed.choose(mo, way=CalendarFeed.Way.FEED)
    Delivery.objects.filter(recipient=mo).update(sent_at=timezone.now() + timedelta(minutes=1))  # brought no entry
    split(invited, invited.meetings.order_by("starts_at")[3], carla)
    deliver()
    assert len(smtp.to(mo.email)) == 2


def test_an_entry_of_before_follows_its_series_when_the_feed_alone_brings_calls(smtp, invited, committee, carla, mo):
    CalendarFeed.choose(mo, way=CalendarFeed.Way.FEED)
    changing.edit(invited, carla, title="Fair work")
    deliver()
    second, third = invited.meetings.order_by("starts_at")[1:3]
    scheduling.cancel(second, carla, "No room")
    day = third.local_date + timedelta(days=1)
    scheduling.move(third, carla, reason="", local_date=day, local_time=third.local_time, timezone=third.timezone)
    deliver()
    assert calendar_of(smtp, mo) == on(invited)
    later = split(invited, invited.meetings.order_by("starts_at")[3], carla)
    deliver()
    assert calendar_of(smtp, mo) == on(invited), "the dates after the split come by the feed"
    joining.leave(committee, mo)
    assert sweep() == [("series_withdrawn", "sent")]
    assert calendar_of(smtp, mo) == []
    assert Delivery.objects.get(kind="series_withdrawn").about == invited.about != later.about


def test_a_series_that_came_after_the_choice_of_the_feed_is_no_entry_to_take_off(smtp, committee, carla, mo):
    CalendarFeed.choose(mo, way=CalendarFeed.Way.FEED)
    series = SeriesFactory(committee=committee, by=carla, told_at=None)
    messages.tell_scheduled(series)
    deliver()
    assert calendar_of(smtp, mo) == []
    joining.leave(committee, mo)
    assert sweep() == []


def split(series, call, by):
    """That call and those after it a day later."""
    day = call.local_date + timedelta(days=1)
    change = changing.retime(
        series,
        by,
        rule=Rule.parse(f"FREQ=WEEKLY;BYDAY={DAYS[day.weekday()]};COUNT=3"),
        local_time=series.local_time,
        timezone=series.timezone,
        begin=call.local_date,
    )
    return change.series
