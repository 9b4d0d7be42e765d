"""The SMTP server of the demo: accepts every mail, sends none on, keeps each in the mailbox (mailbox.py).

    python -m portal.demo.sink PORT [DIRECTORY]

A mail is answered with 250 only after it lies on disk under its name. Listens on 127.0.0.1 alone.
"""

import asyncio
import signal
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.demo.mailbox import Mailbox

LARGEST = 40 * 1024 * 1024  # bytes


class Keep:
    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        return f"250 kept as {self.mailbox.add(envelope.mail_from or '', envelope.rcpt_tos, content)}"


async def serve(port: int, mailbox: Mailbox) -> None:
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, end.set)
    handler = Keep(mailbox)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="demo", data_size_limit=LARGEST, enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1",
        port,
    )
    async with server:
        await end.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Mailbox(Path(sys.argv[2])) if sys.argv[2:] else Mailbox.of_the_demo()))
