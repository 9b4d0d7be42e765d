"""Fill the index of search anew, beside people who work. May run twice; what can't be read is named and left out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.findables.kinds import kinds
from members.findables.rebuilding import rebuild, without_kind


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kinds", nargs="*", choices=[*kinds, []], help="all of them when none is named")

    def handle(self, *args: Any, **options: Any) -> None:
        bad = 0
        for name in options["kinds"] or kinds:
            result = rebuild(kinds[name].source)
            self.stdout.write(f"{name}: {result.changed} rows changed")
            for key, why in result.bad.items():
                self.stderr.write(f"{name} {key} is left out: {why}")
            bad += len(result.bad)
        if not options["kinds"]:
            without_kind(list(kinds))
        if bad:
            raise CommandError(f"{bad} things could not be read and are not found.")
