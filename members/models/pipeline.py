"""What the pipeline of messages knows beside its rows: where it runs, and what was sent to many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models.audit import AuditEntry
from members.models.deliveries import Delivery, DeliveryQuerySet
from members.models.users import User

WAIT = timedelta(seconds=60)  # in which what went to many may be taken back
State = Delivery.State


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


@dataclass(frozen=True)
class Undone:
    """What Undo did, in people: `stopped` are not told, `gone` had it already or may have."""

    stopped: int
    gone: int


class BulkSend(models.Model):
    """One message to many people, as somebody sent it: until `goes_at` it may be taken back.

    Its deliveries are those of the same kind, about the same thing and with the same key. `people` are those who get it, as the button said.
    """

    PAUSED = gettext_lazy("The email is paused.")  # the reason of its deliveries while it is

    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=60)
    dedupe_key = models.CharField(max_length=60, blank=True, default="", db_default="")
    people = models.PositiveIntegerField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sendings")
    created_at = models.DateTimeField(db_default=Now())
    goes_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "members_sending"
        constraints = [models.UniqueConstraint(fields=["kind", "about", "dedupe_key"], name="sending_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about} to {self.people}"

    # Questions ---------------------------------------------------------------------------------

    @property
    def is_stopped(self) -> bool:
        return self.stopped_at is not None

    def deliveries(self) -> DeliveryQuerySet:
        return Delivery.objects.filter(kind=self.kind, about=self.about, dedupe_key=self.dedupe_key)

    def seconds_left(self) -> int:
        """Until it goes, by the database's clock; 0 when it went or was stopped."""
        left = models.F("goes_at") - Now()
        waiting = BulkSend.objects.filter(pk=self.pk, stopped_at=None, goes_at__gt=Now())
        found = waiting.values_list(models.ExpressionWrapper(left, models.DurationField()), flat=True).first()
        return max(1, round(found.total_seconds())) if found else 0

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def begin(
        cls,
        kind: str,
        people: Iterable[User] | models.QuerySet[User],
        about: str,
        *,
        dedupe_key: str,
        scope: Any,
        sent_by: User,
        goes_at: datetime | None = None,
    ) -> BulkSend | None:
        """Store the message for these people: at once for few, after WAIT for more than settings.MAIL_HOLD_OVER; not
        before `goes_at`.

        Whom it was told already is not told again; who was not told because it was taken back, is. None when nobody is new.
        """
        if isinstance(people, models.QuerySet):
            audience = people
        else:
            audience = User.objects.filter(pk__in=[person.pk for person in people])
        at = _database_now()
        wait = WAIT if audience.order_by().count() > settings.MAIL_HOLD_OVER else timedelta(0)
        later = goes_at if goes_at and goes_at > at + wait else None
        fact: dict[str, Any] = {"kind": kind, "about": about, "dedupe_key": dedupe_key}
        again = cls._bring_back(audience, fact, models.Value(later) if later else Now() + wait)
        new = again + Delivery.enqueue(people=audience, scope=scope, wait=wait, due_at=later, **fact)
        if not new:
            return None
        moments = {"created_at": at, "goes_at": later or at + wait, "stopped_at": None, "stopped_by": None}
        sending, _made = cls.objects.update_or_create(**fact, defaults={"people": new, "sent_by": sent_by} | moments)
        return sending

    @classmethod
    def _bring_back(cls, people: models.QuerySet[User], fact: dict[str, Any], moment: Any) -> int:
        """What was taken back waits anew: it never left, so nobody can get it twice."""
        if not cls.objects.filter(**fact, stopped_at__isnull=False).exists():
            return 0
        stopped = Delivery.objects.filter(
            **fact, state=State.SUPPRESSED, handovers=0, recipient__in=people.order_by().values("pk")
        )
        return stopped.update(state=State.QUEUED, reason="", due_at=moment, next_try_at=moment, ready_at=None)

    @transaction.atomic
    def undo(self, by: User) -> Undone:
        """Stop what has not left, once; asked again it says the same. A worker that holds such a row finds its lease gone."""
        locked = BulkSend.objects.select_for_update().get(pk=self.pk)
        if locked.is_stopped:
            words = _taken_back_words(locked.stopped_by or by)
            stopped = locked.deliveries().filter(state=State.SUPPRESSED, reason=words).count()
        else:
            stopped = (
                locked.deliveries()
                .unsent()
                .update(state=State.SUPPRESSED, reason=_taken_back_words(by), lease=None, claims=0)
            )
            if stopped:
                BulkSend.objects.filter(pk=self.pk).update(stopped_at=Now(), stopped_by=by)
                AuditEntry.record(by, "took back", locked, after={"people": stopped})
        self.refresh_from_db()
        return Undone(stopped, self.deliveries().filter(handovers__gt=0).count())

    @transaction.atomic
    def pause(self, by: User) -> int:
        """Stop what has not left until `go_on`; for how many. A worker that holds such a row finds its lease gone.

        What the server put off for later waits too; what may have arrived already does not.
        """
        locked = BulkSend.objects.select_for_update().get(pk=self.pk)
        if locked.is_stopped:
            return 0
        unsent = locked.deliveries().filter(state__in=Delivery.UNSENT, repeats=0)
        stopped = unsent.update(state=State.SUPPRESSED, reason=str(self.PAUSED), lease=None, claims=0)
        if stopped:
            BulkSend.objects.filter(pk=self.pk).update(stopped_at=Now(), stopped_by=by)
        self.refresh_from_db()
        return stopped

    @transaction.atomic
    def go_on(self) -> int:
        """Let go what is paused, at its time or now; for how many. Whether each may still go is asked when it does."""
        locked = BulkSend.objects.select_for_update().get(pk=self.pk)
        if not locked.is_stopped:
            return 0
        moment = Greatest(Now(), models.Value(locked.goes_at))
        waiting = (
            locked.deliveries()
            .filter(state=State.SUPPRESSED, reason=str(self.PAUSED))
            .update(state=State.QUEUED, reason="", due_at=moment, next_try_at=moment, ready_at=None)
        )
        BulkSend.objects.filter(pk=self.pk).update(stopped_at=None, stopped_by=None)
        self.refresh_from_db()
        return waiting


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        return cursor.fetchone()[0]


def _taken_back_words(by: User) -> str:
    return _("%(name)s took it back.") % {"name": by.name}
