"""Rules of how long things are kept, as administrators armed them, and what each would have taken on each day."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from members.models.audit import AuditEntry
from members.models.users import User
from members.times.clock import today

REPORTS = timedelta(days=30)  # that a rule only counts before anybody can arm it


class RetentionRule(models.Model):
    """One of members.privacy.retention, by its name. Without a moment in `armed_at` it counts and takes nothing."""

    name = models.CharField(max_length=40, unique=True)
    since = models.DateField(default=today, help_text="the first day of its report")
    armed_at = models.DateTimeField(null=True)
    armed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    taken = models.PositiveBigIntegerField(default=0, help_text="by all its sweeps")
    swept_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name.replace("_", " ")

    @property
    def armable_on(self) -> date:
        return self.since + REPORTS

    @property
    def may_be_armed(self) -> bool:
        """Once it has reported for thirty days, and the newest count is of these days."""
        counted = self.counts.filter(day__gt=today() - REPORTS)
        return self.armed_at is None and today() >= self.armable_on and counted.exists()

    @transaction.atomic
    def arm(self, by: User) -> bool:
        """From the next sweep on it takes what it counts. False when it is armed already, or may not be."""
        locked = RetentionRule.objects.select_for_update().get(pk=self.pk)
        if not locked.may_be_armed:
            return False
        RetentionRule.objects.filter(pk=self.pk).update(armed_at=timezone.now(), armed_by=by)
        AuditEntry.record(by, "armed", self)
        return True

    @transaction.atomic
    def disarm(self, by: User) -> bool:
        armed = RetentionRule.objects.filter(pk=self.pk, armed_at__isnull=False)
        if not armed.update(armed_at=None, armed_by=None):
            return False
        AuditEntry.record(by, "disarmed", self)
        return True


class RetentionCount(models.Model):
    """What a rule would have taken on a day, or what it took."""

    rule = models.ForeignKey(RetentionRule, models.CASCADE, related_name="counts")
    day = models.DateField(default=today)
    number = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "day"], name="retention_count_once")]

    def __str__(self) -> str:
        return f"{self.rule} {self.day}: {self.number}"
