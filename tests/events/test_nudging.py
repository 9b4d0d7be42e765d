"""Nudging: only the silent, and nobody who heard about the call within a day (C9)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from events.answers.answering import respond
from events.answers.nudging import nudge
from events.messages.nudges import nudgeable
from events.models import Meeting
from events.schedule import scheduling
from members.mail.outgoing.worker import deliver
from members.models import BulkSend, Delivery, NotificationPreference, Suppression
from tests.factories import MembershipFactory, UserFactory
from tests.pipeline import DAY, call_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def nine(committee, carla) -> list:
    """On the committee, and silent."""
    people = [UserFactory() for _ in range(9)]
    for person in people:
        MembershipFactory(committee=committee, user=person)
    return people


@pytest.fixture
def call(committee, carla, mo, nine) -> Meeting:
    meeting = call_in(5 * DAY, committee, carla)
    respond(meeting, carla, "going", seen=0)
    respond(meeting, mo, "cant", seen=0)
    return meeting


def fates() -> set[tuple[str, str]]:
    return set(Delivery.objects.filter(kind="nudge").values_list("state", "reason"))


def test_only_those_who_have_not_answered_get_it_and_they_are_counted_before(smtp, call, carla, nine):
    deliver()
    smtp.received.clear()
    assert nudgeable(call).count() == 9
    assert nudge(call, carla) == 9
    deliver()
    assert sorted(mail.recipient for mail in smtp.received) == sorted(person.email for person in nine)
    mail = smtp.received[0].message
    assert mail["Subject"].startswith("Are you coming? Fair workweek, ")
    assert f"UID:{call.uid}" in smtp.received[0].raw.decode().replace("\r\n ", "")
    assert "METHOD:REQUEST" in smtp.received[0].raw.decode()
    assert "?answer=tentative" in mail.get_body(("plain",)).get_content()


def test_nobody_who_heard_about_the_call_within_a_day_is_asked_or_counted(call, carla, nine):
    told = nine[0]
    Delivery.objects.create(recipient=told, kind="invitation", about=call.about, state="sent", sent_at=Now())
    assert nudgeable(call).count() == 8
    assert nudge(call, carla) == 8
    assert not Delivery.objects.filter(kind="nudge", recipient=told).exists()
    Delivery.objects.filter(kind="invitation", recipient=told).update(sent_at=Now() - timedelta(hours=25))
    assert list(nudgeable(call)) == [told]


def test_a_mail_that_goes_after_the_button_was_pressed_stops_the_nudge(smtp, call, carla, nine):
    nudge(call, carla)
    Delivery.objects.create(
        recipient=nine[0], kind="invitation", about=call.about, dedupe_key="invitation:0", state="sent", sent_at=Now()
    )
    deliver()
    assert fates() == {("sent", ""), ("suppressed", "Another message about this call went within the last 24 hours.")}
    assert smtp.to(nine[0].email) == []


def test_who_answers_in_the_meantime_is_left_alone(smtp, call, carla, nine):
    nudge(call, carla)
    respond(call, nine[0], "going", seen=0)
    deliver()
    assert ("suppressed", "The person had answered already.") in fates()


def test_an_answer_to_an_earlier_time_is_none(call, carla, mo, nine):
    scheduling.move(
        call, carla, reason="", local_date=call.local_date, local_time=call.local_time, timezone="America/Chicago"
    )
    Delivery.objects.all().delete()
    assert nudgeable(call).count() == 11


def test_who_turned_nudges_off_is_neither_asked_nor_counted(call, carla, nine, committee):
    everywhere, here, back = nine[:3]
    for person, scope, cadence in (
        (everywhere, "", "never"),
        (here, committee.scope, "never"),
        (back, "", "never"),
        (back, committee.scope, "at_once"),
    ):
        NotificationPreference.objects.create(user=person, kind="nudge", scope=scope, cadence=cadence)
    assert nudgeable(call).count() == 7
    nudge(call, carla)
    deliver()
    assert fates() == {("sent", "")}


def test_twice_on_a_day_is_once(smtp, call, carla, nine):
    nudge(call, carla)
    assert nudge(call, carla) == 0
    deliver()
    assert nudge(call, carla) == 0
    assert Delivery.objects.filter(kind="nudge").count() == 9


def test_a_call_that_is_over_or_canceled_needs_no_answers(call, committee, carla):
    call.cancel(carla, "No room")
    for meeting in (call, call_in(-90, committee, carla)):
        with pytest.raises(ValidationError):
            nudge(meeting, carla)


# The page --------------------------------------------------------------------------------------------


def test_the_button_says_the_number_that_is_sent(smtp, sign_in, call, carla, nine):
    Suppression.stop(nine[8].email, "bounce", "the mailbox doesn’t exist.")
    client = sign_in(carla)
    page = client.get(f"/calls/{call.slug}/answers/").text
    assert "Nudge the 8 who haven’t answered" in page
    preview = client.post(f"/calls/{call.slug}/nudge/")
    assert "8 people get this email" in preview.text and "Send to 8 people" in preview.text
    client.post(f"/calls/{call.slug}/nudge/", {"fingerprint": preview.context["preview"].fingerprint, "send": "1"})
    deliver()
    assert Delivery.objects.filter(kind="nudge", state="sent").count() == 8
    assert "Nobody to nudge right now" in client.get(f"/calls/{call.slug}/answers/").text
    again = client.post(f"/calls/{call.slug}/nudge/", follow=True)
    assert "There is nobody to nudge right now." in again.text


def test_members_see_no_button(sign_in, call, mo):
    assert "Nudge" not in sign_in(mo).get(f"/calls/{call.slug}/answers/").text


def test_an_answer_between_preview_and_button_shows_the_preview_anew(sign_in, call, carla, nine):
    client = sign_in(carla)
    fingerprint = client.post(f"/calls/{call.slug}/nudge/").context["preview"].fingerprint
    respond(call, nine[0], "going", seen=0)
    page = client.post(f"/calls/{call.slug}/nudge/", {"fingerprint": fingerprint, "send": "1"})
    assert page.status_code == 409 and "Send to 8 people" in page.text
    assert not Delivery.objects.filter(kind="nudge").exists()


def test_undo_lets_them_be_nudged_on_the_same_day(smtp, settings, sign_in, call, carla, nine):
    settings.MAIL_HOLD_OVER = 1
    client = sign_in(carla)
    for _time in range(2):
        fingerprint = client.post(f"/calls/{call.slug}/nudge/").context["preview"].fingerprint
        client.post(f"/calls/{call.slug}/nudge/", {"fingerprint": fingerprint, "send": "1"})
        sending = BulkSend.objects.get(kind="nudge")
        assert (sending.people, sending.is_stopped) == (9, False)
        client.post(f"/sendings/{sending.pk}/undo/")
    deliver()
    assert not Delivery.objects.filter(kind="nudge", state="sent").exists()
