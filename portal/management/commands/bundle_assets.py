from typing import Any

from django.core.management.base import BaseCommand

from portal import bundles


class Command(BaseCommand):
    help = "Write app.css, desk.css, settings.css, agenda.css, time.css, app.js and member.js from their sources, where they are missing or out of date."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for path in bundles.write():
            self.stdout.write(f"wrote {path.name}")
