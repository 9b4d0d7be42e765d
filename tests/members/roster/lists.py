"""Lists for tests of imports: written as staff would have them, read and planned at once."""

from django.core.files.base import ContentFile

from members.models import Import, ImportRow
from members.roster.importing import worker

HEADINGS = "First Name,Last Name,Email,Phone,Office,Place,State,Term Ends"


def brought(*rows: str, by=None, headings: str = HEADINGS, name: str = "winners.csv") -> Import:
    """A list of these rows, planned."""
    content = "\n".join([headings, *rows]).encode()
    imported = Import.begin(by, ContentFile(content), name)
    worker.work()
    imported.refresh_from_db()
    return imported


def carried_out(imported: Import, by=None, choices: dict[int, str] | None = None) -> Import:
    for number, code in (choices or {}).items():
        imported.rows_of.filter(number=number).update(choice=code)
    assert imported.confirm(by, imported.version)
    worker.work()
    imported.refresh_from_db()
    return imported


def plan_of(imported: Import) -> list[tuple[int, str, str]]:
    return list(imported.rows_of.order_by("number").values_list("number", "outcome", "reason"))


def row(imported: Import, number: int) -> ImportRow:
    return imported.rows_of.get(number=number)
