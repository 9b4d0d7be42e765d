"""Who of staff looked at somebody's contact data, took it away in a file, or saw the portal as they do: for that person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType

from members.models import AuditEntry, ExportedPerson, User

SHOWN = 20
REVEALED, LOOKED_AS = "revealed contact data", "began to look as"  # lines of the activity log


@dataclass(frozen=True)
class Look:
    """`by` is "" for whoever is not known any more; `reason` is theirs for looking through the person's eyes."""

    at: datetime
    by: str
    is_export: bool = False
    is_through_eyes: bool = False
    reason: str = ""


def looks_at(person: User) -> list[Look]:
    """The newest first."""
    about = AuditEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=person.pk)
    seen = about.filter(verb__in=(REVEALED, LOOKED_AS)).values_list("at", "actor__name", "verb", "reason")[:SHOWN]
    exported = ExportedPerson.objects.filter(person=person).order_by("-export_id")
    taken = exported.values_list("export__requested_at", "export__by__name")[:SHOWN]
    looks = [Look(at, by or "", is_through_eyes=verb == LOOKED_AS, reason=reason) for at, by, verb, reason in seen]
    exports = [Look(at, by or "", is_export=True) for at, by in taken]
    return sorted(looks + exports, key=lambda look: look.at, reverse=True)[:SHOWN]
