"""Changing a series: all that is to come, this and what follows, one date; pausing, resuming, ending."""

from datetime import date, time, timedelta

import pytest
import recurring_ical_events
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate
from icalendar import Calendar

from events.answers.answering import respond
from events.models import Meeting, MeetingSeries, Rsvp, SeriesChange
from events.schedule import scheduling as calls
from events.series import changing, scheduling
from events.series.rules import Rule
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from members.web.meanwhile import ChangedMeanwhile
from tests.factories import SeriesFactory

pytestmark = pytest.mark.django_db
WEDNESDAYS = Rule.parse("FREQ=MONTHLY;BYDAY=2WE")
CLOCK = {"local_time": time(18), "timezone": "America/New_York"}


@pytest.fixture
def series(committee, carla, mo):
    return SeriesFactory(committee=committee, by=carla, title="Fair workweek")


def calendar_of(message) -> bytes:
    parts = message.message().walk()
    return next(part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/calendar")


def days(series: MeetingSeries) -> list[date]:
    return [call.local_date for call in series.meetings.order_by("starts_at") if not call.is_cancelled]


def test_c1_one_invitation_a_person_for_twelve_dates(committee, carla, mo):
    series = scheduling.schedule(
        committee,
        carla,
        rule="FREQ=MONTHLY;BYDAY=2TU;COUNT=12",
        local_date=localdate() + timedelta(days=2),
        local_time=time(19),
        title="Fair workweek",
        video_url="https://zoom.us/j/9",
    )
    assert series.meetings.count() == 12
    deliver()
    assert sorted(message.to for message in mail.outbox) == [[carla.email], [mo.email]]
    assert Delivery.objects.filter(kind="invitation").count() == 0
    assert "12 dates" in mail.outbox[0].subject
    entries = Calendar.from_ical(calendar_of(mail.outbox[0]))
    assert entries["METHOD"] == "REQUEST"
    assert {event["UID"] for event in entries.walk("VEVENT")} == {series.uid}
    assert [event["RRULE"]["BYDAY"] for event in entries.walk("VEVENT") if "RRULE" in event] == [["2TU"]]
    assert set(series.meetings.values_list("told_at", flat=True)) == {series.told_at}


def test_c2_a_hand_moved_date_survives_another_rule_and_each_person_hears_once(series, carla, mo):
    call = series.meetings.order_by("starts_at")[3]
    calls.move(
        call,
        carla,
        reason="Hearing",
        local_date=call.local_date + timedelta(days=2),
        local_time=time(17),
        timezone=series.timezone,
    )
    deliver()
    moved_to, before = Meeting.objects.get(pk=call.pk), {one.pk: one for one in series.meetings.all()}
    mail.outbox.clear()
    change = changing.retime(series, carla, rule=WEDNESDAYS, reason="Wednesdays suit more of us", **CLOCK)
    deliver()
    after = {one.pk: one for one in series.meetings.all()}
    assert after.keys() == before.keys()
    assert len(mail.outbox) == 2
    assert change.starts.keys() == {str(pk) for pk in after if pk != call.pk}
    series.refresh_from_db()
    assert series.sequence == change.number == 2  # above that of the call moved before
    for pk, one in after.items():
        raised = int(pk != call.pk)
        assert one.sequence == (change.number if raised else before[pk].sequence)
        assert one.edition == before[pk].edition + raised
    survivor = after[call.pk]
    assert survivor.starts_at == moved_to.starts_at
    assert survivor.is_moved_by_hand
    assert survivor.original_start.astimezone(series.zone).strftime("%a %H") == "Wed 18"
    entries = Calendar.from_ical(calendar_of(mail.outbox[0]))
    found = recurring_ical_events.of(entries).between(localdate(), localdate() + timedelta(days=500))
    assert {event["DTSTART"].dt for event in found} == {one.starts_at for one in after.values()}
    text = mail.outbox[0].body
    assert "11 dates changed" in mail.outbox[0].subject
    assert "Wednesdays suit more of us" in text
    assert text.count("(was ") == 11
    series.refresh_from_db()
    assert series.sequence == change.number == 2  # above that of the date that moved by itself


def test_reminders_of_the_old_time_never_go(series, carla, mo):
    first = series.meetings.order_by("starts_at").first()
    Delivery.objects.filter(about=first.about).delete()
    reminder = Delivery.objects.create(
        kind="reminder", about=first.about, dedupe_key="reminder:0", offset=60, recipient=mo, address=mo.email,
        due_at=first.starts_at - timedelta(hours=1), scope=first.scope,
    )  # fmt: skip
    changing.retime(series, carla, rule=WEDNESDAYS, reason="", **CLOCK)
    first.refresh_from_db()
    assert first.edition == 1
    Delivery.objects.filter(pk=reminder.pk).update(due_at=localdate(), next_try_at=localdate())
    deliver()
    reminder.refresh_from_db()
    assert (reminder.state, reminder.reason) == ("suppressed", "The call moved to another time.")


def test_answers_stay_where_a_call_does_not_move(series, carla, mo):
    third = series.meetings.order_by("starts_at")[2]
    for call in series.meetings.order_by("starts_at")[:4]:
        respond(call, mo, Rsvp.Response.ACCEPTED, seen=0)
    change = changing.retime(
        series, carla, rule=WEDNESDAYS, reason="", begin=changing.begin_of(third, changing.coming(series)), **CLOCK
    )
    later = change.series
    series.refresh_from_db()
    assert later != series
    assert later.follows == series
    assert (series.meetings.count(), later.meetings.count()) == (2, 10)
    assert Rsvp.objects.current().filter(user=mo, meeting__series=series).count() == 2
    assert Rsvp.objects.current().filter(user=mo, meeting__series=later).count() == 0
    assert Rsvp.objects.filter(user=mo).count() == 4
    assert [day.weekday() for day in days(series)] == [1, 1]
    assert {day.weekday() for day in days(later)} == {2}
    assert Rule.parse(series.rule).dates(series.local_date) == days(series)


def test_fewer_dates_call_off_what_has_none_and_more_are_made(series, carla):
    weekly = changing.retime(
        series,
        carla,
        rule=Rule.parse("FREQ=WEEKLY;BYDAY=TU;COUNT=20"),
        reason="",
        local_time=time(19),
        timezone=series.timezone,
    )
    series.refresh_from_db()
    assert len(days(series)) == 20
    assert [start for start in weekly.starts.values() if start is None]
    back = changing.retime(
        series,
        carla,
        rule=Rule.parse("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=10"),
        reason="",
        local_time=time(19),
        timezone=series.timezone,
    )
    series.refresh_from_db()
    assert len(days(series)) == 10
    assert len(back.starts) == 10  # each of them off; none moved


def test_the_same_dates_change_nothing(series, carla):
    rule = Rule.parse("FREQ=MONTHLY;BYDAY=2TU")
    assert changing.retime(series, carla, rule=rule, local_time=time(19), timezone=series.timezone) is None
    assert SeriesChange.objects.count() == 0


def test_who_looked_before_another_change_is_told(series, carla):
    changing.retime(series, carla, rule=WEDNESDAYS, reason="", **CLOCK)
    with pytest.raises(ChangedMeanwhile):
        changing.retime(
            series, carla, rule=WEDNESDAYS, reason="", seen=0, local_time=time(17), timezone=series.timezone
        )


def test_own_words_survive_words_for_all(series, carla):
    own, other = series.meetings.order_by("starts_at")[:2]
    own.edit(carla, title="Budget night")
    change = changing.edit(series, carla, title="Fair work", duration=90)
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.title, own.duration) == ("Budget night", 90)
    assert (other.title, other.duration, other.sequence) == ("Fair work", 90, change.number)
    assert change.words == {"title": ["Fair workweek", "Fair work"], "duration": [60, 90]}


