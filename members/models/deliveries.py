"""One message to one person, from planned to recorded.

The rules are those of docs/messages.md: planned by level, claimed under a lease, re-checked in the
statement that marks the hand-over, recorded. Nothing is deleted; every exit has a reason in words.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.models.users import User


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def open(self) -> DeliveryQuerySet:
        return self.filter(state__in=Delivery.OPEN)


class Delivery(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        LEASED = "leased", _("about to be sent")
        HANDING = "handing", _("being handed over")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("not sent")
        EXPIRED = "expired", _("too late to help")
        DEAD = "dead", _("refused")

    class Lane(models.IntegerChoices):
        FAST = 0, _("sign-in codes")
        NORMAL = 1, _("everything else")

    OPEN = (State.PENDING, State.LEASED, State.HANDING)

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="deliveries")
    address = models.EmailField(blank=True, help_text="where to, when there is no recipient")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=60, help_text='what it is about: "meeting:12"')
    edition = models.IntegerField(default=0)
    offset = models.IntegerField(default=0, help_text="minutes before the call")
    scope = models.CharField(max_length=40, blank=True, help_text='where preferences apply: "committee:3"')
    facts = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder, help_text="what the text needs and no row keeps")
    lane = models.SmallIntegerField(choices=Lane, default=Lane.NORMAL)

    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    useless_after = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING, db_default=State.PENDING)
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    next_try_at = models.DateTimeField(db_default=Now())
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    claims = models.SmallIntegerField(default=0, db_default=0)
    handovers = models.SmallIntegerField(default=0, db_default=0)
    failures = models.SmallIntegerField(default=0, db_default=0)
    last_reply = models.CharField(max_length=300, blank=True, default="", db_default="")
    sent_at = models.DateTimeField(null=True)
    message_subject = models.CharField(max_length=200, blank=True, default="", db_default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["recipient", "kind", "subject", "edition", "offset"], name="delivery_once"),
            models.CheckConstraint(condition=models.Q(recipient__isnull=False) | ~models.Q(address=""), name="delivery_has_address"),
        ]
        indexes = [
            models.Index(fields=["lane", "next_try_at"], name="delivery_open", condition=models.Q(state__in=["pending", "leased", "handing"])),
            models.Index(fields=["subject"], name="delivery_subject"),
            models.Index(fields=["-created_at"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} to {self.recipient_id or self.address}"

    @property
    def subject_id(self) -> int:
        """The row number in `subject`: 12 of "meeting:12"."""
        return int(self.subject.rpartition(":")[2])

    @classmethod
    def enqueue(
        cls,
        kind: str,
        recipients: Iterable[User | int],
        subject: str,
        *,
        edition: int = 0,
        scope: str = "",
        facts: dict[str, Any] | None = None,
        useless_after: datetime | None = None,
    ) -> list[Delivery]:
        """Insert one row a person in the caller's transaction; a fact already told is not told twice."""
        rows = [
            cls(
                recipient_id=person if isinstance(person, int) else person.pk,
                kind=kind,
                subject=subject,
                edition=edition,
                scope=scope,
                facts=facts or {},
                useless_after=useless_after,
            )
            for person in recipients
        ]
        return cls.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)

    @classmethod
    def enqueue_fast(cls, kind: str, address: str, facts: dict[str, Any], recipient: User | None = None, useless_after: datetime | None = None) -> Delivery:
        """A message somebody is waiting for with the page open, such as a sign-in code; it overtakes everything."""
        return cls.objects.create(
            recipient=recipient,
            address=address,
            kind=kind,
            subject=f"{kind}:{uuid.uuid4()}",
            facts=facts,
            lane=cls.Lane.FAST,
            useless_after=useless_after,
        )
