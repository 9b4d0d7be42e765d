"""One answer to all dates of a series: ordinary answers to each, and to those that are made later."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from icalendar import Calendar

from events.answers.answering import respond, respond_to_all
from events.models import MeetingSeries, Rsvp, RsvpAnswer, SeriesAnswer
from events.schedule import scheduling
from events.series import making
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from tests.factories import MembershipFactory, SeriesFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def weekly(committee, carla):
    """Twelve Tuesdays at 7 PM Eastern, told."""
    start = timezone.localdate() + timedelta(days=2)
    rule = "FREQ=WEEKLY;BYDAY=TU;COUNT=12"
    return SeriesFactory(committee=committee, by=carla, title="Fair workweek", rule=rule, local_date=start)


def calls(series: MeetingSeries) -> list:
    return list(series.meetings.order_by("starts_at"))


def said(series: MeetingSeries, user) -> list[str | None]:
    """The answer that holds for each call, in order."""
    held = dict(Rsvp.objects.current().filter(user=user, meeting__series=series).values_list("meeting", "response"))
    return [held.get(call.pk) for call in calls(series)]


def a_day_on(call, carla) -> None:
    day = call.local_date + timedelta(days=1)
    scheduling.move(call, carla, reason="", local_date=day, local_time=call.local_time, timezone=call.timezone)


def test_an_answer_to_all_dates_is_one_to_each_that_is_to_come(weekly, mo, carla):
    off, draft, *_rest = calls(weekly)
    scheduling.cancel(off, carla, "")
    weekly.meetings.filter(pk=draft.pk).update(told_at=None)
    answered = respond_to_all(weekly, mo, "going", seen=0)
    assert (answered.applied, answered.ahead, answered.changed) == (True, 10, 10)
    assert said(weekly, mo) == [None, None, *["accepted"] * 10]
    assert {rsvp.version for rsvp in Rsvp.objects.all()} == {1}
    assert RsvpAnswer.objects.filter(source="page", answered_by=mo).count() == 10


def test_it_costs_as_many_queries_for_three_dates_as_for_twelve(
    weekly, mo, committee, carla, django_assert_num_queries
):
    few = SeriesFactory(
        committee=committee, by=carla, rule="FREQ=WEEKLY;BYDAY=WE;COUNT=3", local_date=weekly.local_date
    )
    for series in (weekly, few):
        with django_assert_num_queries(11):
            SeriesAnswer.record(series, mo, "accepted")


def test_it_is_confirmed_in_one_mail_with_the_entry_of_the_series(weekly, mo, smtp):
    first, *_rest = calls(weekly)
    respond(first, mo, "cant", seen=0)
    deliver()
    respond_to_all(weekly, mo, "going")
    respond(first, mo, "cant", seen=2)
    deliver()
    _single, mail, _again = smtp.to(mo.email)
    assert mail.message["Subject"] == "You’re going to all 11 dates: Fair workweek"
    text = mail.message.get_body(("plain",)).get_content()
    assert "You answered these otherwise:" in text and "dates=all&answer=declined" in text
    (part,) = [part for part in mail.message.walk() if part.get_filename()]
    master, other = Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert (master["UID"], master["ATTENDEE"].params["PARTSTAT"]) == (weekly.uid, "ACCEPTED")
    assert (other["RECURRENCE-ID"].dt, other["ATTENDEE"].params["PARTSTAT"]) == (first.original_start, "DECLINED")
    assert master["ORGANIZER"] == other["ORGANIZER"]


def test_the_same_answer_again_changes_nothing_and_a_late_retry_of_an_older_one_neither(weekly, mo):
    respond_to_all(weekly, mo, "going", seen=0)
    assert respond_to_all(weekly, mo, "going", seen=0).applied
    assert not respond_to_all(weekly, mo, "cant", seen=0).applied
    assert set(said(weekly, mo)) == {"accepted"}
    assert Delivery.objects.filter(kind="series_answered").count() == 1
    assert respond_to_all(weekly, mo, "cant", seen=1).changed == 12


def test_undo_brings_back_what_stood_and_leaves_what_was_answered_since(weekly, mo):
    first, second, *_rest = calls(weekly)
    respond(first, mo, "maybe", seen=0)
    answered = respond_to_all(weekly, mo, "going", seen=0)
    respond(second, mo, "cant", seen=1)
    undone = SeriesAnswer.undo(weekly, mo, answered.key)
    assert (undone.applied, undone.changed) == (True, 11)
    assert said(weekly, mo) == ["tentative", "declined", *[None] * 10]
    assert SeriesAnswer.undo(weekly, mo, answered.key).changed == 0
    assert not SeriesAnswer.objects.standing().exists()


def test_a_call_that_is_made_later_gets_the_answer_while_the_rule_is_the_same(weekly, mo, carla, committee):
    away = UserFactory()
    membership = MembershipFactory(committee=committee, user=away)
    for person in (mo, away):
        respond_to_all(weekly, person, "cant")
    membership.end(carla)
    MeetingSeries.objects.update(rule="FREQ=WEEKLY;BYDAY=TU;COUNT=13")
    weekly.refresh_from_db()
    (made,) = making.make(weekly)
    assert list(Rsvp.objects.filter(meeting=made).values_list("user", "response")) == [(mo.pk, "declined")]
    MeetingSeries.objects.update(rule="FREQ=WEEKLY;BYDAY=TU;COUNT=14", edition=1)
    weekly.refresh_from_db()
    (later,) = making.make(weekly)
    assert not Rsvp.objects.filter(meeting=later).exists()


def test_other_dates_by_now_a_series_that_is_over_and_an_unknown_answer_are_refused(weekly, mo):
    for seen, code in (({"edition": 1}, "moved"), ({}, "unknown_response")):
        with pytest.raises(ValidationError) as refused:
            respond_to_all(weekly, mo, "perhaps" if code == "unknown_response" else "going", **seen)
        assert refused.value.code == code
    weekly.meetings.update(cancelled_at=timezone.now())
    with pytest.raises(ValidationError) as refused:
        respond_to_all(weekly, mo, "going")
    assert refused.value.code == "over"
    assert not Rsvp.objects.exists() and not SeriesAnswer.objects.exists()
