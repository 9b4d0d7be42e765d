"""What a sweep could not do, for staff to see. Gone when it can again."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.db.models.functions import Now


class StumbleQuerySet(models.QuerySet["Stumble"]):
    def note(self, part: str, reason: str) -> None:
        """Once more, since the first time."""
        again = self.filter(part=part).update(tries=F("tries") + 1, reason=reason[:300], last_at=Now())
        if not again:
            self.create(part=part, reason=reason[:300])

    def lasting(self) -> StumbleQuerySet:
        """Failed often enough not to be an accident, the oldest first."""
        return self.filter(tries__gte=Stumble.MOST_TRIES).order_by("since")


class Stumble(models.Model):
    """A part of a sweep that fails again and again; the other parts go on."""

    MOST_TRIES = 3

    part = models.CharField(max_length=60, unique=True)
    tries = models.PositiveIntegerField(default=1)
    since = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=300)

    objects = StumbleQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.part}: {self.reason}"