def test_c3_one_date_off_then_a_pause_then_on_again(series, carla, mo):
    one, two = series.meetings.order_by("starts_at")[:2]
    calls.cancel(one, carla, "No room")
    deliver()
    mail.outbox.clear()
    respond(two, mo, Rsvp.Response.ACCEPTED, seen=0)
    changing.pause(series, carla, "Election season")
    deliver()
    paused = [message for message in mail.outbox if "Paused, 11 calls are off" in message.subject]
    assert sorted(message.to for message in paused) == [[carla.email], [mo.email]]
    for said in (paused[0].body, paused[0].alternatives[0][0]):  # and not "second Tuesday of each month", as if
        assert "Paused: no calls until" in said and "of each month" not in said
    assert series.meetings.not_cancelled().count() == 0
    assert changing.pause(series, carla, "Again") is None
    mail.outbox.clear()
    changing.resume(series, carla)
    deliver()
    assert len([message for message in mail.outbox if "On again, 11 calls" in message.subject]) == 2
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.is_cancelled
    assert not two.is_cancelled
    assert not Rsvp.objects.current().filter(meeting=two).exists()
    assert changing.resume(series, carla) is None


def test_a_canceled_date_is_put_on_again_and_asked_anew(series, carla, mo):
    one = series.meetings.order_by("starts_at").first()
    calls.cancel(one, carla, "No room")
    deliver()
    mail.outbox.clear()
    assert changing.put_on_again(series, changing.slot(one), carla)
    deliver()
    one.refresh_from_db()
    assert (one.is_cancelled, one.edition, one.sequence) == (False, 1, 2)
    assert len(mail.outbox) == 2
    assert not changing.put_on_again(series, changing.slot(one), carla)


