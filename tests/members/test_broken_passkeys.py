"""Whatever a browser, or somebody instead of one, posts as a passkey’s answer: a sentence, never an error of ours."""

import json
import random

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from fido2.cose import ES256, UnsupportedKey
from fido2.utils import websafe_decode, websafe_encode

from members.models import User
from tests.members.device import Device
from tests.members.test_factors import CONFIRM, SECOND_STEP, SIGN_IN, device_of, options
from tests.members.test_sessions import come_in, is_in
from tests.members.test_sign_in import ask_for_code, mailed_code

pytestmark = pytest.mark.django_db
ADD = "/settings/security/passkeys/"
DEEP = b"\x81" * 3000 + b"\x00"  # lists in lists, as CBOR has them
TRIES = 60


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def damaged(posted: str, chance: random.Random) -> str:
    """One of its parts cut, stretched, flipped, nested, of another type or gone."""
    answer = json.loads(posted)
    inside = chance.choice([answer, answer["response"], answer["response"]])
    name = chance.choice(sorted(inside))
    part = inside[name]
    raw = bytearray(websafe_decode(part)) if isinstance(part, str) and name != "type" else bytearray(b"public-key")
    at = chance.randrange(len(raw) or 1)
    kinds = [
        lambda: websafe_encode(bytes(raw[:at])),
        lambda: websafe_encode(bytes(raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :])),
        lambda: websafe_encode(bytes(raw[:at] + chance.randbytes(chance.randrange(1, 40)) + raw[at:])),
        lambda: websafe_encode(bytes(raw[:at] + DEEP)),
        lambda: chance.choice([None, 7, [], {}, "", "§", "A" * 9, 10**30, True, ["x"], {"x": 1}]),
    ]
    inside[name] = chance.choice(kinds)()
    if chance.random() < 0.1:
        del inside[name]
    return json.dumps(answer)


def refused(client: Client, door: str, posted: str) -> None:
    cache.clear()
    answer = client.post(door, {"name": "Key", "credential": posted})
    assert answer.status_code in (200, 422), posted
    assert "field__error" in answer.text or "form-errors" in answer.text or "notice--bad" in answer.text, posted


def waiting(user: User) -> Client:
    client = Client()
    ask_for_code(client, user.email)
    client.post("/account/login/code/", {"code": mailed_code()})
    return client


@pytest.mark.parametrize("door", [SIGN_IN, CONFIRM, SECOND_STEP])
def test_a_damaged_answer_is_a_sentence(door, mo):
    client, chance = come_in(mo), random.Random(door)
    device = device_of(client)
    if door == SECOND_STEP:
        TOTP.activate(mo, generate_totp_secret())
        client = waiting(mo)
    elif door == SIGN_IN:
        client = Client()
    for _time in range(TRIES):
        right = device.answer(options(client, door))
        wrong = damaged(right, chance)
        if harmless(right, wrong, door):
            continue
        refused(client, door, wrong)
    assert is_in(client) is (door == CONFIRM)
    cache.clear()
    client.post(door, {"credential": device.answer(options(client, door))})
    assert client.get("/settings/security/").wsgi_request.user.is_strongly_authenticated


def harmless(right: str, wrong: str, door: str) -> bool:
    """Nothing that counts has changed: who it is, is asked only of a stranger."""
    signed = ("clientDataJSON", "authenticatorData", "signature", *(["userHandle"] if door == SIGN_IN else []))
    kept, came = (json.loads(each).get("response") for each in (right, wrong))
    return isinstance(came, dict) and all(kept[name] == came.get(name) for name in signed)


def test_a_key_that_nothing_can_be_checked_with_is_no_passkey(mo, sign_in, monkeypatch):
    client, device = sign_in(mo), Device()
    asked = client.post(f"{ADD}options/").json()
    monkeypatch.setattr(ES256, "from_cryptography_key", lambda key: UnsupportedKey({1: 2, 3: -999}))
    answer = client.post(f"{ADD}add/", {"name": "Key", "credential": device.make(asked)})
    assert "Your device didn’t make a passkey. Try again." in answer.text
    assert not Authenticator.objects.exists()


def test_a_damaged_new_passkey_is_a_sentence_or_one_that_breaks_no_page(mo, sign_in):
    client, chance = sign_in(mo), random.Random("add")
    for _time in range(TRIES * 2):
        cache.clear()
        device = Device()
        asked = client.post(f"{ADD}options/").json()
        posted = damaged(device.make(asked), chance)
        answer = client.post(f"{ADD}add/", {"name": "Key", "credential": posted})
        assert answer.status_code in (200, 302), posted
        if answer.status_code == 302:  # it was taken: then it can be looked at, tried and removed
            for page in ("/settings/security/", "/account/confirm/"):
                assert client.get(page).status_code == 200, posted
            visitor = Client()
            tried = visitor.post(SIGN_IN, {"credential": device.answer(options(visitor, SIGN_IN))})
            assert tried.status_code in (200, 302), posted
            assert options(client, CONFIRM)["challenge"]
            Authenticator.objects.filter(user=mo).delete()
