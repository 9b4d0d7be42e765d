"""Encrypted secrets of authenticator apps and recovery codes: whether a key decrypts them, and encrypting them anew.

What no key decrypts proves nothing. Its owner is told so, and gets in by a passkey, or after an administrator removed
the factor (members.accounts.enrollment).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members.models import User
from members.sealing import newest, vault

PURPOSE = "second step"
APP, RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
SEALED = {APP: ("secret",), RECOVERY: ("seed", "migrated_codes")}  # what lies sealed in `data`
NONE = _(
    "The portal lost the key to these codes, so it can’t check them. Use a passkey, or write to %(address)s: an"
    " administrator removes what was lost, and gives staff an enrollment code for a new app."
)
NO_APP = _("The portal lost the key to your app, so it can’t check its codes. A recovery code or a passkey works.")
NO_RECOVERY = _("The portal lost the key to your recovery codes, so it can’t check them. Your app or a passkey works.")

log = logging.getLogger(__name__)


def opens(factor: Authenticator) -> bool:
    """Whether one of our keys decrypts all of this factor."""
    try:
        for sealed in _sealed(factor):
            vault(PURPOSE).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def closed(user: User) -> tuple[str, bool]:
    """What to say about codes that can't be checked, "" when all can; and whether none can."""
    factors = list(Authenticator.objects.filter(user=user, type__in=SEALED))
    lost = {factor.type for factor in factors if not opens(factor)}
    if not lost:
        return "", False
    if len(lost) == len(factors):
        return str(NONE) % {"address": settings.CONTACT_EMAIL}, True
    return str(NO_APP if APP in lost else NO_RECOVERY), False


def seal_again() -> Counter[str]:
    """Encrypt all with the newest key; how many rows were "sealed", were so "already", are "closed" or "failed".

    May run at any time and be repeated: each row is locked for itself.
    """
    ends: Counter[str] = Counter()
    for pk in Authenticator.objects.filter(type__in=SEALED).order_by("pk").values_list("pk", flat=True):
        try:
            ends[_seal_row(pk)] += 1
        except InvalidToken:
            log.warning("No key opens authenticator %s", pk)
            ends["closed"] += 1
        except Exception:
            log.exception("Authenticator %s could not be sealed again", pk)
            ends["failed"] += 1
    return ends


@transaction.atomic
def _seal_row(pk: int) -> str:
    factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if factor is None:
        return "gone"
    again = {name: _rotated(value) for name, value in _values(factor) if not _is_newest(value)}
    if not again:
        return "already"
    factor.data |= again
    factor.save(update_fields=["data"])
    return "sealed"


def _values(factor: Authenticator) -> Iterator[tuple[str, Any]]:
    """Names and values of what is sealed: a token, or a list of them. Nothing of a passkey is."""
    for name in SEALED.get(factor.type, ()):
        if name in factor.data:
            yield name, factor.data[name]


def _sealed(factor: Authenticator) -> list[str]:
    return [token for _name, value in _values(factor) for token in (value if isinstance(value, list) else [value])]


def _rotated(value: Any) -> Any:
    return [_rotated(token) for token in value] if isinstance(value, list) else vault(PURPOSE).rotate(value).decode()


def _is_newest(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_newest, value))
    try:
        newest(PURPOSE).decrypt(value)
    except InvalidToken:
        return False
    return True
