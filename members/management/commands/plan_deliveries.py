"""What the Celery tick `plan` does, by hand: store the messages that should exist now."""

from typing import Any

from django.core.management.base import BaseCommand

from members.mail.outgoing.planning import plan


class Command(BaseCommand):
    help = "Store the messages that should exist now. May run at any time, any number of times."

    def handle(self, *args: Any, **options: Any) -> None:
        planned = plan()
        self.stdout.write("Another sweep is under way." if planned is None else f"{planned} planned.")
