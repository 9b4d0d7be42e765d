"""Calendar answers to a series: to one date, to all of them, and those that change nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.answers.answering import respond, respond_to_all
from events.models import CalendarReply, Meeting, MeetingSeries, ReplyNote, Rsvp
from events.schedule import scheduling
from members.models import Delivery, InboundMail, User
from tests.events.test_series_answers import a_day_on, calls, said, weekly
from tests.replies import CALENDARS, ago, receive, reply

__all__ = ["weekly"]
State = InboundMail.State
pytestmark = pytest.mark.django_db


def to_date(series: MeetingSeries, call: Meeting, person: User, partstat: str = "ACCEPTED", **fields) -> bytes:
    """As calendars answer one date, with the tag of another: that of the mail about the whole series."""
    wall = call.original_start.astimezone(series.zone)
    name = f"{series.uid}\nRECURRENCE-ID;TZID={fields.pop('zone', series.timezone)}:{wall:%Y%m%dT%H%M%S}"
    sample, tagged = fields.pop("calendar", "google"), calls(series)[0]
    return reply(sample, tagged, person, partstat, **{"uid": name, "sequence": call.sequence} | fields)


def to_all(series: MeetingSeries, person: User, partstat: str = "ACCEPTED", **fields) -> bytes:
    return reply(
        fields.pop("calendar", "google"),
        calls(series)[0],
        person,
        partstat,
        **{"uid": series.uid, "sequence": series.sequence} | fields,
    )


@pytest.mark.parametrize("calendar", CALENDARS)
def test_an_answer_to_one_date_sets_that_date_alone(weekly, mo, calendar):
    third = calls(weekly)[2]
    mail = receive(to_date(weekly, third, mo, "DECLINED", calendar=calendar))
    assert (mail.state, mail.person) == (State.DONE, mo), mail.outcome
    assert said(weekly, mo) == [None, None, "declined", *[None] * 9]
    assert Delivery.objects.filter(kind="rsvp_confirmation", about=third.about).count() == 1


def test_the_zone_may_have_microsofts_name_and_a_moved_date_is_named_by_when_the_rule_has_it(weekly, mo, carla):
    third = calls(weekly)[2]
    a_day_on(third, carla)
    third.refresh_from_db()
    receive(to_date(weekly, third, mo, zone="Eastern Standard Time"))
    assert said(weekly, mo)[2] == "accepted"


@pytest.mark.parametrize("calendar", CALENDARS)
def test_an_answer_to_the_series_sets_every_date_that_is_to_come(weekly, mo, calendar):
    mail = receive(to_all(weekly, mo, "TENTATIVE", calendar=calendar, comment="From the road"))
    assert (mail.state, mail.outcome) == (State.DONE, "Mo Haddad answered “Maybe” to all 12 dates of “Fair workweek”.")
    assert set(said(weekly, mo)) == {"tentative"}
    assert Delivery.objects.filter(recipient=mo).values_list("kind", flat=True).get() == "series_answered"
    assert ReplyNote.objects.get().words == "From the road"


def test_a_late_answer_to_the_series_leaves_what_moved_and_what_was_answered_since(weekly, mo, carla):
    first, second, *_rest = calls(weekly)
    a_day_on(first, carla)
    respond(second, mo, "cant", seen=0)
    mail = receive(to_all(weekly, mo, sequence=0, stamp=ago(30)))
    assert mail.state == State.DONE
    assert said(weekly, mo) == [None, "declined", *["accepted"] * 10]


def test_one_mail_may_answer_the_series_and_a_date_of_it_otherwise(weekly, mo):
    raw = to_all(weekly, mo, calendar="apple").decode()
    third = calls(weekly)[2]
    entry = raw[raw.index("BEGIN:VEVENT") : raw.index("END:VEVENT") + len("END:VEVENT\r\n")]
    date = entry.replace(
        f"UID:{weekly.uid}", f"UID:{weekly.uid}\r\nRECURRENCE-ID:{third.original_start:%Y%m%dT%H%M%SZ}"
    ).replace("=3DACCEPTED", "=3DDECLINED")
    mail = receive(raw.replace("END:VCALENDAR", f"{date}END:VCALENDAR").encode())
    assert mail.state == State.DONE, mail.outcome
    assert said(weekly, mo) == ["accepted", "accepted", "declined", *["accepted"] * 9]


def test_an_old_sequence_an_unknown_date_and_the_same_again_change_nothing_and_staff_see_why(weekly, mo, carla):
    third = calls(weekly)[2]
    a_day_on(third, carla)
    old = receive(to_date(weekly, third, mo, sequence=0))
    third.original_start += timedelta(hours=1)
    unknown = receive(to_date(weekly, third, mo))
    stamp = ago(3)
    receive(to_all(weekly, mo, stamp=stamp))
    again = receive(to_all(weekly, mo, "DECLINED", stamp=ago(10)))
    same = receive(to_all(weekly, mo, stamp=stamp))
    assert {mail.state for mail in (old, unknown, again, same)} == {State.IGNORED}
    assert [mail.outcome.removesuffix(" Mo Haddad is asked by email.") for mail in (old, unknown, again, same)] == [
        "It answers an earlier time of this call: its SEQUENCE is 0, the call moved at 1.",
        "It answers a date that this series does not have.",
        "A calendar answer that was made later is recorded already.",
        "The same answer is recorded already.",
    ]
    assert said(weekly, mo)[2] is None


def test_a_foreign_answer_to_the_series_waits_until_the_person_confirms_it(weekly, mo, sign_in):
    mail = receive(to_all(weekly, mo, sender="mo@elsewhere.example"))
    assert mail.state == State.IGNORED and "mo@elsewhere.example" in mail.outcome
    assert set(said(weekly, mo)) == {None}
    waiting = CalendarReply.objects.get()
    client = sign_in(mo)
    page = f"/calls/{calls(weekly)[0].slug}/"
    assert "“Going, to all dates”" in client.get(page).content.decode()
    client.post(f"{page}calendar-answers/{waiting.pk}", {"confirm": "1"})
    assert set(said(weekly, mo)) == {"accepted"}


def test_an_answer_to_the_series_without_a_tag_finds_it_by_its_uid_and_the_sender(weekly, mo, settings):
    settings.MAIL_AUTHENTICATED_BY = ["mx.portal.example"]
    raw = to_all(weekly, mo, to="calls@portal.example")
    mail = receive(raw)
    assert mail.person == mo
    assert CalendarReply.objects.get().to_all


def test_when_nothing_is_left_to_answer_nothing_changes(weekly, mo, carla):
    respond_to_all(weekly, mo, "going")
    weekly.meetings.update(cancelled_at=timezone.now())
    mail = receive(to_all(weekly, mo, "DECLINED"))
    assert (mail.state, mail.outcome) == (State.IGNORED, "No call of this series is left to answer.")
    assert set(Rsvp.objects.values_list("response", flat=True)) == {"accepted"}


def test_hand_changes_of_a_date_raise_its_sequence_above_that_of_the_series(weekly, carla):
    MeetingSeries.objects.update(sequence=3)
    first, second, third, *_rest = calls(weekly)
    a_day_on(first, carla)
    scheduling.cancel(second, carla, "")
    scheduling.edit(third, carla, title="Another topic")
    assert [call.sequence for call in calls(weekly)[:4]] == [4, 4, 4, 0]
