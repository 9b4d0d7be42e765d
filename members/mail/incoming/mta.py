"""Receives mail from a mail server on this machine, by LMTP or SMTP.

The answer is 250 only once the mail is stored and committed, and 451 while the database is away, so that the mail
server tries again. Addresses that are not ours are refused: nobody can relay through it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import Error, connection

from members.mail import reply_addresses
from members.mail.incoming import mime
from members.mail.incoming.inbox import store
from members.models import InboundMail

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's own, which names everybody who writes

PROTOCOLS = {"lmtp": LMTP, "smtp": SMTP}
THREADS = 4  # mails stored at once
MOST_RECIPIENTS = 20


def take(raw: bytes, recipient: str, sender: str | None) -> None:
    """Store the mail, in a thread with a connection of its own. Raises django.db.Error while the database is away."""
    try:
        store(raw, InboundMail.Via.LOCAL, envelope_to=recipient, envelope_from=sender)
    finally:
        connection.close()


class Receiver:
    """The handler that aiosmtpd calls for each command."""

    def __init__(self, *, each_recipient: bool) -> None:
        self.each_recipient = each_recipient  # LMTP answers the content once a recipient (RFC 2033)
        self.threads = ThreadPoolExecutor(THREADS, "store")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list
    ) -> str:
        if not reply_addresses.is_ours(address):
            return "550 5.1.1 No such mailbox here"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        answers = [
            await self._take(raw, recipient, envelope.mail_from or "") for recipient in self._recipients(envelope)
        ]
        return "\r\n".join(answers)

    def _recipients(self, envelope: Envelope) -> list[str]:
        return envelope.rcpt_tos if self.each_recipient else envelope.rcpt_tos[:1]

    async def _take(self, raw: bytes, recipient: str, sender: str) -> str:
        try:
            await asyncio.get_running_loop().run_in_executor(self.threads, take, raw, recipient, sender)
        except Error as error:
            log.warning("A mail waits at the mail server, the database does not take it: %s", error)
            return "451 4.3.0 Not now, try again later"
        except Exception:
            log.exception("A mail could not be stored")
            return "451 4.3.0 Not now, try again later"
        return "250 2.0.0 Stored"


async def serve(protocol: str, host: str, port: int, *, until: asyncio.Event | None = None) -> None:
    """Listen until SIGTERM, SIGINT, or `until` is set."""
    loop, end = asyncio.get_running_loop(), until or asyncio.Event()
    if until is None:
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, end.set)
    handler = Receiver(each_recipient=protocol == "lmtp")

    def conversation() -> SMTP:
        return PROTOCOLS[protocol](
            handler,
            hostname=settings.MAIL_DOMAIN,
            ident="portal",
            data_size_limit=mime.MOST_BYTES,
            enable_SMTPUTF8=True,
            loop=loop,
        )

    server = await loop.create_server(conversation, host, port)
    log.info("Taking mail by %s on %s:%s", protocol.upper(), host, port)
    async with server:
        await end.wait()
