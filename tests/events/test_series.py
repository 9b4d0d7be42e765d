"""Series of calls: made a year ahead, at one wall time."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from events.models import Meeting, MeetingSeries
from events.series import making
from tests.factories import SeriesFactory

pytestmark = pytest.mark.django_db


def test_a_year_of_second_tuesdays_keeps_its_wall_time_over_clock_changes():
    series = SeriesFactory(local_date=date(2027, 1, 4))
    calls = list(series.meetings.order_by("starts_at"))
    assert len(calls) == 12
    assert {call.starts_at.astimezone(series.zone).time() for call in calls} == {time(19)}
    assert {call.starts_at.hour for call in calls} == {0, 23}
    assert all(call.original_start == call.starts_at and call.calendar_uid == series.uid for call in calls)
    assert not any(call.is_moved_by_hand for call in calls)


def test_making_twice_makes_nothing_more():
    series = SeriesFactory()
    before = Meeting.objects.count()
    assert making.sweep() == making.sweep() == 0
    assert Meeting.objects.count() == before == series.meetings.count()


def test_a_date_left_out_is_not_made_and_one_put_off_keeps_its_place():
    series = SeriesFactory(
        local_date=date(2027, 1, 4), exceptions={"2027-02-09": "", "2027-03-09": "2027-03-16T19:00:00"}
    )
    calls = {call.original_start.astimezone(series.zone).date(): call for call in series.meetings.all()}
    assert date(2027, 2, 9) not in calls
    assert calls[date(2027, 3, 9)].local_date == date(2027, 3, 16)
    assert calls[date(2027, 3, 9)].is_moved_by_hand
    assert series.skipped == [date(2027, 2, 9)]


def test_the_database_keeps_one_call_a_date():
    call = SeriesFactory().meetings.first()
    copy = Meeting.objects.get(pk=call.pk)
    copy.pk, copy.slug, copy.uid = None, "another", "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_one_that_fails_stops_no_other_sweep():
    broken, good = SeriesFactory(rule="FREQ=WEEKLY;BYDAY=MO;COUNT=60"), SeriesFactory()
    MeetingSeries.objects.filter(pk=broken.pk).update(rule="nonsense")
    good.meetings.first().delete()
    assert making.sweep() == 1


def test_every_date_left_out_is_refused():
    start = date(2027, 1, 12)
    with pytest.raises(ValidationError, match="left out"):
        SeriesFactory(local_date=start, rule="FREQ=WEEKLY;BYDAY=TU;COUNT=1", exceptions={start.isoformat(): ""})


def test_the_year_is_reckoned_from_a_first_date_that_lies_ahead():
    start = localdate() + timedelta(days=200)
    assert SeriesFactory(local_date=start).meetings.count() == 12
