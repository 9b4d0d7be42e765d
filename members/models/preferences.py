"""What a person wants to be sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationPreference(models.Model):
    """How often one kind of message is wanted. `scope` is "" for everywhere or "committee:<id>" for one committee.

    No row means the kind's default (at once). The narrower scope wins.
    """

    class Cadence(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        NEVER = "never", _("Never")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences")
    kind = models.CharField(max_length=40)
    scope = models.CharField(max_length=40, blank=True, default="")
    cadence = models.CharField(max_length=8, choices=Cadence)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "scope"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind} {self.scope} {self.cadence}"
