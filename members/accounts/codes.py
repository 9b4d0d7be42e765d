"""Codes by mail, which prove that somebody reads an address. The session knows which code waits; only the mail holds
its digits.

The row of a code (members.models.codes) decides which request is first. Trying one writes nothing to the session, so
simultaneous requests cannot undo each other's counting.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import timedelta

from allauth.core import ratelimit
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from members.accounts import devices, strangers
from members.accounts.guessing import Guess
from members.models.codes import LONG, SHORT, MailedCode, Refused
from members.queries.turns import take_turn
from members.times import clock

__all__ = ["LONG", "SHORT", "Refused", "address_of", "check", "digits", "issue", "may_send", "send_once"]

THREE = _("We’ve sent three codes in ten minutes. Use the newest one, or wait ten minutes.")
PRESSED_TWICE = 5  # seconds in which the same button means the same code


def digits(typed: str) -> str:
    """The digits of "4817 2046", "4817–2046" or "48172046.", without spaces, punctuation and invisible signs."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKC", typed)
        if unicodedata.category(letter)[0] not in "CPZ" and letter not in "−`\u2800\u3164"
    )


def may_send(request: HttpRequest, email: str) -> bool:
    """Whether one more code may go to `email`, whether or not it has an account.

    A browser that signed in there before has a count of its own, which nobody else can use up. Others are counted by
    network and address, and all of them together by address in ten minutes (docs/adr/0015).
    """
    if device := devices.trusted_for(request, email):
        return bool(ratelimit.consume(request, action="trusted_code", key=device))
    near = f"{devices.network_of(request)} {email}"
    return bool(
        ratelimit.consume(request, action="request_code", key=near)
        and ratelimit.consume(request, action="request_code_anywhere", key=email)
    )


def just_sent(request: HttpRequest, purpose: str, email: str) -> MailedCode | None:
    """The code that this browser asked for a few seconds ago with the same button, if it still works.

    Simultaneous requests take turns until the transaction ends.
    """
    if not (button := _button(request, purpose, email)):
        return None
    take_turn(button)
    lately = clock.now() - timedelta(seconds=PRESSED_TWICE)
    return MailedCode.objects.open().filter(pk=cache.get(button, 0), sent_at__gt=lately).first()


def remember_press(request: HttpRequest, purpose: str, email: str, row: int) -> None:
    if button := _button(request, purpose, email):
        cache.set(button, row, PRESSED_TWICE)


@transaction.atomic
def send_once(request: HttpRequest, purpose: str, email: str, send: Callable[[], None], *, limit: str = "") -> str:
    """Send a code with `send`, unless one was sent a moment ago. "" when one is on its way, else the reason why not."""
    if row := just_sent(request, purpose, email):
        _keep(request, purpose, email, row)
        return ""
    if not may_send(request, email) or (limit and not ratelimit.consume(request, action=limit)):
        return str(THREE)
    is_own = request.user.is_authenticated and request.user.email == email
    if not is_own and (refused := strangers.why_not(request, email, strangers.PROVE)):
        return refused
    send()
    remember_press(request, purpose, email, request.session[_key(purpose)]["row"])
    return ""


def issue(request: HttpRequest, purpose: str, email: str, *, usable: bool = True) -> str:
    """Make a code for `email` and forget the earlier one. One that is not `usable` never works."""
    row, code = make(request, purpose, email, usable=usable)
    _keep(request, purpose, email, row)
    return code


def make(request: HttpRequest, purpose: str, email: str, *, usable: bool) -> tuple[MailedCode, str]:
    """A new code and its row, as long as today's guessing requires."""
    return MailedCode.issue(purpose, email, usable=usable, digits=LONG if Guess(request, email).must_be_long else SHORT)


def address_of(session: SessionBase, purpose: str) -> str:
    """The address to which a code was sent, "" when none waits."""
    return session.get(_key(purpose), {}).get("email", "")


def check(request: HttpRequest, purpose: str, typed: str) -> str:
    """The proven address. Raises Refused. Each try counts, and a code works once."""
    sent = request.session.get(_key(purpose))
    if not sent or "row" not in sent:
        raise Refused("expired")
    claim(request, sent["row"], purpose, sent["email"], typed)
    del request.session[_key(purpose)]
    return sent["email"]


def claim(request: HttpRequest, pk: int, purpose: str, email: str, typed: str) -> None:
    """Use up the code of this row. Raises Refused unless `typed` is right, unused, and within the limits on guessing."""
    if reason := _why_refused(request, pk, purpose, email, typed):
        raise Refused(reason)


@transaction.atomic
def _why_refused(request: HttpRequest, pk: int, purpose: str, email: str, typed: str) -> str:
    """What is tried at one code takes turns; so a right one that comes twenty times at once counts as wrong for nobody."""
    row = MailedCode.objects.select_for_update().filter(pk=pk, purpose=purpose).first()
    if row is None:
        return "expired"
    guess, counts = Guess(request, email), row.is_open  # at one that is over nothing can be guessed
    if counts and not guess.begin() and row.may_be_guessed:
        return "tries"
    reason = row.claim(email, digits(typed))
    if counts and reason != "wrong":
        guess.was_right()
    return reason


def _keep(request: HttpRequest, purpose: str, email: str, row: MailedCode) -> None:
    request.session[_key(purpose)] = {"email": email, "row": row.pk, "digits": row.digits}


def _button(request: HttpRequest, purpose: str, email: str) -> str:
    """A name for what was pressed, and in which browser; "" when that isn't known, and every press counts."""
    browser = request.META.get("CSRF_COOKIE") or ""  # there before any session is
    parts = (browser, request.path, purpose, email)
    return f"pressed:{salted_hmac('members.codes', '|'.join(parts)).hexdigest()}" if browser else ""


def _key(purpose: str) -> str:
    return f"code:{purpose}"
