from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal import bundles


class Command(BaseCommand):
    help = "Write app.css and app.js from their sources. With --check only say whether they are up to date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        for path, text in bundles.contents().items():
            if path.is_file() and path.read_text() == text:
                continue
            if check:
                self.stderr.write(f"{path.name} is out of date: run manage.py bundle_assets")
                raise SystemExit(1)
            path.write_text(text)
            self.stdout.write(f"wrote {path.name}")
