"""Who of staff looked at somebody's contact data or took it away in a file: for the person whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType

from members.models import AuditEntry, ExportedPerson, User

SHOWN = 20


@dataclass(frozen=True)
class Look:
    """`by` is "" for whoever is not known any more."""

    at: datetime
    by: str
    is_export: bool


def looks_at(person: User) -> list[Look]:
    """The newest first."""
    about = AuditEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=person.pk)
    revealed = about.filter(verb="revealed contact data").values_list("at", "actor__name")[:SHOWN]
    exported = ExportedPerson.objects.filter(person=person).order_by("-export_id")
    taken = exported.values_list("export__requested_at", "export__by__name")[:SHOWN]
    found = [Look(at, by or "", False) for at, by in revealed] + [Look(at, by or "", True) for at, by in taken]
    return sorted(found, key=lambda look: look.at, reverse=True)[:SHOWN]
