"""Members who took another name lately: it may be that of somebody else, which staff alone can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Now

from members.models import AuditEntry, User

LATELY = timedelta(days=14)
FEW = 5


@dataclass(frozen=True)
class Renamed:
    person: int
    before: str
    after: str
    at: datetime
    is_anothers: bool  # another member has that name


def renamed_lately() -> list[Renamed]:
    """Newest first: a question, and one more where there are any."""
    entries = AuditEntry.objects.filter(
        content_type__app_label="members",
        content_type__model="user",
        verb__in=["changed details", "renamed"],  # by themselves, by an administrator
        before__has_key="name",
        at__gt=Now() - LATELY,
        object_id__in=User.objects.members().values("pk"),
    )[:FEW]
    rows = list(entries)
    if not rows:
        return []
    names = [entry.after.get("name", "") for entry in rows]
    holders: dict[str, set[int]] = {}
    for name, pk in User.objects.members().filter(name__in=names).values_list("name", "pk"):
        holders.setdefault(name, set()).add(pk)
    return [
        Renamed(
            entry.object_id, entry.before["name"], name, entry.at, bool(holders.get(name, set()) - {entry.object_id})
        )
        for entry, name in zip(rows, names, strict=True)
    ]
