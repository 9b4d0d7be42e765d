"""Proving that an applicant reads the address given: six digits by mail, of which only a keyed hash is kept.

The same page and the same waiting for everybody. An address that has an account gets a mail that says so instead of a
code, and no code typed for it is right.
"""

from __future__ import annotations

import secrets
import time

from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from members import notices
from members.models import User

KEY = "application_code"
LASTS = 15 * 60  # seconds
MOST_TRIES = 5


class Refused(Exception):
    """The code is not accepted; `reason` is wrong, expired or tries."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def send_code(session: SessionBase, email: str) -> None:
    """Mail a new code and forget the earlier one."""
    code = f"{secrets.randbelow(1_000_000):06}"
    session[KEY] = {
        "email": email,
        "hash": "" if _has_account(email) else _hash(email, code),
        "sent_at": time.time(),
        "tries": 0,
    }
    notices.send_application_code(email, code, known=_has_account(email))


def check_code(session: SessionBase, email: str, code: str) -> None:
    """Raise Refused unless `code` is the one that was sent to `email`; each try counts."""
    sent = session.get(KEY)
    if not sent or sent["email"] != email or time.time() > sent["sent_at"] + LASTS:
        raise Refused("expired")
    if sent["tries"] >= MOST_TRIES:
        raise Refused("tries")
    session[KEY] = sent | {"tries": sent["tries"] + 1}
    if not constant_time_compare(sent["hash"], _hash(email, code)):
        raise Refused("wrong")
    del session[KEY]


def applicant_at(email: str, name: str) -> User:
    """The person behind a confirmed address: somebody who applied before, or a new account that is not admitted."""
    try:
        with transaction.atomic():
            return User.objects.filter(email__iexact=email).first() or User.objects.create_user(email, name)
    except IntegrityError:  # the same person in two windows
        return User.objects.get(email__iexact=email)


def _has_account(email: str) -> bool:
    """Members, and people whose account was closed; whoever only applied gets codes like a stranger."""
    person = User.objects.filter(email__iexact=email).first()
    return person is not None and (person.is_member or not person.is_active)


def _hash(email: str, code: str) -> str:
    return salted_hmac("members.confirmation", f"{email}:{code}", algorithm="sha256").hexdigest()
