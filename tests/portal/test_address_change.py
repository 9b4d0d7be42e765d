"""What goes with the old address, and what stays."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client
from knox.models import AuthToken

from events.calendar import feeds
from members.models import Delivery, User
from tests.members.test_sessions import come_in, is_in
from tests.members.test_sign_in import app_code, ask_for_code, mailed_code

pytestmark = pytest.mark.django_db
CODE = "/settings/email/code/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def ask(client: Client, email: str = "new@portal.example") -> str:
    client.post("/settings/email/", {"email": email})
    return Delivery.objects.filter(kind="address_code").latest("pk").facts["code"]


def said() -> str:
    mail = Delivery.objects.get(kind="security_news")
    assert mail.recipient is None and mail.facts["news"].startswith("Your account now signs in with another address.")
    return mail.facts["news"].removeprefix("Your account now signs in with another address. ")


def feed_works(address: str) -> bool:
    return Client().get(address).status_code == 200


@pytest.mark.parametrize(
    ("chosen", "tokens_work", "calendar_works", "words"),
    [
        ({"end_tokens": "on"}, False, True, "Its tokens for programs were ended. Its calendar address still works."),
        ({"end_calendar": "on"}, True, False, "Its tokens for programs still work. Its calendar address was ended."),
        ({}, True, True, "Its tokens for programs still work. Its calendar address still works."),
    ],
)
def test_tokens_and_calendar_end_as_chosen_and_the_mail_says_so(
    chosen, tokens_work, calendar_works, words, sign_in, mo
):
    AuthToken.objects.create(mo)
    client, feed = sign_in(mo), feeds.address(mo, feeds.number_of(mo))
    client.post(CODE, {"code": ask(client)} | chosen)
    assert User.objects.get(pk=mo.pk).email == "new@portal.example"
    assert (AuthToken.objects.filter(user=mo).exists(), feed_works(feed)) == (tokens_work, calendar_works)
    assert said() == words


def test_tokens_end_unless_kept_and_the_calendar_stays_unless_ended(sign_in, mo):
    AuthToken.objects.create(mo)
    client = sign_in(mo)
    ask(client)
    page = BeautifulSoup(client.get(CODE).content, "html.parser")
    boxes = {box["name"]: box.has_attr("checked") for box in page.find_all("input", type="checkbox")}
    assert boxes == {"end_tokens": True, "end_calendar": False}


def test_nobody_is_asked_about_what_they_do_not_have(sign_in, mo, ana):
    for person, email, names in ((mo, "one@portal.example", ["end_calendar"]), (ana, "two@portal.example", [])):
        client = sign_in(person)
        ask(client, email)
        page = BeautifulSoup(client.get(CODE).content, "html.parser")
        assert [box["name"] for box in page.find_all("input", type="checkbox")] == names


def test_a_wrong_code_ends_nothing(sign_in, mo):
    AuthToken.objects.create(mo)
    client, feed = sign_in(mo), feeds.address(mo, feeds.number_of(mo))
    right = ask(client)
    client.post(
        CODE, {"code": f"{(int(right) + 1) % 10 ** len(right):0{len(right)}}", "end_tokens": "on", "end_calendar": "on"}
    )
    assert AuthToken.objects.filter(user=mo).exists() and feed_works(feed)


# What was begun at the old address ------------------------------------------------------------------


@pytest.mark.parametrize("again", [False, True])
def test_a_sign_in_begun_at_the_old_address_ends_nowhere(mo, sign_in, again):
    """Neither the code asked for before the change, nor one that the waiting page asks for after it."""
    waiting = Client()
    ask_for_code(waiting, mo.email)
    code = mailed_code()
    client = sign_in(mo)
    client.post(CODE, {"code": ask(client)})
    if again:
        cache.clear()
        waiting.post("/account/login/code/again/")
        code = mailed_code()
    waiting.post("/account/login/code/", {"code": code})
    assert not is_in(waiting)


def test_a_sign_in_waiting_for_its_second_step_ends_with_the_address(mo, sign_in):
    secret = generate_totp_secret()
    waiting = Client()
    TOTP.activate(mo, secret)
    ask_for_code(waiting, mo.email)
    waiting.post("/account/login/code/", {"code": mailed_code()})
    client = sign_in(mo, strong=True)
    client.post(CODE, {"code": ask(client)})
    waiting.post("/account/login/second-step/", {"code": app_code(secret)})
    assert not is_in(waiting)


def test_a_code_for_confirming_that_went_to_the_old_address_confirms_nothing(mo):
    client = come_in(mo)
    client.post("/account/confirm/code/")
    code = mailed_code()
    client.post(CODE, {"code": ask(client)})
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    client.post("/account/confirm/", {"code": code})
    assert client.get("/settings/email/")["Location"].startswith("/account/confirm/")


def test_the_other_sessions_end_with_the_address(mo, sign_in):
    other, client = come_in(mo), sign_in(mo)
    client.post(CODE, {"code": ask(client)})
    assert (is_in(other), is_in(client)) == (False, True)
