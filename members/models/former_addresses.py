"""Addresses that people had: a mail server may still answer about one of them. No page shows them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models


class FormerAddress(models.Model):
    """Kept apart from the activity log, which more people read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_addresses")
    email = models.EmailField(max_length=254)
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "until"], name="former_address_of")]

    def __str__(self) -> str:
        return f"{self.user} until {self.until:%Y-%m-%d}"

    @classmethod
    def at(cls, user: int, moment: datetime) -> str:
        """The address the person had then, "" when it is the one of today."""
        had = cls.objects.filter(user=user, until__gt=moment).order_by("until", "pk")
        return had.values_list("email", flat=True).first() or ""
