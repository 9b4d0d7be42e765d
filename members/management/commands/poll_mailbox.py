"""What the Celery tick `poll-mailbox` does, by hand: fetch new mail by IMAP."""

from __future__ import annotations

import imaplib
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from members.mail.incoming import mailbox


class Command(BaseCommand):
    help = "Store the unseen mail of the mailbox IMAP_URL and mark it as seen."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IMAP_URL:
            raise CommandError("Set IMAP_URL to imaps://user:password@host/INBOX.")
        try:
            new = mailbox.poll(settings.IMAP_URL)
        except (OSError, imaplib.IMAP4.error, mailbox.Mailbox) as error:
            raise CommandError(f"The mailbox does not answer as it should: {error}") from error
        self.stdout.write(f"{new} new.")
