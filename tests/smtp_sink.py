"""A real SMTP server for tests, which can be told to answer badly: refuse, put off, drop the line or be slow.

A mail counts as received when the server decided to take it, whether or not its answer reached the sender.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.embedded.servers import free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)


class Received(NamedTuple):
    recipient: str
    message: EmailMessage
    raw: bytes

    @property
    def id(self) -> str:
        return self.message["Message-ID"]


class Sink:
    """`answers` maps an address to what RCPT and DATA say to it; `on_data` decides for every mail.

    An answer is a reply such as "550 no such user", or DROP (the line breaks before the mail is taken),
    or DROP_AFTER (the mail is taken and the answer gets lost).
    """

    DROP, DROP_AFTER = "drop", "drop after"

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.senders: list[str] = []  # of the envelopes of what was received
        self.at_recipient: dict[str, str] = {}
        self.on_data: Callable[[str], str] = lambda recipient: ""
        self.delay = 0.0
        self.lock = threading.Lock()

    def to(self, address: str) -> list[Received]:
        return [mail for mail in self.received if mail.recipient == address]

    # What aiosmtpd calls -----------------------------------------------------------------------

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:  # noqa: N802
        answer = self.at_recipient.get(address, "")
        if answer == self.DROP:
            server.transport.abort()
            return "421 gone"
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.delay:
            await asyncio.sleep(self.delay)
        recipient = envelope.rcpt_tos[0]
        answer = self.on_data(recipient)
        if answer == self.DROP:
            server.transport.abort()
            return "421 gone"
        if answer not in ("", self.DROP_AFTER):
            return answer
        raw = envelope.original_content or b""
        with self.lock:
            self.senders.append(envelope.mail_from or "")
            self.received.append(Received(recipient, message_from_bytes(raw, policy=policy.default), raw))
        if answer == self.DROP_AFTER:
            server.transport.abort()
        return "250 taken"


@contextmanager
def running() -> Iterator[tuple[Sink, int]]:
    sink = Sink()
    port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port, ready_timeout=20)
    controller.start()
    try:
        yield sink, port
    finally:
        controller.stop()


def mailer(port: int, timeout: float = 5) -> dict:
    return {
        "backend": "django.core.mail.backends.smtp.EmailBackend",
        "host": "127.0.0.1",
        "port": port,
        "username": "",
        "password": "",
        "use_tls": False,
        "use_ssl": False,
        "timeout": timeout,
    }


@pytest.fixture
def smtp(settings) -> Iterator[Sink]:
    """Both mailers speak to one sink of this test."""
    with running() as (sink, port):
        settings.MAILERS = {"default": mailer(port), "calendar": mailer(port)}
        settings.MAIL_CONVERSATIONS = 1
        yield sink
