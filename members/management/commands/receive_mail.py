"""The way in for a mail server on this machine: an LMTP or SMTP server, or one mail on standard input."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from members.mail import reply_addresses
from members.mail.incoming import mime, mta


class Command(BaseCommand):
    help = "Take mail from the mail server of this machine, for our own addresses only."
    requires_system_checks = []  # a mail must not wait for them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--protocol", choices=sorted(mta.PROTOCOLS), default="lmtp")
        parser.add_argument(
            "--host", default="127.0.0.1", help="default %(default)s; anybody who reaches it may hand in mail"
        )
        parser.add_argument("--port", type=int, default=8024)
        parser.add_argument("--stdin", action="store_true", help="read one mail, as a pipe transport hands it over")
        parser.add_argument("--recipient", default="", help="with --stdin: the envelope's recipient")
        parser.add_argument("--sender", help="with --stdin: the envelope's sender")

    def handle(self, *args: Any, stdin: bool, **options: Any) -> None:
        if stdin:
            self.take_one(options["recipient"], options["sender"])
        else:
            asyncio.run(mta.serve(options["protocol"], options["host"], options["port"]))

    def take_one(self, recipient: str, sender: str | None) -> None:
        """Ends as sysexits.h has it: the mail server keeps the mail at EX_TEMPFAIL and sends it back at the others."""
        if recipient and not reply_addresses.is_ours(recipient):
            raise CommandError("No such mailbox here.", returncode=os.EX_NOUSER)
        raw = sys.stdin.buffer.read(mime.MOST_BYTES + 1)
        if len(raw) > mime.MOST_BYTES:
            raise CommandError("The mail is too large.", returncode=os.EX_DATAERR)
        try:
            mta.take(raw, recipient, sender)
        except Error as error:
            raise CommandError(f"The database does not take it: {error}", returncode=os.EX_TEMPFAIL) from error
