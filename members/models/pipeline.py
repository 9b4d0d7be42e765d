"""What the pipeline of messages knows beside its rows: where it runs, and what was sent to many."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Pipeline(models.Model):
    """One row. `identity` names the database server it was written on: another one means a restored backup or a move."""

    identity = models.CharField(max_length=100, blank=True, default="", db_default="")
    seen_at = models.DateTimeField(db_default=Now(), help_text="when a sweep last ran here")
    held_before = models.DateTimeField(null=True, help_text="rows due before this moment wait for staff")
    held_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "pipeline"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="pipeline_is_one_row")]

    def __str__(self) -> str:
        return "messages"


class Sending(models.Model):
    """One message to many people, as somebody sent it: until `goes_at` it may be taken back.

    Its deliveries are those of the same kind, subject and edition.
    """

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=60)
    edition = models.IntegerField(default=0)
    people = models.PositiveIntegerField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sendings")
    created_at = models.DateTimeField(db_default=Now())
    goes_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject", "edition"], name="sending_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} to {self.people}"
