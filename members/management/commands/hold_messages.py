"""Hold what is due, after a restore that the database can't see: a snapshot of its disk or of the whole machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from members.mail.outgoing.restore_hold import hold


class Command(BaseCommand):
    help = (
        "Keep every message that was due before now, except sign-in codes, until staff decide at /staff/messages/held/."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reason", required=True, help="shown to staff, such as: snapshot of Tuesday night restored"
        )

    def handle(self, *args: Any, reason: str, **options: Any) -> None:
        waiting = hold(reason)
        self.stdout.write(f"Held: {waiting} messages that are due, and what is planned later for a time before now.")
