"""The address of a person's own calendar, as far as it has to be kept: how often it was made anew."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models.functions import Now

from members.models import AuditEntry, User


class CalendarFeed(models.Model):
    """Without a row the first address holds: showing it to everybody stores nothing (events.calendar.feeds makes it)."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="calendar_feed")
    number = models.PositiveIntegerField(default=0, help_text="Addresses with a lower one are revoked")
    created_at = models.DateTimeField(auto_now_add=True)
    renewed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.user_id}.{self.number}"

    @classmethod
    @transaction.atomic
    def renew(cls, user: User) -> CalendarFeed:
        """Revoke the address that holds and make another."""
        cls.revoke(user)
        AuditEntry.record(user, "made a new calendar address", user)
        return cls.objects.get(user=user)

    @classmethod
    @transaction.atomic
    def revoke(cls, user: User) -> None:
        cls.objects.get_or_create(user=user)
        cls.objects.filter(user=user).update(number=models.F("number") + 1, renewed_at=Now())
