"""Six digits by mail that prove somebody reads an address. The session keeps a keyed hash, never the code."""

from __future__ import annotations

import secrets
import time

from allauth.core import ratelimit
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LASTS = 15 * 60  # seconds; city mail is greylisted
MOST_TRIES = 5


class Refused(Exception):
    """The code is not accepted; `words` say why and what to do."""

    WORDS: dict[str, Promise] = {
        "wrong": _("That code isn’t right. Check the newest email from us."),
        "expired": _("That code has expired. Ask for a new one."),
        "tries": _("That was too many tries. Ask for a new code."),
    }

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def words(self) -> str:
        return str(self.WORDS[self.reason])


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


def digits(typed: str) -> str:
    """What was meant by "481 720" or "481-720"."""
    return "".join(typed.replace("-", " ").split())


def hashed(purpose: str, email: str, code: str) -> str:
    return salted_hmac(f"members.codes.{purpose}", f"{email}:{code}", algorithm="sha256").hexdigest()


def may_send(request: HttpRequest, email: str) -> bool:
    """Three codes in ten minutes an address, counted for known and unknown addresses alike."""
    return bool(ratelimit.consume(request, action="request_login_code", key=email))


def may_try(request: HttpRequest, sent_at: float) -> bool:
    """A second count beside the session's, which parallel requests could read before it is saved."""
    key = f"{request.session.session_key}:{sent_at}"
    return bool(ratelimit.consume(request, action="code_try", key=key))


def issue(session: SessionBase, purpose: str, email: str, *, usable: bool = True) -> str:
    """Make a code for `email` and forget the earlier one. One that is not `usable` will never be right."""
    code = new_code()
    session[_key(purpose)] = {
        "email": email,
        "hash": hashed(purpose, email, code) if usable else "",
        "at": time.time(),
        "tries": 0,
    }
    return code


def address_of(session: SessionBase, purpose: str) -> str:
    """The address a code was sent to, "" when none waits."""
    return session.get(_key(purpose), {}).get("email", "")


def check(request: HttpRequest, purpose: str, typed: str) -> str:
    """The proven address. Raises Refused; each try counts, and a code works once."""
    sent = request.session.get(_key(purpose))
    if not sent or time.time() > sent["at"] + LASTS:
        raise Refused("expired")
    if sent["tries"] >= MOST_TRIES or not may_try(request, sent["at"]):
        raise Refused("tries")
    request.session[_key(purpose)] = sent | {"tries": sent["tries"] + 1}
    if not constant_time_compare(sent["hash"], hashed(purpose, sent["email"], digits(typed))):
        raise Refused("wrong")
    del request.session[_key(purpose)]
    return sent["email"]


def _key(purpose: str) -> str:
    return f"code:{purpose}"
