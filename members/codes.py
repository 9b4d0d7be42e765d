"""Digits by mail that prove somebody reads an address. The session knows which code; what it is, only the mail does.

The row of a code (members.models.codes) decides who is first; nothing is written to the session when one is tried, so
requests at the same moment cannot undo each other's counting.
"""

from __future__ import annotations

import unicodedata

from allauth.core import ratelimit
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from members import devices
from members.models.codes import LONG, SHORT, MailedCode, Refused

__all__ = ["LONG", "SHORT", "Refused", "address_of", "check", "digits", "issue", "may_send"]


def digits(typed: str) -> str:
    """What was meant by "481 720", "481–720" or "481720.": no spaces, signs or marks that nobody sees."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKC", typed)
        if unicodedata.category(letter)[0] not in "CPZ" and letter not in "−`\u2800\u3164"
    )


def may_send(request: HttpRequest, email: str) -> bool:
    """Whether one more code may go to `email`, known here or not.

    A browser that signed in there before has a count of its own, which nobody else can use up. Others are counted by
    network and address, and all of them together by address in ten minutes (docs/adr/0014).
    """
    if device := devices.trusted_for(request, email):
        return bool(ratelimit.consume(request, action="trusted_code", key=device))
    near = f"{devices.network_of(request)} {email}"
    return bool(
        ratelimit.consume(request, action="request_code", key=near)
        and ratelimit.consume(request, action="request_code_anywhere", key=email)
    )


def issue(request: HttpRequest, purpose: str, email: str, *, usable: bool = True) -> str:
    """Make a code for `email` and forget the earlier one. One that is not `usable` will never be right."""
    trusted = bool(devices.trusted_for(request, email))
    row, code = MailedCode.issue(purpose, email, usable=usable, trusted=trusted)
    request.session[_key(purpose)] = {"email": email, "row": row.pk, "digits": row.digits}
    return code


def address_of(session: SessionBase, purpose: str) -> str:
    """The address a code was sent to, "" when none waits."""
    return session.get(_key(purpose), {}).get("email", "")


def check(session: SessionBase, purpose: str, typed: str) -> str:
    """The proven address. Raises Refused; each try counts, and a code works once."""
    sent = session.get(_key(purpose))
    if not sent or "row" not in sent:
        raise Refused("expired")
    MailedCode.claim(sent["row"], purpose, sent["email"], digits(typed))
    del session[_key(purpose)]
    return sent["email"]


def _key(purpose: str) -> str:
    return f"code:{purpose}"
