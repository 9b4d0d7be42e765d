"""What holds a worker's import while it is at it."""

from __future__ import annotations

from django.db.models.functions import Now
from django.utils import timezone

from members.models import Import
from members.models.imports import LEASE, ImportQuerySet


class Lost(Exception):
    """Somebody stopped it, or another worker has it by now."""


def renew(imported: Import, going: ImportQuerySet, done: int, *, further: bool = True) -> None:
    """Inside the transaction of a batch: note how far it is, and hold it until that commits. Raises Lost."""
    values = {"tries": 0} if further else {}
    held = going.filter(pk=imported.pk, lease=imported.lease)
    if not held.update(done=done, leased_until=Now() + LEASE, touched_at=timezone.now(), **values):
        raise Lost
    imported.done = done
