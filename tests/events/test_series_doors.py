"""Answering a series through each door: page, mail link, API; and one date of it that moves, as every door shows it (M6)."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar
from rest_framework.test import APIClient

from events.answers.answering import respond, respond_to_all
from events.calendar import feeds
from events.models import Rsvp, SeriesAnswer
from members.mail.links import rsvp_token
from members.mail.outgoing.worker import deliver
from members.models import User
from tests.events.test_series_answers import a_day_on, calls, said, weekly
from tests.events.test_series_calendars import read

__all__ = ["weekly"]
pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def link(weekly, mo) -> str:
    return reverse("rsvp_link", args=[rsvp_token(mo.pk, calls(weekly)[0].pk)])


# Page ------------------------------------------------------------------------------------------------


def test_after_one_tap_the_answer_is_offered_for_all_dates_with_undo(weekly, mo, sign_in):
    client, first = sign_in(mo), calls(weekly)[0]
    page = text(client.post(f"/calls/{first.slug}/rsvp", {"answer": "accepted", "variant": "row"}, **HTMX))
    assert "Also for all 12 coming dates" in page
    assert said(weekly, mo) == ["accepted", *[None] * 11]
    offered = {"answer": "accepted", "version": 0, "edition": 0, "variant": "row"}
    page = text(client.post(f"/series/{weekly.key}/answer", offered, **HTMX))
    assert set(said(weekly, mo)) == {"accepted"}
    assert "You’re going to all 12 coming dates." in page
    assert page.count('hx-swap-oob="true"') == 12
    key = re.search(r'name="undo" value="([^"]+)"', page)[1]
    page = text(client.post(f"/series/{weekly.key}/answer", {"undo": key}, **HTMX))
    assert "Your answers are as they were." in page
    assert said(weekly, mo) == ["accepted", *[None] * 11]


def test_it_is_not_offered_where_all_dates_have_it_and_for_a_call_of_no_series(weekly, mo, meeting, sign_in):
    respond_to_all(weekly, mo, "going")
    client, first = sign_in(mo), calls(weekly)[0]
    respond(first, mo, "cant", seen=1)
    tap = {"answer": "accepted", "version": "2"}
    assert "Also for all" not in text(client.post(f"/calls/{first.slug}/rsvp", tap, **HTMX))
    assert "Also for all" not in text(client.post(f"/calls/{meeting.slug}/rsvp", {"answer": "accepted"}, **HTMX))


def test_the_page_of_the_series_answers_all_dates_without_script(weekly, mo, sign_in):
    client = sign_in(mo)
    page = text(client.get(f"/series/{weekly.key}/"))
    assert "Your answer to all 12 coming dates" in page
    response = client.post(f"/series/{weekly.key}/answer", {"answer": "declined", "version": "0"}, follow=True)
    assert response.redirect_chain == [(f"/series/{weekly.key}/", 302)]
    assert "You can’t make any of the 12 coming dates." in text(response)
    assert set(said(weekly, mo)) == {"declined"}
    client.post(f"/series/{weekly.key}/answer", {"undo": SeriesAnswer.objects.get().key})
    assert set(said(weekly, mo)) == {None}


@pytest.mark.parametrize(
    ("posted", "status"),
    [({}, 400), ({"answer": "perhaps"}, 400), ({"answer": "accepted", "edition": "3"}, 409), ({"version": "x"}, 400)],
)
def test_what_cannot_be_an_answer_is_refused_with_a_sentence(weekly, mo, sign_in, posted, status):
    response = sign_in(mo).post(f"/series/{weekly.key}/answer", posted, **HTMX)
    assert response.status_code == status
    assert 'class="toast"' in text(response)
    assert set(said(weekly, mo)) == {None}


def test_who_is_not_on_the_committee_answers_no_series(weekly, olga, stu, sign_in):
    assert sign_in(olga).post(f"/series/{weekly.key}/answer", {"answer": "accepted"}).status_code == 404
    assert sign_in(stu).post(f"/series/{weekly.key}/answer", {"answer": "accepted"}).status_code == 403
    assert not Rsvp.objects.exists()


# Mail ------------------------------------------------------------------------------------------------


def test_the_link_of_a_mail_about_the_series_answers_all_dates_and_takes_that_back(weekly, mo, link):
    client = Client(enforce_csrf_checks=True)
    page = text(client.get(link, {"dates": "all", "answer": "accepted"}))
    assert "Can you make all 12 coming dates?" in page and "Yes, to all 12 dates" in page
    assert not Rsvp.objects.exists()
    response = client.post(link, {"dates": "all", "answer": "accepted", "version": "0", "edition": "0"})
    assert set(said(weekly, mo)) == {"accepted"}
    page = text(client.get(response["Location"]))
    assert "This holds for all 12 coming dates." in page
    client.post(link, {"dates": "all", "undo": SeriesAnswer.objects.get().key})
    assert set(said(weekly, mo)) == {None}


def test_the_link_of_one_date_offers_its_answer_for_all(weekly, mo, link):
    client = Client()
    response = client.post(link, {"answer": "tentative", "version": "0", "edition": "0"})
    page = text(client.get(response["Location"]))
    assert "Also for all 12 coming dates" in page and "for the calls of this series" in page
    client.post(link, {"dates": "all", "answer": "tentative", "version": "0", "edition": "0"})
    assert set(said(weekly, mo)) == {"tentative"}
    assert "Also for all" not in text(client.get(link))


def test_a_stranger_is_asked_first_for_all_dates_too(weekly, mo, olga, link, sign_in):
    response = sign_in(olga).post(link, {"dates": "all", "answer": "accepted"})
    assert response.status_code == 409
    assert not Rsvp.objects.exists()


# API -------------------------------------------------------------------------------------------------


@pytest.fixture
def api():
    def client(user: User) -> APIClient:
        found = APIClient()
        found.force_authenticate(user)
        return found

    return client


def test_the_api_answers_all_dates_with_a_scope(weekly, mo, api):
    url = f"/api/meetings/{calls(weekly)[0].slug}/rsvp/"
    body = {"response": "accepted", "version": 0, "scope": "all", "note": "From the road"}
    response = api(mo).put(url, body, format="json")
    assert (response.status_code, response.json()["response"], response.json()["note"]) == (
        200,
        "accepted",
        "From the road",
    )
    assert set(said(weekly, mo)) == {"accepted"}
    stale = api(mo).put(url, {"response": "declined", "version": 0, "scope": "all"}, format="json")
    assert (stale.status_code, stale.json()["code"]) == (409, "newer")
    assert set(said(weekly, mo)) == {"accepted"}


def test_a_scope_of_a_call_without_a_series_is_the_call(meeting, mo, api):
    body = {"response": "accepted", "version": 0, "scope": "all"}
    assert api(mo).put(f"/api/meetings/{meeting.slug}/rsvp/", body, format="json").status_code == 200
    assert Rsvp.objects.get().response == "accepted"


# M6: answer all, decline one, the chair moves that one -------------------------------------------------


def test_a_declined_date_that_moves_is_asked_again_and_all_others_stay_through_every_door(
    weekly, mo, carla, sign_in, smtp, api
):
    respond_to_all(weekly, mo, "going")
    one = calls(weekly)[1]
    respond(one, mo, "cant", seen=1)
    assert said(weekly, mo)[:3] == ["accepted", "declined", "accepted"]
    deliver()
    a_day_on(one, carla)
    deliver()
    one.refresh_from_db()
    assert said(weekly, mo) == ["accepted", None, *["accepted"] * 10]  # the roster reads these rows
    client = sign_in(mo)
    box = text(client.get("/")).split(f'id="rsvp-{one.slug}"')[-1].split("</form>")[0]
    assert 'aria-pressed="true"' not in box
    page = text(client.get(one.get_absolute_url()))
    assert 'aria-pressed="true"' not in page.split(f'id="rsvp-{one.slug}"')[1].split("</form>")[0]
    answers = text(sign_in(carla).get(f"{one.get_absolute_url()}answers/"))
    assert "No answer" in answers
    entries = Calendar.from_ical(feeds.calendar(mo)).walk("VEVENT")
    (moved,) = [each for each in entries if "RECURRENCE-ID" in each]
    assert (moved["STATUS"], moved["RECURRENCE-ID"].dt) == ("TENTATIVE", one.original_start)
    assert entries[0]["STATUS"] == "CONFIRMED"
    assert read(feeds.calendar(mo)) == sorted((call.starts_at, call.ends_at) for call in calls(weekly))
    listed = api(mo).get("/api/meetings/?limit=50").json()["results"]
    assert {call["slug"]: call["my_response"] for call in listed} == {
        call.slug: None if call == one else "accepted" for call in calls(weekly)
    }
    mail = smtp.to(mo.email)[-1]
    (part,) = [part for part in mail.message.walk() if part.get_filename()]
    (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert (event["UID"], event["RECURRENCE-ID"].dt) == (weekly.uid, one.original_start)
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert Calendar.from_ical(part.get_content())["METHOD"] == "REQUEST"
