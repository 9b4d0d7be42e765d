"""Sessions of people who are not signed in: few, for a day, and gone afterwards."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from members import session_store, tasks
from members.models import CacheEntry, Count, KeptForm
from members.session_store import MOST_BEGUN
from tests.members.test_sign_in import CODE, ask_for_code, mailed_code

pytestmark = pytest.mark.django_db
DAY, SIXTY_DAYS = timedelta(days=1), timedelta(days=60)
POSTS = [
    ("/apply/", {"name": "Soledad"}),
    ("/account/logout/", {}),
    ("/account/login/passkey/options/", {}),
    ("/settings/details/", {"name": "Soledad"}),  # of somebody who isn't signed in: kept for an hour
    ("/account/login/", {"email": "no address"}),  # comes back with a mistake
]


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def lasts(client: Client) -> timedelta:
    row = Session.objects.get(pk=client.session.session_key)
    return timedelta(seconds=round((row.expire_date - timezone.now()).total_seconds(), -2))


@pytest.fixture
def ten_minutes(time_machine) -> None:
    """What is counted by ten minutes begins with them, or the clock may turn between two posts."""
    now = timezone.now()
    time_machine.move_to(now.replace(minute=now.minute // 10 * 10, second=1))


def test_four_hundred_posts_of_strangers_make_two_hundred_rows_and_a_day_later_none(ten_minutes, time_machine):
    answers = [
        Client(REMOTE_ADDR=f"203.0.113.{number % 250}", headers={"Accept": "text/html"})
        .post(*POSTS[number % len(POSTS)])
        .status_code
        for number in range(400)
    ]
    assert 100 < Session.objects.count() <= MOST_BEGUN["network"]
    assert set(answers) == {200, 302, 303, 429}
    assert KeptForm.objects.count() <= 80
    time_machine.move_to(timezone.now() + DAY + timedelta(seconds=1))
    tasks.forget_visits()
    assert not Session.objects.exists()


def test_a_device_whose_session_ended_is_forgotten_with_it(client, mo, time_machine):
    begun = timezone.now()
    ended, lasting, listed_alone, just_now = "e" * 32, "l" * 32, "a" * 32, "n" * 32
    for key, expires in ((ended, begun + DAY), (lasting, begun + SIXTY_DAYS)):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    device = {"user": mo, "ip": "203.0.113.7", "user_agent": "Firefox"}
    for key in (ended, lasting, listed_alone):
        UserSession.objects.create(session_key=key, **device)
    time_machine.move_to(begun + DAY + timedelta(seconds=1))
    UserSession.objects.create(session_key=just_now, **device)
    tasks.forget_visits()
    assert set(UserSession.objects.values_list("session_key", flat=True)) == {lasting, just_now}
    assert list(Session.objects.values_list("session_key", flat=True)) == [lasting]


def test_another_network_and_the_next_ten_minutes_begin_their_own(ten_minutes, time_machine):
    begin = lambda address: Client(REMOTE_ADDR=address).post(*POSTS[0]).status_code  # noqa: E731
    answers = [begin("203.0.113.9") for _time in range(201)]
    assert answers == [302] * 200 + [429]
    assert (begin("203.0.113.200"), begin("198.51.100.7")) == (429, 302)
    time_machine.move_to(timezone.now() + timedelta(minutes=10, seconds=1))
    assert begin("203.0.113.9") == 302


def test_a_customer_of_ipv6_has_many_networks_and_one_number(monkeypatch):
    monkeypatch.setattr(session_store, "MOST_BEGUN", {"network": 2, "site": 3})
    answers = [Client(REMOTE_ADDR=f"2001:db8:1:{number}::9").post(*POSTS[0]).status_code for number in range(4)]
    assert answers == [302, 302, 302, 429]


def test_who_is_on_the_way_goes_on_while_others_begin_no_more(mo, monkeypatch):
    client = Client()
    ask_for_code(client)
    monkeypatch.setattr(session_store, "MOST_BEGUN", {"network": 0, "site": 0})
    assert Client().post(*POSTS[0]).status_code == 429
    assert client.post(CODE, {"code": mailed_code()}).url == "/"
    assert client.get("/settings/details/").status_code == 200


def test_signing_out_is_answered_as_ever_while_others_begin_no_more(mo, sign_in, monkeypatch):
    client = sign_in(mo)
    monkeypatch.setattr(session_store, "MOST_BEGUN", {"network": 0, "site": 0})
    assert client.post("/account/logout/").url == "/"
    assert client.get("/settings/details/").status_code == 302 and not Session.objects.exists()


def test_a_visitor_s_session_lasts_a_day_and_that_of_who_signed_in_sixty(mo, client):
    visitor = Client()
    answer = visitor.post(*POSTS[0])
    assert (lasts(visitor), answer.cookies["session"]["max-age"]) == (DAY, DAY.total_seconds())
    ask_for_code(client)
    assert lasts(client) == DAY
    answer = client.post(CODE, {"keep": "on", "code": mailed_code()})
    assert (lasts(client), answer.cookies["session"]["max-age"]) == (SIXTY_DAYS, SIXTY_DAYS.total_seconds())


def test_looking_begins_no_session(mo):
    for address in ("/", "/about/", "/account/login/", "/apply/", "/calls/"):
        Client().get(address)
    assert not Session.objects.exists() and not Count.objects.exists()


def test_what_ended_is_deleted_in_pieces_and_what_goes_on_stays(client, monkeypatch):
    monkeypatch.setattr(session_store, "MOST_AT_ONCE", 3)
    now = timezone.now()
    for number in range(8):
        Session.objects.create(pk=f"ended{number}", expire_date=now - timedelta(seconds=1))
    Session.objects.create(pk="goes on", expire_date=now + timedelta(hours=1))
    assert session_store.forget_ended() == 8
    assert [each.pk for each in Session.objects.all()] == ["goes on"]


def test_counts_of_spans_that_are_over_are_forgotten(db):
    now = timezone.now()
    for days in (0, 3):
        at = now - timedelta(days=days)
        Count.objects.create(key=f"{days}", since=at, ends_at=at + timedelta(seconds=60), n=1)
        CacheEntry.objects.create(key=f"{days}", number=1, expires_at=at + timedelta(seconds=60))
    tasks.forget_visits()
    assert [each.key for each in Count.objects.all()] == [each.key for each in CacheEntry.objects.all()] == ["0"]