def test_a_cancellation_on_its_way_is_not_sent_when_the_date_is_on_again(series, carla, mo):
    one = series.meetings.order_by("starts_at").first()
    calls.cancel(one, carla, "No room")
    changing.put_on_again(series, changing.slot(one), carla)
    deliver()
    assert {row.reason for row in Delivery.objects.filter(kind="cancelled")} == {"The call is on again."}


def test_a_date_left_out_is_put_in(committee, carla, mo):
    start = localdate() + timedelta(days=30)
    rule = Rule.parse("FREQ=WEEKLY;BYDAY=TU;COUNT=4")
    day = rule.dates(start)[1]
    series = SeriesFactory(
        committee=committee, by=carla, rule=str(rule), local_date=start, exceptions={day.isoformat(): ""}
    )
    assert len(days(series)) == 3
    changing.put_on_again(series, day, carla)
    series.refresh_from_db()
    assert day in days(series)


def test_an_ended_series_keeps_what_was_held_and_cannot_change(series, carla):
    changing.end(series, carla, "Done")
    assert changing.end(series, carla, "Done") is None
    assert series.meetings.not_cancelled().count() == 0
    with pytest.raises(ValidationError, match="over"):
        changing.retime(series, carla, rule=WEDNESDAYS, reason="", **CLOCK)


def test_two_changes_before_a_mail_went_are_one_mail(series, carla, mo):
    changing.retime(series, carla, rule=WEDNESDAYS, reason="", **CLOCK)
    changing.retime(series, carla, rule=Rule.parse("FREQ=MONTHLY;BYDAY=2TH"), reason="", **CLOCK)
    deliver()
    assert len(mail.outbox) == 2
    assert "Tue" in mail.outbox[0].body


def test_somebody_who_left_hears_nothing(series, carla, mo):
    mo.memberships.get().end(carla)
    changing.retime(series, carla, rule=WEDNESDAYS, reason="", **CLOCK)
    deliver()
    assert [message.to for message in mail.outbox if "changed" in message.subject] == [[carla.email]]
