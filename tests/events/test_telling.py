"""The two steps of a page that sends: form, then a look at what goes; and what may come between them."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from events.models import Meeting
from events.schedule import scheduling
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, BulkSend, Delivery, MessageSettings
from tests.factories import MembershipFactory
from tests.sending import in_two_steps, preview_of

SOON = (timezone.localdate() + timedelta(days=20)).isoformat()
MOVE = {"local_date": SOON, "local_time": "16:00", "timezone": "America/New_York", "reason": "Budget <hearing>."}
CALL = {
    "title": "Wages",
    "local_date": SOON,
    "local_time": "15:00",
    "timezone": "America/New_York",
    "duration": "60",
    "reminders": "own",
    "reminder_offsets": ["1440", "60"],
}


def text_of(response):
    return response.content.decode()


@pytest.fixture
def client(sign_in, carla):
    return sign_in(carla)


@pytest.fixture
def address(meeting):
    return reverse("meeting_move", args=[meeting.slug])


def test_the_first_step_shows_the_mail_and_does_nothing(client, mo, meeting, address):
    response = client.post(address, MOVE)
    page = text_of(response)
    assert "Send to 2 people" in page
    assert "Budget &lt;hearing&gt;." in page
    assert 'srcdoc="' in page
    assert "sandbox" in page
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert response["Content-Security-Policy"].count("sha256-") == 1  # two mails of one look
    assert (Meeting.objects.get().edition, Delivery.objects.count(), BulkSend.objects.count()) == (0, 0, 0)


def test_going_back_loses_nothing(client, mo, meeting, address):
    carried, _buttons = preview_of(client.post(address, MOVE))
    page = text_of(client.post(address, carried | {"back": "1"}))
    assert "Budget &lt;hearing&gt;." in page
    assert f'value="{SOON}"' in page
    assert preview_of(client.post(address, carried | {"back": "1"})) is None
    assert Meeting.objects.get().edition == 0


def test_somebody_who_joined_since_is_shown_before_anything_goes(client, mo, meeting, committee, address):
    carried, _buttons = preview_of(client.post(address, MOVE))
    MembershipFactory(committee=committee)
    response = client.post(address, carried | {"send": "1"})
    assert response.status_code == 409
    assert "Something changed since you looked." in text_of(response)
    assert "Send to 3 people" in text_of(response)
    assert (Meeting.objects.get().edition, Delivery.objects.count()) == (0, 0)
    carried, _buttons = preview_of(response)
    assert client.post(address, carried | {"send": "1"}).status_code == 302
    assert Delivery.objects.filter(kind="moved").count() == 3


def test_a_move_by_somebody_else_is_shown_before_anything_goes(client, mo, meeting, carla, address):
    carried, _buttons = preview_of(client.post(address, MOVE))
    when = {"local_date": meeting.local_date + timedelta(days=1), "local_time": meeting.local_time}
    Meeting.objects.get().move(carla, reason="", timezone=meeting.timezone, **when)
    assert client.post(address, carried | {"send": "1"}).status_code == 409
    assert (Meeting.objects.get().edition, Delivery.objects.count()) == (1, 0)


def test_sent_twice_goes_once(client, mo, meeting, address):
    carried, _buttons = preview_of(client.post(address, MOVE))
    assert [client.post(address, carried | {"send": "1"}).status_code for _click in range(2)] == [302, 302]
    assert Delivery.objects.filter(kind="moved").count() == 2
    assert AuditEntry.objects.filter(verb="moved").count() == 1


def test_scheduled_twice_from_one_page_is_one_call_with_all_that_was_typed(client, mo, committee):
    address = reverse("meeting_schedule", args=[committee.slug])
    carried, _buttons = preview_of(client.post(address, CALL))
    first, second = (client.post(address, carried | {"send": "1"}) for _click in range(2))
    call = Meeting.objects.get()
    assert first["Location"] == second["Location"] == reverse("meeting_agenda", args=[call.slug])
    assert (call.title, call.reminder_offsets) == ("Wages", [1440, 60])
    assert Delivery.objects.filter(kind="invitation").count() == 2


def test_moved_and_canceled_without_telling_after_a_warning(client, mo, meeting, address):
    assert "people come at the old time" in text_of(client.post(address, MOVE))
    assert in_two_steps(client, address, MOVE, press="quiet").status_code == 302
    cancel = reverse("meeting_cancel", args=[meeting.slug])
    assert "people wait on the line" in text_of(client.post(cancel, {"reason": "Storm"}))
    assert in_two_steps(client, cancel, {"reason": "Storm"}, press="quiet").status_code == 302
    call = Meeting.objects.get()
    assert (call.edition, call.is_cancelled, Delivery.objects.count()) == (1, True, 0)


def test_a_call_canceled_by_somebody_else_is_not_canceled_again(client, mo, meeting, carla):
    cancel = reverse("meeting_cancel", args=[meeting.slug])
    carried, _buttons = preview_of(client.post(cancel, {"reason": "Storm"}))
    Meeting.objects.get().cancel(carla, "Flood")
    assert client.post(cancel, carried | {"send": "1"}).status_code == 409
    assert Meeting.objects.get().cancel_reason == "Flood"


def test_more_than_a_few_are_held_and_the_page_says_so(client, mo, meeting, address, settings):
    settings.MAIL_HOLD_OVER = 1
    assert "It waits for a minute" in text_of(client.post(address, MOVE))
    response = in_two_steps(client, address, MOVE)
    page = text_of(client.get(response["Location"]))
    assert "2 people get an email in a minute." in page
    assert "Goes to 2 people in" in page
    agenda = reverse("meeting_agenda", args=[meeting.slug])
    assert "Goes to 2 people in" in text_of(client.get(agenda))


def test_the_line_at_the_button_says_who_rests_and_until_when(client, mo, meeting, address):
    hour = timezone.localtime(timezone=ZoneInfo(mo.timezone)).hour
    MessageSettings.objects.create(user=mo, quiet_from=time(hour), quiet_until=time((hour + 2) % 24))
    page = text_of(client.post(address, MOVE))
    clock = time((hour + 2) % 24).strftime("%-I:00 %p")
    assert "Send to 2 people" in page
    assert f"1 in quiet hours: gets it at {clock}, their time." in page


def test_a_quiet_change_does_not_silence_the_one_before(smtp, carla, mo, meeting):
    scheduling.edit(meeting, carla, video_url="https://zoom.us/j/999")
    scheduling.edit(meeting, carla, tell=False, title="Fair workweek, and more")
    deliver()
    assert len(smtp.to(mo.email)) == 1
