"""One message to one person, from planned to recorded.

The rules are those of docs/messages.md: planned by level, claimed under a lease, re-checked in the
statement that marks the hand-over, recorded. Nothing is deleted; every exit has a reason in words.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.exceptions import EmptyResultSet
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models.functions import Cast, Coalesce, Now
from django.utils.translation import gettext_lazy as _

from members.models.users import User
from members.queries.sql import Sql, load


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def open(self) -> DeliveryQuerySet:
        return self.filter(state__in=Delivery.OPEN)

    def failed(self) -> DeliveryQuerySet:
        """Given up."""
        return self.filter(state=Delivery.State.FAILED)

    def refused(self) -> DeliveryQuerySet:
        """Given up, and neither sent again nor put aside by staff."""
        return self.failed().filter(dismissed_at=None)

    def unknown(self) -> DeliveryQuerySet:
        """Handed over, and the answer of the mail server lost, or the worker that waited for it gone."""
        return self.filter(models.Q(next_try_at__lte=Now()) | ~models.Q(reason=""), state=Delivery.State.SENDING)

    def to_people_like(self, words: str, *, by_address: bool) -> DeliveryQuerySet:
        """To the people of that name; `by_address` to those of that address too, with account or not."""
        people = User.objects.matching(words)
        if not by_address:
            return self.filter(recipient__in=people.values("pk"))
        found = User.objects.filter(email__iexact=words.strip()) | User.objects.filter(pk__in=people.values("pk"))
        return self.filter(models.Q(recipient__in=found.values("pk")) | models.Q(address__iexact=words.strip()))

    def ask_again(self) -> int:
        """Of those that rest for quiet hours: let the next tick decide anew, because the reason may be gone."""
        resting = self.filter(state=Delivery.State.QUEUED, handovers=0, ready_at=models.F("next_try_at"))
        return resting.filter(next_try_at__gt=Now()).update(next_try_at=Now())

    def for_listing(self) -> DeliveryQuerySet:
        return self.select_related("recipient").defer("facts").order_by("-pk")

    def insert_selected(self, rows: models.QuerySet, columns: dict[str, Any]) -> int:
        """Store a delivery for each of `rows`, its fields given as expressions over them. How many are new; the others stay."""
        names = ", ".join(f'"{cast(models.Field, self.model._meta.get_field(name)).column}"' for name in columns)
        try:
            select, parameters = rows.order_by().values_list(*columns.values()).query.sql_with_params()
        except EmptyResultSet:  # nobody, as Django sees without asking
            return 0
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO members_delivery ({names}) {select} ON CONFLICT DO NOTHING", parameters)
            return cursor.rowcount

    def insert_planned(self, kind: str, statement: str, values: dict[str, Any]) -> int:
        """Store a delivery of this kind for each row of a SELECT; how many are new, the others stay.

        Its columns: person_id, about, number (which news of it: the number in `dedupe_key`), minutes (before the call),
        scope, due_at, useless_after.
        """
        with connection.cursor() as cursor:
            cursor.execute(load(__file__, "insert_planned", planned=Sql(statement)), values | {"kind": kind})
            return cursor.rowcount

    def unsent(self) -> DeliveryQuerySet:
        """Those of which nothing left yet, and nothing is about to unless a worker claimed it a moment ago."""
        return self.filter(state__in=Delivery.UNSENT, handovers=0)

    def put_back(self) -> int:
        """Out of the hands of workers, who find their lease gone."""
        return self.filter(state=Delivery.State.CLAIMED).update(state=Delivery.State.QUEUED, lease=None, claims=0)


class Delivery(models.Model):
    """`next_try_at` is the moment before which nobody touches the row: while it is claimed, the end of the lease."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        CLAIMED = "claimed", _("about to be sent")
        SENDING = "sending", _("being handed over")
        DIGESTED = "digested", _("kept for a summary")
        SENT = "sent", _("sent")
        SUPPRESSED = "suppressed", _("not sent")
        EXPIRED = "expired", _("too late to help")
        FAILED = "failed", _("refused")

    class Lane(models.IntegerChoices):
        FAST = 0, _("sign-in codes")
        NORMAL = 1, _("everything else")

    # A worker has something to do with it; a DIGESTED one waits for its digest.
    OPEN = (State.QUEUED, State.CLAIMED, State.SENDING)
    HELD = (State.CLAIMED, State.SENDING)
    UNSENT = (State.QUEUED, State.CLAIMED, State.DIGESTED)

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="deliveries")
    address = models.EmailField(blank=True, default="", db_default="", help_text="where to, when there is no recipient")
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=60, help_text='what it tells of: "meeting:12"')
    about_id = models.GeneratedField(
        expression=Cast(
            models.Func(models.F("about"), models.Value(r":(\d{1,18})$"), function="substring"),
            models.BigIntegerField(),
        ),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
        help_text='the row number in `about`: 12 of "meeting:12"',
    )
    dedupe_key = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text='which news of it, so that none is told twice: "moved:3", "nudge:2026-11-24"; empty where there is one',
    )
    dedupe_number = models.GeneratedField(
        expression=Coalesce(
            Cast(
                models.Func(models.F("dedupe_key"), models.Value(r"^\w+:(\d{1,18})$"), function="substring"),
                models.BigIntegerField(),
            ),
            models.Value(0, models.BigIntegerField()),
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
        help_text='the number in `dedupe_key`: 3 of "moved:3", and 0 without one',
    )
    offset = models.IntegerField(default=0, db_default=0, help_text="minutes before the call")
    scope = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text='where preferences apply: "committee:3"'
    )
    facts = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        encoder=DjangoJSONEncoder,
        help_text="what the text needs and no row keeps",
    )
    lane = models.SmallIntegerField(choices=Lane, default=Lane.NORMAL, db_default=Lane.NORMAL)

    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(
        null=True, help_text="from when it could go, when that was later: quiet hours, a decision of staff"
    )
    useless_after = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_default=State.QUEUED)
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    next_try_at = models.DateTimeField(db_default=Now())
    lease = models.UUIDField(null=True)
    claims = models.SmallIntegerField(default=0, db_default=0, help_text="that ended without a word: workers that died")
    handovers = models.SmallIntegerField(default=0, db_default=0)
    repeats = models.SmallIntegerField(
        default=0, db_default=0, help_text="hand-overs of a mail that may have arrived before"
    )
    failures = models.SmallIntegerField(default=0, db_default=0)
    last_reply = models.CharField(max_length=300, blank=True, default="", db_default="")
    refused_at = models.DateTimeField(null=True, help_text="when the mail server first refused it for good")
    sent_at = models.DateTimeField(null=True)
    message_subject = models.CharField(max_length=200, blank=True, default="", db_default="")
    dismissed_at = models.DateTimeField(null=True, help_text="when staff put a refused one aside")
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    returned_at = models.DateTimeField(
        null=True, help_text="when it came back after it was sent, or was complained about"
    )
    returned_reason = models.CharField(max_length=200, blank=True, default="", db_default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "about", "dedupe_key", "offset"], name="delivery_once"
            ),
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False) | ~models.Q(address=""), name="delivery_has_address"
            ),
            models.CheckConstraint(
                condition=models.Q(lease=None) ^ models.Q(state__in=["claimed", "sending"]),
                name="delivery_lease_while_held",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lane", "next_try_at"],
                name="delivery_open",
                condition=models.Q(state__in=["queued", "claimed", "sending"]),
            ),
            models.Index(fields=["about"], name="delivery_about"),
            models.Index(fields=["sent_at"], name="delivery_sent", condition=models.Q(state="sent")),
            models.Index(
                fields=["state", "-id"],
                name="delivery_stopped",
                condition=models.Q(state__in=["suppressed", "expired", "failed"]),
            ),
            models.Index(fields=["recipient"], name="delivery_digested", condition=models.Q(state="digested")),
            BrinIndex(fields=["due_at"], name="delivery_due", autosummarize=True, pages_per_range=32),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about} to {self.recipient_id or self.address}"

    @property
    def to(self) -> str:
        """The address it goes to."""
        return self.address or (self.recipient.email if self.recipient else "")

    @classmethod
    def enqueue(
        cls,
        kind: str,
        people: Iterable[User] | models.QuerySet[User],
        about: str,
        *,
        dedupe_key: str = "",
        scope: Any = "",
        facts: dict[str, Any] | None = None,
        wait: timedelta = timedelta(0),
        due_at: datetime | None = None,
    ) -> int:
        """Store one row a person in the caller's transaction; a fact already told is not told twice. How many are new.

        `wait` is how long it may still be taken back (members.mail.bulk.sending); `due_at` is when it goes, if not then.
        """
        rows = (
            people
            if isinstance(people, models.QuerySet)
            else User.objects.filter(pk__in=[person.pk for person in people])
        )
        same = {"kind": kind, "about": about, "dedupe_key": dedupe_key}
        columns: dict[str, Any] = {"recipient": models.F("pk")} | {
            name: models.Value(value) for name, value in same.items()
        }
        columns["scope"] = models.Value(scope) if isinstance(scope, str) else scope
        columns["facts"] = models.Value(facts or {}, models.JSONField(encoder=DjangoJSONEncoder))
        if wait or due_at:
            columns["due_at"] = columns["next_try_at"] = models.Value(due_at) if due_at else Now() + wait
        return cls.objects.insert_selected(rows, columns)

    @classmethod
    def enqueue_to(
        cls,
        kind: str,
        address: str,
        about: str,
        recipient: User | None = None,
        *,
        dedupe_key: str = "",
        scope: str = "",
        facts: dict[str, Any] | None = None,
    ) -> Delivery:
        """Store one row to an address that may be nobody's here. Nothing keeps two apart: say it once."""
        return cls.objects.create(
            recipient=recipient,
            address=address,
            kind=kind,
            about=about,
            dedupe_key=dedupe_key,
            scope=scope,
            facts=facts or {},
        )

    @classmethod
    def enqueue_fast(
        cls, kind: str, address: str, facts: dict[str, Any], recipient: User | None = None, *, useful_for: timedelta
    ) -> Delivery:
        """A message somebody is waiting for with the page open, such as a sign-in code; it overtakes everything."""
        return cls.objects.create(
            recipient=recipient,
            address=address,
            kind=kind,
            about=f"{kind}:{uuid.uuid4()}",
            facts=facts,
            lane=cls.Lane.FAST,
            useless_after=Now() + useful_for,
        )


class PermanentFailure(models.Model):
    """A permanent (5xx) rejection, kept four days to tell a dead address from a server-wide block."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="refusals")
    began_at = models.DateTimeField(help_text="when the hand-over began")
    at = models.DateTimeField(db_index=True, help_text="when it was recorded")

    class Meta:
        db_table = "members_refusal"

    def __str__(self) -> str:
        return f"{self.delivery_id} refused at {self.at:%Y-%m-%d %H:%M:%S} UTC"
