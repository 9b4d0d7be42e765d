"""What the Celery tick `deliver` does, by hand: hand over what is due."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from members.mail.outgoing.threads import take_turns_quickly
from members.mail.outgoing.worker import deliver


class Command(BaseCommand):
    help = "Hand the messages that are due to the mail server. May run beside the workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=600, help="stop after this time (default %(default)s)")
        parser.add_argument(
            "--conversations", type=int, help="with the mail server at once (default MAIL_CONVERSATIONS)"
        )

    def handle(self, *args: Any, seconds: float, conversations: int | None, **options: Any) -> None:
        take_turns_quickly()
        ends = deliver(seconds, conversations)
        self.stdout.write(", ".join(f"{count} {state}" for state, count in sorted(ends.items())) or "Nothing was due.")
