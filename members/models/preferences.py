"""What a person wants to be sent, how often, and when not."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationPreference(models.Model):
    """How often one kind of message is wanted. `scope` is "" for everywhere or "committee:<id>" for one committee.

    No row means the kind's default. The narrower scope wins.
    """

    class Cadence(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        DAILY = "daily", _("Once a day")
        WEEKLY = "weekly", _("Once a week")
        NEVER = "never", _("Never")

    IN_DIGESTS = (Cadence.DAILY, Cadence.WEEKLY)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notification_preferences")
    kind = models.CharField(max_length=40)
    scope = models.CharField(max_length=40, blank=True, default="")
    cadence = models.CharField(max_length=8, choices=Cadence)
    stopped_at = models.DateTimeField(
        null=True, editable=False, help_text="by a link in a mail, and its person has not seen it yet"
    )
    before = models.CharField(max_length=8, blank=True, default="", db_default="", editable=False)  # "" for no choice
    told_in = models.BigIntegerField(null=True, editable=False, help_text="the delivery whose mail says so")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "scope"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind} {self.scope} {self.cadence}"


class MessageSettings(models.Model):
    """When messages rest, and which reminders come; clock times are the person's own. No row: no quiet hours, the co-chairs' reminders."""

    class InQuietHours(models.TextChoices):
        """What becomes of a reminder that falls into quiet hours while its call is near."""

        SEND = "send", _("Send it anyway")
        BEFORE = "before", _("Send it 15 minutes before my quiet hours begin")
        SKIP = "skip", _("Leave it out")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="message_settings")
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("until"), null=True, blank=True)
    quiet_reminders = models.CharField(
        _("a reminder in my quiet hours"), max_length=6, choices=InQuietHours, default=InQuietHours.SEND
    )
    reminder_offsets = ArrayField(
        models.PositiveIntegerField(validators=[MinValueValidator(5), MaxValueValidator(28 * 24 * 60)]),
        verbose_name=_("my reminders, minutes before"),
        null=True,
        blank=True,
        size=5,
        help_text=_("Empty: as the co-chairs have it"),
    )
    reminders_set_at = models.DateTimeField(
        null=True, editable=False, help_text="since when these are chosen: none that was past then is owed"
    )

    publications = models.BooleanField(
        _("new publications in the week’s mail"), default=True, db_default=True, help_text=_("of my committees’ issues")
    )

    class Meta:
        verbose_name_plural = "message settings"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.quiet_from} to {self.quiet_until}"
