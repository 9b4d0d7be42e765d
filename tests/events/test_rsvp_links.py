"""The link in the mail: one person, one call, no session, and a GET that changes nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from committees.models import Membership
from events.models import AgendaItem, Rsvp, RsvpAnswer
from members.mail.links import make, rsvp_token, unsubscribe_token
from tests.factories import MeetingFactory, publish_quietly


@pytest.fixture
def link(mo, meeting):
    return reverse("rsvp_link", args=[rsvp_token(mo.pk, meeting.pk)])


def text_of(response):
    return response.content.decode()


def answers():
    return list(RsvpAnswer.objects.order_by("id").values_list("response", "source", "answered_by"))


def test_the_page_says_whose_answer_it_is_and_when(link, client, meeting):
    page = text_of(client.get(link, {"answer": "accepted"}))
    assert ["Mo Haddad" in page, meeting.title in page, "Yes, I’m going" in page, "Mountain" in page] == [True] * 4


def test_the_answer_asked_for_has_the_big_button(link, client):
    page = text_of(client.get(link, {"answer": "declined"}))
    assert page.index("I can’t make it") < page.index("Yes, I’m going") < page.index("Maybe")


def test_scanners_that_open_every_link_change_nothing(link, client):
    for answer in ("accepted", "tentative", "declined", "nonsense", ""):
        client.get(link, {"answer": answer})
        client.head(link, {"answer": answer})
    assert not Rsvp.objects.exists()


def test_posting_answers_without_a_session_and_without_cookies(link, mo):
    blocked = Client(enforce_csrf_checks=True)
    response = blocked.post(link, {"answer": "declined", "version": "0"})
    assert response.status_code == 302
    assert answers() == [("declined", "mail", mo.pk)]
    assert "sessionid" not in blocked.cookies
    assert "session" not in blocked.cookies
    assert "You can’t make it, <bdi>Mo</bdi>" in text_of(blocked.get(response["Location"]))


def test_it_never_signs_anyone_in(link, client, meeting):
    client.post(link, {"answer": "accepted"})
    assert client.get(meeting.get_absolute_url()).status_code == 302
    assert client.get("/calls/").status_code == 302


def test_the_answer_can_be_changed_again(link, client, mo):
    client.post(link, {"answer": "accepted", "version": "0"})
    client.post(link, {"answer": "tentative", "version": "1"})
    page = text_of(client.get(link))
    assert ["You’re down as maybe, <bdi>Mo</bdi>" in page, "Changed your mind?" in page] == [True, True]
    assert Rsvp.objects.get().response == "tentative"


def test_a_second_press_of_an_old_page_does_not_win(link, client, sign_in, mo, meeting):
    client.post(link, {"answer": "accepted", "version": "0"})
    sign_in(mo).post(reverse("meeting_rsvp", args=[meeting.slug]), {"answer": "declined", "version": "1"})
    response = client.post(link, {"answer": "accepted", "version": "0"})
    assert "later=1" in response["Location"]
    assert Rsvp.objects.get().response == "declined"


def test_the_same_person_signed_in_just_answers(link, sign_in, mo):
    assert sign_in(mo).post(link, {"answer": "accepted"}).status_code == 302
    assert Rsvp.objects.get().response == "accepted"


def test_somebody_else_signed_in_is_asked_first(link, sign_in, carla, mo):
    client = sign_in(carla)
    page = text_of(client.get(link, {"answer": "accepted"}))
    assert [
        "This link is <bdi>Mo Haddad</bdi>’s" in page,
        "signed in as <bdi>Carla" in page,
        'name="answer"' in page,
    ] == [
        True,
        True,
        False,
    ]
    assert client.post(link, {"answer": "accepted"}).status_code == 409
    assert not Rsvp.objects.filter(response="accepted").exists()
    assert 'name="answer"' in text_of(client.get(link, {"for": mo.pk, "answer": "accepted"}))
    client.post(link, {"answer": "accepted", "for": mo.pk})
    assert list(Rsvp.objects.values_list("user", "response")) == [(mo.pk, "accepted")]


def test_after_a_move_it_says_the_new_time_and_asks_again(link, client, carla, mo, meeting):
    client.post(link, {"answer": "accepted", "version": "0", "edition": "0"})
    meeting.move(
        carla,
        local_date=meeting.local_date + timedelta(days=7),
        local_time=meeting.local_time,
        timezone=meeting.timezone,
        reason="Hearings",
    )
    page = text_of(client.get(link, {"answer": "accepted"}))
    assert ["Does the new time work?" in page, "The time changed." in page, "Hearings" in page] == [True] * 3
    assert client.post(link, {"answer": "accepted", "version": "1", "edition": "0"}).status_code == 409
    assert client.post(link, {"answer": "accepted", "version": "1", "edition": "1"}).status_code == 302
    assert Rsvp.objects.current().get().response == "accepted"


def test_a_canceled_call_says_so(link, client, carla, meeting):
    meeting.cancel(carla, "Storm cleanup")
    response = client.get(link, {"answer": "accepted"})
    assert (
        response.status_code,
        "This call is canceled" in text_of(response),
        "Storm cleanup" in text_of(response),
    ) == (410, True, True)
    assert client.post(link, {"answer": "accepted"}).status_code == 410
    assert not Rsvp.objects.exists()


def test_it_dies_when_the_call_ends(client, carla, mo, committee):
    past = MeetingFactory(committee=committee, by=carla, starts_in=timedelta(hours=-2))
    link = reverse("rsvp_link", args=[rsvp_token(mo.pk, past.pk)])
    assert client.get(link).status_code == 410
    assert client.post(link, {"answer": "accepted"}).status_code == 410
    assert not Rsvp.objects.exists()


def test_an_expired_link_says_so(link, client):
    with time_machine.travel(timezone.now() + timedelta(days=500)):
        assert client.get(link).status_code == 404


def test_who_left_the_committee_answers_nothing(link, client, mo):
    Membership.objects.get(user=mo).end(by=mo)
    assert "any more" in text_of(client.get(link))
    assert client.post(link, {"answer": "accepted"}).status_code == 410
    assert not Rsvp.objects.exists()


def test_who_left_the_network_has_no_link(link, client, mo):
    mo.left_at = timezone.now()
    mo.save()
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("token", ["nonsense", "1.2", "..", "1.1:abc:def", "%25", "a" * 3000])
def test_a_damaged_link_gets_a_clear_page(client, db, token):
    response = client.get(f"/r/{token}/")
    assert response.status_code == 404


def test_a_link_for_another_purpose_does_not_answer(client, mo, meeting):
    for token in (unsubscribe_token(mo.pk, "reminder"), make("unsubscribe", mo.pk, meeting.pk)):
        assert client.post(reverse("rsvp_link", args=[token]), {"answer": "accepted"}).status_code == 404
    assert not Rsvp.objects.exists()


def test_a_link_with_another_person_written_in_does_not_answer(client, carla, mo, meeting):
    token = rsvp_token(mo.pk, meeting.pk).replace(f"{mo.pk}.", f"{carla.pk}.", 1)
    assert client.post(reverse("rsvp_link", args=[token]), {"answer": "accepted"}).status_code == 404


def test_nonsense_is_refused_with_a_sentence(link, client):
    response = client.post(link, {"answer": "perhaps"})
    assert (response.status_code, "Answer with going, maybe or can" in text_of(response)) == (400, True)


def test_the_address_is_kept_from_others(link, client):
    response = client.get(link)
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]


def test_the_calendar_file_comes_without_signing_in(client, mo, carla, meeting):
    address = reverse("rsvp_link_ics", args=[rsvp_token(mo.pk, meeting.pk)])
    response = client.get(address)
    assert (response.status_code, meeting.uid.encode() in response.content) == (200, True)
    meeting.cancel(carla, "Storm")
    assert client.get(address).status_code == 404


def test_the_token_is_not_on_the_page_of_the_call_for_others(sign_in, carla, mo, meeting):
    assert "/r/" not in text_of(sign_in(carla).get(meeting.get_absolute_url()))


def test_who_answered_is_offered_the_agenda_once_there_is_one(client, link, carla, meeting):
    client.post(link, {"answer": "accepted"})
    assert "Read the agenda" not in client.get(link).text and "See the call" in client.get(link).text
    AgendaItem.add(meeting, carla, title="Rents")
    publish_quietly(meeting)
    assert "Read the agenda" in client.get(link).text
