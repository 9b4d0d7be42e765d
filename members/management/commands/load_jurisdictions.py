from typing import Any

from django.core.management.base import BaseCommand

from members.places import loading as jurisdictions


class Command(BaseCommand):
    help = "Load the governments people hold office in (10,397) and the school districts (17,243). Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        rows, changed = jurisdictions.load()
        self.stdout.write(f"{rows:,} governments and school districts, {changed:,} added or changed")
