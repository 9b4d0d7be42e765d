"""Plans the import of a list from the command line, and with --commit carries it out: what the pages of the staff desk do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from members.models import Import, ImportRow, User
from members.roster.importing import worker

State = Import.State


class Command(BaseCommand):
    help = (
        "Say what a list of members (CSV or Excel) would change, and with --commit change exactly that. What staff would "
        "have to look at is left alone: /staff/imports/ has it, row by row."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--commit", action="store_true", help="import what was found, without another question")
        parser.add_argument("--by", metavar="EMAIL", help="who does it, for the activity log")

    def handle(self, *args: Any, file: Path, commit: bool, by: str | None, **options: Any) -> None:
        imported = self._planned(file, self._person(by))
        for outcome in ImportRow.Outcome.values:
            self.stdout.write(f"{imported.counts.get(outcome, 0):>7} {outcome}")
        for reason, number in imported.rows_of.count_reasons():
            self.stdout.write(f"{number:>7}   {reason}")
        if commit:
            self._commit(imported)
        self.stdout.write(f"/staff/imports/{imported.pk}/")

    def _person(self, email: str | None) -> User | None:
        if not email:
            return None
        person = User.objects.who_sign_in_at(email)
        if person is None:
            raise CommandError(f"Nobody signs in at {email}.")
        return person

    def _planned(self, file: Path, by: User | None) -> Import:
        try:
            with file.open("rb") as content:
                imported = Import.begin(by, File(content), file.name[-150:])
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        self._work(imported)
        if imported.state == State.FAILED:
            raise CommandError(imported.failure)
        return imported

    def _commit(self, imported: Import) -> None:
        imported.confirm(imported.uploaded_by, imported.version)
        self._work(imported)
        if imported.state == State.OUTDATED:
            rows = ", ".join(map(str, imported.rows_of.changed_since().values_list("number", flat=True)[:20]))
            raise CommandError(f"Nothing was imported: members changed since the check, in rows {rows}.")
        for done, number in sorted(imported.rows_of.count_done().items()):
            self.stdout.write(f"{number:>7} {done}")

    def _work(self, imported: Import) -> None:
        """Here, unless a worker of the portal is faster."""
        while imported.is_running:
            worker.work_or_wait()
            imported.refresh_from_db()
