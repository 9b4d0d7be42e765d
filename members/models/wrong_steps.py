"""Wrong second steps in a row: after ten the wait doubles with each, up to ten minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models

from members.queries.sql import load
from members.times import clock

FREE = 10  # wrong ones in a row
FIRST_WAIT, LONGEST_WAIT = 60, 600  # seconds; nobody is closed out for longer (docs/adr/0025)
KEPT = timedelta(days=30)
BEGIN = load(__file__, "begin_wrong_steps")


class WrongStepsQuerySet(models.QuerySet["WrongSteps"]):
    def begin(self, user_id: int, device: str) -> int:
        """Count a try as wrong until it turns out right. The how manieth in a row; 0 while one has to wait.

        One statement, so of many at the same moment one is looked at.
        """
        values: dict[str, Any] = {"user": user_id, "device": device, "now": clock.now()}
        limits: dict[str, Any] = {"free": FREE, "first": FIRST_WAIT, "longest": LONGEST_WAIT}
        with connection.cursor() as cursor:
            cursor.execute(BEGIN, values | limits)
            row = cursor.fetchone()
        return row[0] if row else 0

    def was_right(self, user_id: int, device: str) -> None:
        self.filter(user=user_id, device=device).delete()

    def many(self) -> WrongStepsQuerySet:
        """Of the last day, enough not to be a slip."""
        return self.filter(wrong__gte=FREE, wrong_at__gt=clock.now() - timedelta(days=1))

    def outlived(self) -> WrongStepsQuerySet:
        return self.filter(wrong_at__lt=clock.now() - KEPT)


class WrongSteps(models.Model):
    """Of one person; `device` is a browser in which they signed in before, "" all others together."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="wrong_steps")
    device = models.CharField(max_length=30, blank=True)
    wrong = models.PositiveIntegerField(default=0)
    wrong_at = models.DateTimeField(db_index=True)
    told_at = models.DateTimeField(null=True, help_text="when the person was last told by mail")

    objects = WrongStepsQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "wrong steps"
        constraints = [models.UniqueConstraint(fields=["user", "device"], name="wrong_steps_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.wrong}"
