"""Passkeys: an answer to a challenge counts once, for the purpose it was asked for.

Each challenge has a purpose and lasts five minutes: one asked for to confirm signs nobody in. All ask for the person's
finger, face or PIN (MFA_WEBAUTHN_USER_VERIFICATION), not for the key alone.
"""

from __future__ import annotations

import struct
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.forms import BaseForm
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

ASKED = "passkey_asked"
LASTS = 5 * 60  # seconds
COOKIE = "__Host-passkey" if settings.HTTPS else "passkey"
SALT = "members.passkeys"
CHALLENGE = (ASKED, webauthn.STATE_SESSION_KEY)  # in the session
SIGN_IN, SECOND_STEP, CONFIRM, ADD = "sign in", "second step", "confirm", "add"
# What reading an answer raises that no browser wrote.
BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    struct.error,
    InvalidSignature,
)


def ask(request: HttpRequest, user: Any, purpose: str) -> JsonResponse:
    """A new challenge, remembered in the session; for `user`, or for whoever has a passkey here."""
    _note(request, purpose)
    return JsonResponse(webauthn.begin_authentication(user)["publicKey"])


def ask_stranger(request: HttpRequest) -> JsonResponse:
    """As `ask`, for a visitor. The browser keeps the challenge, sealed, so that strangers can't fill the session table."""
    response = ask(request, None, SIGN_IN)
    kept = {name: request.session.pop(name) for name in CHALLENGE}
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=LASTS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
    )
    return response


def recall(request: HttpRequest) -> None:
    """Put the challenge that this browser keeps into the session, where `is_first` makes it count once."""
    with suppress(signing.BadSignature):
        request.session.update(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS))


def forget(request: HttpRequest) -> None:
    for name in CHALLENGE:
        request.session.pop(name, None)


def ask_for_new(request: HttpRequest) -> JsonResponse:
    """A new challenge for adding a passkey."""
    _note(request, ADD)
    return JsonResponse(webauthn.begin_registration(request.user, True)["publicKey"])


def _note(request: HttpRequest, purpose: str) -> None:
    request.session[ASKED] = {"purpose": purpose, "at": time.time()}


def was_asked(request: HttpRequest, purpose: str) -> bool:
    """Whether the challenge in this session is for `purpose` and has not expired."""
    asked = request.session.get(ASKED, {})
    return asked.get("purpose") == purpose and time.time() - asked["at"] < LASTS


def is_right(request: HttpRequest, form: BaseForm, purpose: str) -> bool:
    """Whether the form holds the first valid answer to a challenge of this purpose. A malformed one is an error of the
    form.
    """
    try:
        form.full_clean()
    except BROKEN:
        form.add_error(None, _("Your device’s answer can’t be read. Try it once more."))
    if form.is_valid() and not was_asked(request, purpose):
        form.add_error(None, _("That took too long. Try it once more."))
    if not form.is_valid():
        return False
    if not is_first(request, form.cleaned_data["credential"]):
        form.add_error(None, _("That passkey was used a moment ago. Try it once more."))
        return False
    return True


def is_new(request: HttpRequest, form: BaseForm) -> bool:
    """Whether the form holds a new passkey made for the challenge of this purpose."""
    if form.is_valid() and not was_asked(request, ADD):
        form.add_error(None, _("That took too long. Try it once more."))
    return form.is_valid()


def can_sign(made: dict[str, Any]) -> bool:
    """Whether the new passkey's key is of a type whose signatures can be verified."""
    try:
        data = webauthn.parse_registration_response(made).response.attestation_object.auth_data.credential_data
        data.public_key.verify(b"", b"")
    except InvalidSignature:
        return True
    except BROKEN:
        return False
    return False


def is_first(request: HttpRequest, passkey: Authenticator) -> bool:
    """Whether nobody used `passkey` since this session got its challenge; one conditional UPDATE, so of two requests
    one is first.
    """
    asked_at = datetime.fromtimestamp(request.session[ASKED]["at"], UTC)
    unused = Authenticator.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=asked_at), pk=passkey.pk)
    return bool(unused.update(last_used_at=timezone.now()))
