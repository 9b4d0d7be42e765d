from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.demo import crowd, loading


class Command(BaseCommand):
    requires_system_checks = []  # `migrate` made them a second ago
    help = "Load the demo network, or bring its calls up to date. Running it again adds nothing that is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset", action="store_true", help="remove everything first, except the governments people hold office in"
        )
        parser.add_argument(
            "--members",
            type=int,
            metavar="N",
            help="grow to N members, with committees, calls and answers in proportion",
        )
        parser.add_argument(
            "--outside-demo", action="store_true", help="load although DEMO is not set (for tests and measuring)"
        )

    def handle(self, *args: Any, reset: bool, members: int | None, outside_demo: bool, **options: Any) -> None:
        if not (settings.DEMO or outside_demo):
            raise CommandError("This fills the database with invented people. Set DEMO=1, or say --outside-demo.")
        if reset:
            loading.reset()
        loaded = loading.load()
        self.stdout.write(f"The demo network is {'loaded' if loaded.new else 'there'}; {loaded.calls} calls put on.")
        if members:
            added = crowd.grow(members)
            self.stdout.write(f"{added:,} invented members added.")
