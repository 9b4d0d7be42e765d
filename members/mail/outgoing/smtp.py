"""SMTP sessions, and what a mail server's answers mean.

Django's backend connects and signs in; the steps of a hand-over are spoken here, because it matters which of them
failed: before the content is sent nothing can have arrived, after it only the server knows.
"""

from __future__ import annotations

import enum
import re
import smtplib
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from members.mail import reply_addresses
from members.mail.emails import OutgoingEmail

STEPS = 5  # of a hand-over that may each last SMTP_TIMEOUT: MAIL, RCPT, DATA, the content, RSET
CLOSING = 421


class SmtpResult(enum.Enum):
    SENT = "sent"
    REFUSED = "refused"  # this mail, for good as the server says
    LATER = "later"  # this mail, for now
    UNREACHABLE = "unreachable"  # the server, before it had the content
    UNKNOWN = "unknown"  # it had the content, and its answer got lost


@dataclass(frozen=True)
class Outcome:
    result: SmtpResult
    reply: str = ""


class Unreachable(Exception):
    """The mail server takes no session now; the text is its reply or the reason."""


class SmtpSession:
    """One connection to the server of `mailer`, opened when it is needed."""

    def __init__(self, mailer: str) -> None:
        self.backend = get_connection(**settings.MAILERS[mailer])

    def open(self) -> None:
        """Connect and sign in, if that has not been done. Raises Unreachable."""
        try:
            if self.backend.open() and isinstance(self.backend, EmailBackend):
                cast(Any, self.backend).connection.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Unreachable(str(error)) from error

    def hand_over(self, mail: OutgoingEmail) -> Outcome:
        if not isinstance(self.backend, EmailBackend):
            return self._pass_on(mail)
        outcome = _spoken(cast(smtplib.SMTP, self.backend.connection), mail)
        if outcome.result in (SmtpResult.UNREACHABLE, SmtpResult.UNKNOWN):
            self._drop()
        return outcome

    def close(self) -> None:
        try:
            self.backend.close()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        """Forget a connection that is of no use any more, without another word."""
        smtp = getattr(self.backend, "connection", None)
        if smtp is not None:
            smtp.close()
            cast(Any, self.backend).connection = None

    def _pass_on(self, mail: OutgoingEmail) -> Outcome:
        """Through a backend that is not SMTP: a provider's API (anymail), the console, the outbox of tests."""
        try:
            self.backend.send_messages([mail.message()])
        except OSError as error:
            return Outcome(SmtpResult.UNKNOWN, str(error))
        except Exception as error:
            status = getattr(error, "status_code", None) or 500
            return Outcome(SmtpResult.REFUSED if status in (400, 422) else SmtpResult.LATER, str(error))
        return Outcome(SmtpResult.SENT)


def _spoken(smtp: smtplib.SMTP, mail: OutgoingEmail) -> Outcome:
    try:
        recipient, content = mail.recipient, _dotted(mail.content())
    except ValueError as error:
        return Outcome(SmtpResult.REFUSED, f"not an address: {error}")
    try:
        refusal = _envelope(smtp, envelope_sender(mail.delivery.pk), recipient)
        if refusal:
            return refusal
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        return Outcome(SmtpResult.UNREACHABLE, str(error))
    try:
        smtp.send(content)
        code, reply = smtp.getreply()
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        return Outcome(SmtpResult.UNKNOWN, str(error))
    return Outcome(SmtpResult.SENT, _words(code, reply)) if code == 250 else _refusal(smtp, code, reply)


def envelope_sender(delivery_id: int) -> str:
    """The bounce address of a delivery: a tag in it names the delivery (members.mail.incoming.bounces)."""
    if not settings.MAIL_BOUNCE_ADDRESS:
        return settings.MAIL_ADDRESS
    return reply_addresses.address(reply_addresses.BOUNCE, delivery_id, mailbox=settings.MAIL_BOUNCE_ADDRESS)


def _envelope(smtp: smtplib.SMTP, sender: str, recipient: str) -> Outcome | None:
    options = ["BODY=8BITMIME"] if smtp.has_extn("8bitmime") else []
    code, reply = smtp.mail(sender, options)
    if code != 250:  # our address is refused: that says nothing about the recipient's
        return _refusal(smtp, code if code == CLOSING else 450, reply, said=code)
    code, reply = smtp.rcpt(recipient)
    if code not in (250, 251):
        return _refusal(smtp, code, reply)
    code, reply = smtp.docmd("DATA")
    return None if code == 354 else _refusal(smtp, code, reply)


def _refusal(smtp: smtplib.SMTP, code: int, reply: bytes, said: int = 0) -> Outcome:
    words = _words(said or code, reply)
    if code == CLOSING or code < 400:
        return Outcome(SmtpResult.UNREACHABLE, words)
    try:
        smtp.rset()
    except (OSError, smtplib.SMTPServerDisconnected):
        smtp.close()
    return Outcome(SmtpResult.REFUSED if code >= 500 else SmtpResult.LATER, words)


def _words(code: int, reply: bytes) -> str:
    return f"{code} {' '.join(reply.decode(errors='replace').split())}"[:300]


def _dotted(content: bytes) -> bytes:
    """As it goes over the wire: a line that begins with a dot gets another, and a dot alone ends it (RFC 5321 4.5.2)."""
    stuffed = re.sub(rb"(?m)^\.", b"..", content) if b"\n." in content else content
    return stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n"
