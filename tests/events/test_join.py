"""Joining is decided on the server, at the moment of asking."""

from datetime import timedelta

import pytest
from django.urls import reverse

from committees.models import Membership
from tests.factories import MeetingFactory

ROOM = "https://us02web.zoom.us/j/8841?pwd=secret"


@pytest.fixture
def call_in(committee, carla):
    return lambda **fields: MeetingFactory(
        committee=committee, by=carla, **{"video_url": ROOM, "dial_in": "669-555-0142, code 418"} | fields
    )


def join(client, call):
    return client.get(reverse("meeting_join", args=[call.slug]))


def test_fourteen_minutes_before_it_leads_to_the_room(sign_in, mo, call_in):
    response = join(sign_in(mo), call_in(starts_in=timedelta(minutes=14)))
    assert (response.status_code, response["Location"]) == (302, ROOM)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]


def test_sixteen_minutes_before_it_says_when_it_opens(sign_in, mo, call_in):
    response = join(sign_in(mo), call_in(starts_in=timedelta(minutes=16)))
    page = response.content.decode()
    assert response.status_code == 200
    assert "Join opens" in page
    assert "669-555-0142" in page
    assert "zoom.us" not in page


def test_during_and_half_an_hour_after_it_leads_to_the_room(sign_in, mo, call_in):
    client = sign_in(mo)
    minutes = [join(client, call_in(starts_in=-timedelta(minutes=ago))).status_code for ago in (5, 59, 85, 95)]
    assert minutes == [302, 302, 302, 200]


def test_a_changed_link_works_in_old_mails(sign_in, carla, mo, call_in):
    call = call_in(starts_in=timedelta(minutes=5))
    call.edit(carla, video_url="https://meet.google.com/abc")
    assert join(sign_in(mo), call)["Location"] == "https://meet.google.com/abc"


def test_a_canceled_call_leads_nowhere(sign_in, carla, mo, call_in):
    call = call_in(starts_in=timedelta(minutes=5))
    call.cancel(carla, "Storm")
    response = join(sign_in(mo), call)
    assert (response.status_code, "This call is canceled" in response.content.decode()) == (200, True)


def test_without_a_link_it_says_so(sign_in, mo, call_in):
    response = join(sign_in(mo), call_in(starts_in=timedelta(minutes=5), video_url=""))
    assert "no video link" in response.content.decode()


def test_staff_join(sign_in, stu, call_in):
    assert join(sign_in(stu), call_in(starts_in=timedelta(minutes=5))).status_code == 302


def test_staff_without_the_second_factor_do_not(sign_in, stu, call_in):
    assert join(sign_in(stu, strong=False), call_in(starts_in=timedelta(minutes=5))).status_code == 404


def test_others_do_not_learn_that_it_exists(sign_in, olga, chet, ana, call_in):
    call = call_in(starts_in=timedelta(minutes=5))
    assert [join(sign_in(user), call).status_code for user in (olga, chet, ana)] == [404, 404, 404]
    assert join(sign_in(), call).status_code == 302
    assert "/account/" in join(sign_in(), call)["Location"]


def test_a_public_call_is_not_joined_from_outside(sign_in, olga, call_in):
    response = join(sign_in(olga), call_in(starts_in=timedelta(minutes=5), public=True))
    assert response.status_code == 403
    assert "zoom.us" not in response.content.decode()
    assert "669-555-0142" not in response.content.decode()


def test_who_left_a_minute_ago_does_not_join(sign_in, mo, call_in):
    call = call_in(starts_in=timedelta(minutes=5))
    client = sign_in(mo)
    Membership.objects.get(user=mo).end(by=mo)
    assert join(client, call).status_code == 404


def test_the_bar_wakes_up_by_itself(sign_in, mo, call_in):
    client = sign_in(mo)
    asleep, awake = call_in(starts_in=timedelta(minutes=16)), call_in(starts_in=timedelta(minutes=14))
    part = {"part": "join"}
    sleeping = client.get(asleep.get_absolute_url(), part, headers={"HX-Request": "true"}).content.decode()
    woken = client.get(awake.get_absolute_url(), part, headers={"HX-Request": "true"}).content.decode()
    assert ("Join opens" in sleeping, "every 30s" in sleeping) == (True, True)
    assert ("Join on Zoom" in woken, "zoom.us" in woken) == (True, False)


def test_the_bar_does_not_ask_long_before(sign_in, mo, call_in):
    client = sign_in(mo)
    tomorrow, soon = call_in(starts_in=timedelta(hours=24)), call_in(starts_in=timedelta(hours=1))
    assert (
        "hx-trigger"
        not in client.get(
            tomorrow.get_absolute_url(), {"part": "join"}, headers={"HX-Request": "true"}
        ).content.decode()
    )
    assert (
        "load delay:25"
        in client.get(soon.get_absolute_url(), {"part": "join"}, headers={"HX-Request": "true"}).content.decode()
    )


def test_the_link_itself_is_on_no_page(sign_in, mo, call_in):
    call = call_in(starts_in=timedelta(minutes=5))
    client = sign_in(mo)
    pages = [
        call.get_absolute_url(),
        "/",
        "/calls/",
        reverse("meeting_print", args=[call.slug]),
        reverse("meeting_ics", args=[call.slug]),
    ]
    assert ["zoom.us/j" in client.get(page).content.decode() for page in pages] == [False] * 5
