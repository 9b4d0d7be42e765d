"""A mail that somebody sent to us, kept as it came before anybody looks into it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.fields import Line


class InboundMailQuerySet(models.QuerySet["InboundMail"]):
    def for_listing(self) -> InboundMailQuerySet:
        return self.select_related("person").defer("raw").order_by("-pk")

    def lately_failed(self) -> InboundMailQuerySet:
        """Given up in the last week: after it, nobody is asked again to look."""
        return self.filter(state=InboundMail.State.FAILED, received_at__gt=Now() - InboundMail.LATELY)

    def counted(self) -> InboundMailQuerySet:
        """Each with how many it is `among`."""
        return self.annotate(among=models.Window(models.Count("pk")))


class InboundMail(models.Model):
    """`next_try_at` is the moment before which nobody reads it: while somebody does, the end of that try."""

    class State(models.TextChoices):
        NEW = "new", _("not read yet")
        DONE = "done", _("read")
        IGNORED = "ignored", _("changed nothing")
        FAILED = "failed", _("could not be read")

    class Via(models.TextChoices):
        WEBHOOK = "webhook", _("the mail provider")
        IMAP = "imap", _("the mailbox")
        LOCAL = "local", _("our mail server")

    MOST_ATTEMPTS = 3
    LATELY = timedelta(days=7)
    TRY_LASTS = timedelta(minutes=6)  # longer than the hard limit of a task: a later try means that this one died

    message_id = models.CharField(max_length=255, unique=True, help_text="or a hash of the mail, when it has none")
    via = models.CharField(max_length=8, choices=Via)
    received_at = models.DateTimeField(db_default=Now())
    raw = models.BinaryField()
    size = models.PositiveIntegerField(
        help_text="bytes as it came; `raw` keeps only the headers of one that is too large"
    )
    envelope_from = models.CharField(
        max_length=320, blank=True, null=True, help_text='"": none, as a bounce; null: not known'
    )
    envelope_to = models.CharField(max_length=320, blank=True, default="")

    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    outcome = Line(max_length=300, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")
    subject = Line(max_length=300, blank=True, default="")
    sender = models.CharField(max_length=320, blank=True, default="", help_text="the bare address of From")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="inbound_mails")

    among: int  # of `counted`

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(message_id=""), name="inbound_has_an_id")]
        indexes = [
            models.Index(fields=["next_try_at"], name="inbound_new", condition=models.Q(state="new")),
            models.Index(fields=["state", "-id"], name="inbound_by_state"),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id
