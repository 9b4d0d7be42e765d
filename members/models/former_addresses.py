"""Addresses that people had: a mail server may still answer about one of them. No page shows them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone


class FormerAddressQuerySet(models.QuerySet["FormerAddress"]):
    def reopened(self) -> FormerAddressQuerySet:
        """Those that sign in again, as somebody says that it was not them who left."""
        return self.filter(reopened_at__isnull=False)


class FormerAddress(models.Model):
    """Kept apart from the activity log, which more people read."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="former_addresses")
    email = models.EmailField(max_length=254)
    until = models.DateTimeField()
    reopened_at = models.DateTimeField(
        null=True, editable=False, help_text="it signs in beside the new one until an administrator settles it"
    )

    objects = FormerAddressQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "until"], name="former_address_of")]

    def __str__(self) -> str:
        return f"{self.user} until {self.until:%Y-%m-%d}"

    @classmethod
    def at(cls, user: int, moment: datetime) -> str:
        """The address the person had then, "" when it is the one of today."""
        had = cls.objects.filter(user=user, until__gt=moment).order_by("until", "pk")
        return had.values_list("email", flat=True).first() or ""

    @classmethod
    def reopen(cls, user: int, email: str) -> None:
        """Let the person sign in at this address too."""
        theirs = cls.objects.filter(user=user, email__iexact=email).order_by("-until").first()
        if theirs:
            cls.objects.filter(pk=theirs.pk).update(reopened_at=timezone.now())

    @classmethod
    def close(cls, user: int) -> bool:
        """False when none was open."""
        return bool(cls.objects.reopened().filter(user=user).update(reopened_at=None))
