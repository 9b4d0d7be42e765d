"""Members who took another name lately: it may be that of somebody else, which staff alone can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Value
from django.db.models.functions import Now

from members.models import AuditEntry, User
from members.queries.finding import Shape, Words
from members.text.names import in_latin

FOUND = "found a name"  # written by the migration that looked at all names
LATELY = timedelta(days=14)
FEW = 20


@dataclass(frozen=True)
class Renamed:
    person: int
    before: str
    after: str
    at: datetime
    is_anothers: bool  # somebody else here has a name that reads like it
    was_found: bool = False  # it was there before names were looked at, and could not be cleaned


def renamed_lately() -> list[Renamed]:
    """Newest first: a question, and one more where there are any."""
    entries = AuditEntry.objects.filter(
        content_type__app_label="members",
        content_type__model="user",
        verb__in=["changed details", "renamed", FOUND],  # by themselves, by an administrator, by the portal
        before__has_key="name",
        at__gt=Now() - LATELY,
        object_id__in=User.objects.members().values("pk"),
    )[:FEW]
    rows = list(entries)
    if not rows:
        return []
    names = [entry.after.get("name", "") for entry in rows]
    return [
        Renamed(entry.object_id, entry.before["name"], name, entry.at, is_anothers, entry.verb == FOUND)
        for entry, name, is_anothers in zip(rows, names, _have_others(rows, names), strict=True)
    ]


def _have_others(rows: list[AuditEntry], names: list[str]) -> list[bool]:
    """Whether each name reads like that of somebody other than who took it; one question for all."""
    shapes = {f"shape_{at}": Shape(Words(Value(in_latin(name)))) for at, name in enumerate(names)}
    held: dict[str, set[int]] = {name: set() for name in shapes}
    for row in User.objects.looking_like(*names).annotate(**shapes).values("pk", "shape", *shapes):
        for name in shapes:
            if row[name] == row["shape"]:
                held[name].add(row["pk"])
    return [bool(holders - {row.object_id}) for holders, row in zip(held.values(), rows, strict=True)]
