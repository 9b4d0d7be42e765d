"""A sign-in on its way ends with what its person ends, wherever it waits: for the mailed code or for the second step."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from members.accounts import enrollment
from members.models import User
from tests.members.device import Device
from tests.members.test_factors import SECOND_STEP, SIGN_IN, device_of, options
from tests.members.test_sessions import is_in
from tests.members.test_sign_in import app_code, ask_for_code, mailed_code

pytestmark = pytest.mark.django_db
CODE = "/account/login/code/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


class Waiting:
    """Somebody on the way in as `person`, who has an app and a passkey."""

    def __init__(self, person: User, at: str, secret: str, device: Device):
        self.client, self.at, self.secret = Client(), at, secret
        cache.clear()
        ask_for_code(self.client, person.email)
        self.code = mailed_code()
        if at != "code":
            self.client.post(CODE, {"code": self.code})
        self.answer = device.answer(options(self.client, SECOND_STEP)) if at == "passkey" else ""

    def go_on(self) -> None:
        if self.at == "code":
            self.client.post(CODE, {"code": self.code})
        proof = {"credential": self.answer} if self.answer else {"code": app_code(self.secret, 1)}
        self.client.post(SECOND_STEP, proof)


def press(address: str) -> Callable[[User, Client, User], object]:
    return lambda person, client, admin: client.post(address)


def passkey_of(person: User) -> int:
    return Authenticator.objects.get(user=person, type="webauthn").pk


ENDS: dict[str, Callable[[User, Client, User], object]] = {
    "signing out all others": press("/settings/security/devices/end/"),
    "removing the app": press("/settings/security/app/remove/"),
    "removing the passkey": lambda person, client, admin: client.post(
        f"/settings/security/passkeys/{passkey_of(person)}/remove/"
    ),
    "an administrator who forgets the factors": lambda person, client, admin: enrollment.forget_factors(person, admin),
    "closing the account": lambda person, client, admin: person.deactivate(admin, "Asked for it"),
}


@pytest.mark.parametrize("at", ["code", "app", "passkey"])
@pytest.mark.parametrize("end", [None, *ENDS])
def test_a_sign_in_on_its_way_ends_with(end, at, mo, ada, sign_in):
    client = sign_in(mo, strong=True)
    device, secret = device_of(client), generate_totp_secret()
    TOTP.activate(mo, secret)
    waiting = Waiting(mo, at, secret, device)
    if end:
        ENDS[end](mo, client, ada)
    waiting.go_on()
    assert is_in(waiting.client) is (end is None)


def test_a_question_for_a_passkey_ends_with_the_passkey(mo, sign_in):
    client = sign_in(mo, strong=True)
    device, stranger = device_of(client), Client()
    answer = device.answer(options(stranger, SIGN_IN))
    client.post(f"/settings/security/passkeys/{passkey_of(mo)}/remove/")
    stranger.post(SIGN_IN, {"credential": answer})
    assert not is_in(stranger)
