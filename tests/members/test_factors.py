"""What a passkey's answer and an app's code are good for: one thing, once, and not for long."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from members.accounts import passkeys
from members.models import Delivery, User
from tests.members.device import Device
from tests.members.test_sessions import come_in, is_in
from tests.members.test_sign_in import app_code, ask_for_code, mailed_code, secret

__all__ = ["secret"]
pytestmark = pytest.mark.django_db
SIGN_IN, CONFIRM, SECOND_STEP = "/account/login/passkey/", "/account/confirm/", "/account/login/second-step/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def options(client: Client, page: str) -> dict:
    return client.post(f"{page}options/").json()


def device_of(client: Client) -> Device:
    device = Device()
    asked = options(client, "/settings/security/passkeys/")
    client.post("/settings/security/passkeys/add/", {"name": "Key", "credential": device.make(asked)})
    assert Authenticator.objects.filter(type="webauthn").exists()
    return device


@pytest.fixture
def device(mo) -> Device:
    return device_of(come_in(mo))


def test_a_passkey_signs_in(device):
    client = Client()
    client.post(SIGN_IN, {"credential": device.answer(options(client, SIGN_IN))})
    assert is_in(client)


def test_every_question_asks_for_finger_face_or_pin(mo, device):
    client = come_in(mo)
    assert options(client, CONFIRM)["userVerification"] == options(Client(), SIGN_IN)["userVerification"] == "required"
    asked = options(client, CONFIRM)
    client.post(CONFIRM, {"credential": device.answer(asked, verified=False)})
    assert not client.get("/settings/security/").wsgi_request.user.is_strongly_authenticated
    client.post(CONFIRM, {"credential": device.answer(options(client, CONFIRM))})
    assert client.get("/settings/security/").wsgi_request.user.is_strongly_authenticated


def test_an_answer_to_one_question_does_nothing_else(mo, device):
    for asked_at, posted_to in ((CONFIRM, SIGN_IN), (SIGN_IN, CONFIRM)):
        client = come_in(mo)
        client.post(posted_to, {"credential": device.answer(options(client, asked_at))})
        assert not client.get("/settings/security/").wsgi_request.user.is_strongly_authenticated


def test_a_question_of_six_minutes_ago_is_over(device, time_machine):
    client, start = Client(), timezone.now()
    time_machine.move_to(start - timedelta(minutes=6))
    asked = options(client, SIGN_IN)
    time_machine.move_to(start)
    client.post(SIGN_IN, {"credential": device.answer(asked)})
    assert not is_in(client)


def test_a_question_for_a_stranger_makes_no_row_and_its_answer_works_once(device):
    before, client = Session.objects.count(), Client()
    answer = device.answer(options(client, SIGN_IN))
    kept = client.cookies["passkey"]
    assert (Session.objects.count(), kept["httponly"], kept["max-age"]) == (before, True, 300)
    client.post(SIGN_IN, {"credential": answer[:-20] + "}"})
    assert Session.objects.count() == before
    client.post(SIGN_IN, {"credential": answer})
    assert is_in(client) and passkeys.ASKED not in client.session
    again = Client()
    again.cookies["passkey"] = kept.value
    again.post(SIGN_IN, {"credential": answer})
    assert not is_in(again)


@pytest.mark.parametrize("forged", ["", "words", "eyJhIjoxfQ:1abcde:forged"])
def test_a_forged_question_asks_nothing(device, forged):
    client = Client()
    answer = device.answer(options(client, SIGN_IN))
    client.cookies["passkey"] = forged
    assert client.post(SIGN_IN, {"credential": answer}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("at", [SIGN_IN, CONFIRM])
@pytest.mark.parametrize(
    "damage",
    [
        lambda device, asked: device.answer(asked, broken=True),
        lambda device, asked: device.answer(asked).replace('"authenticatorData": "', '"authenticatorData": "AAAA'),
        lambda device, asked: device.answer(asked).replace('"clientDataJSON": "', '"clientDataJSON": "AAAA'),
        lambda device, asked: device.answer(asked)[:-20] + "}",
        lambda device, asked: '{"id":"AA","rawId":"AA","type":"public-key","response":{"authenticatorData":"AA"}}',
    ],
)
def test_a_broken_answer_is_a_sentence(mo, device, at, damage):
    client = Client() if at == SIGN_IN else come_in(mo)
    response = client.post(at, {"credential": damage(device, options(client, at))})
    assert response.status_code == 200
    assert not getattr(client.get("/about/").wsgi_request.user, "is_strongly_authenticated", False)


def test_signing_in_over_the_session_of_another_is_as_strong(mo, stu, device):
    client = come_in(stu)
    client.post(SIGN_IN, {"credential": device.answer(options(client, SIGN_IN))})
    now = client.get("/settings/security/").wsgi_request.user
    assert (now, now.is_strongly_authenticated) == (mo, True)


# The app ------------------------------------------------------------------------------------------


def test_a_code_of_the_app_works_once_also_when_no_cache_remembers(mo, secret, sign_in):
    code = app_code(secret)
    for attempt in range(2):
        client = sign_in(mo, strong=False)
        client.post(CONFIRM, {"code": code})
        strong = client.get("/settings/security/").wsgi_request.user.is_strongly_authenticated
        assert strong is (attempt == 0)
        cache.clear()
    assert Authenticator.objects.get(type="totp").data["last_counter"] == int(time.time()) // 30


def test_an_older_code_than_the_last_one_is_refused(mo, secret, sign_in):
    for after, works in ((0, True), (-1, False), (1, True)):
        client = sign_in(mo, strong=False)
        client.post(CONFIRM, {"code": app_code(secret, after)})
        assert client.get("/settings/security/").wsgi_request.user.is_strongly_authenticated is works


def test_the_code_that_added_an_app_signs_in_nowhere(mo):
    client = come_in(mo)
    form = client.get("/settings/security/app/").context["form"]
    code = app_code(form.secret)
    client.post("/settings/security/app/", {"sealed": form.sealed, "code": code})
    cache.clear()
    other = Client()
    ask_for_code(other, mo.email)
    other.post("/account/login/code/", {"code": mailed_code()})
    other.post(SECOND_STEP, {"code": code})
    assert not is_in(other)


def test_a_sign_in_on_its_way_ends_with_a_removed_factor(mo, sign_in):
    TOTP.activate(mo, generate_totp_secret())
    waiting = Client()
    ask_for_code(waiting, mo.email)
    code = mailed_code()
    sign_in(mo, strong=True).post("/settings/security/app/remove/")
    waiting.post("/account/login/code/", {"code": code})
    assert not is_in(waiting) and User.objects.get(pk=mo.pk).signed_out_at


# What was wrong -----------------------------------------------------------------------------------

BROWSER = {"Accept": "text/html"}


def on_the_way(mo: User) -> Client:
    client = Client()
    ask_for_code(client, mo.email)
    client.post("/account/login/code/", {"code": mailed_code()})
    return client


@pytest.mark.parametrize("typed", [{"code": ""}, {"code": "000000"}, {"credential": "{}"}])
@pytest.mark.parametrize("page", [SECOND_STEP, CONFIRM])
def test_a_refused_proof_comes_back_as_a_page_of_its_own(mo, secret, sign_in, page, typed):
    """Reload and Back show it again, with a summary above: nothing is posted twice."""
    client = on_the_way(mo) if page == SECOND_STEP else sign_in(mo, strong=False)
    answer = client.post(page, typed, headers=BROWSER)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (303, page)
    for _ in range(2):
        again = client.get(answer["Location"], headers=BROWSER)
        assert "There’s one thing to fix" in again.text
        assert "<title>Error: " in " ".join(again.text.split()).replace("<title> ", "<title>")
    assert not is_in(client) if page == SECOND_STEP else is_in(client)


# What the owner hears -----------------------------------------------------------------------------


def news() -> list[str]:
    return [each.facts["news"] for each in Delivery.objects.filter(kind="security_news")]


def test_the_owner_hears_of_a_token_made(mo, sign_in):
    sign_in(mo).post("/settings/security/tokens/add/")
    assert news() == ["A token for programs was made, which reads and answers calls as you."]


@pytest.mark.parametrize("on_the_way_in", [True, False])
def test_the_owner_hears_of_a_recovery_code_used(mo, secret, sign_in, on_the_way_in):
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    client = Client()
    if on_the_way_in:
        ask_for_code(client, mo.email)
        client.post("/account/login/code/", {"code": mailed_code()})
        client.post(SECOND_STEP, {"code": code})
    else:
        sign_in(mo, strong=False).post(CONFIRM, {"code": code})
    assert news() == ["A recovery code was used instead of your passkey or app. It works no more."]


def test_signing_out_all_others_asks_for_a_recent_statistics(mo, sign_in):
    client, other = sign_in(mo, strong=False), come_in(mo)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    assert "/account/confirm/" in client.post("/settings/security/devices/end/").url
    assert is_in(other)
