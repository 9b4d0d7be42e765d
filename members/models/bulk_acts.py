"""One act on many people, as staff decided it: whom it is about, and what became of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from members.fields import Line, Words
from members.models.audit import AuditEntry
from members.models.users import User

UNDO_FOR = timedelta(days=7)


class BulkActQuerySet(models.QuerySet["BulkAct"]):
    def to_do(self) -> BulkActQuerySet:
        return self.filter(finished_at=None).order_by("pk")


class BulkAct(models.Model):
    """What is done to people, by a kind (members.roster.bulk_acts.kinds) with its facts: {"tag": 3}.

    A worker does it, a batch a transaction; `finished_at` is when nobody waits any more. Undone, it is worked through again
    the other way.
    """

    kind = models.CharField(max_length=20)
    facts = models.JSONField(default=dict)
    words = Line(max_length=160, help_text="what it does, as it was told before")
    reason = Words(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="bulk_acts")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = BulkActQuerySet.as_manager()

    def __str__(self) -> str:
        return self.words

    @classmethod
    @transaction.atomic
    def begin(
        cls, kind: str, facts: dict[str, Any], people: models.QuerySet[User], by: User, *, words: str, reason: str = ""
    ) -> BulkAct:
        """Write down whom it is about: later changes of the list change nothing of it."""
        act = cls.objects.create(kind=kind, facts=facts, words=words[:160], reason=reason, by=by)
        keys = people.order_by().values_list("pk", flat=True)
        rows = [BulkActPerson(act=act, person_id=key) for key in keys]
        BulkActPerson.objects.bulk_create(rows, batch_size=2000)
        AuditEntry.record(by, "acted on many", act, after={"people": len(rows)}, reason=reason)
        return act

    @transaction.atomic
    def stop(self, by: User) -> bool:
        """Whoever waits is left as they are."""
        stopped = BulkAct.objects.filter(pk=self.pk, finished_at=None).update(stopped_at=Now(), finished_at=Now())
        if stopped:
            AuditEntry.record(by, "stopped", self)
        self.refresh_from_db()
        return bool(stopped)

    @property
    def may_be_undone(self) -> bool:
        return self.undone_at is None and timezone.now() < self.created_at + UNDO_FOR

    @transaction.atomic
    def undo(self, by: User) -> bool:
        """Take it back for those for whom it was done; for the others it is not done any more. Once."""
        if not self.may_be_undone:
            return False
        undone = BulkAct.objects.filter(pk=self.pk, undone_at=None).update(undone_at=Now(), finished_at=None)
        if undone:
            self.people.filter(state=BulkActPerson.State.WAITING).update(state=BulkActPerson.State.KEPT)
            AuditEntry.record(by, "took back", self)
        self.refresh_from_db()
        return bool(undone)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many are in each state, by its value; states with nobody too."""
        found = self.people.order_by().values_list("state").annotate(n=models.Count("pk"))
        return dict.fromkeys(BulkActPerson.State.values, 0) | dict(found)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def worked(self) -> int:
        """How many have been looked at, in the direction in which it goes."""
        waiting = BulkActPerson.State.DONE if self.undone_at else BulkActPerson.State.WAITING
        return self.total - self.counts[waiting]


class BulkActPerson(models.Model):
    """What an act did to one person, and why not."""

    class State(models.TextChoices):
        WAITING = "waiting", _("not yet")
        DONE = "done", _("done")
        SAME = "same", _("was so already")
        REFUSED = "refused", _("left as they are")
        UNDONE = "undone", _("taken back")
        KEPT = "kept", _("not taken back")

    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="people")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "person"], name="bulk_act_once")]
        indexes = [models.Index(fields=["act", "state", "id"], name="bulk_act_state")]

    def __str__(self) -> str:
        return f"{self.act}: {self.person}"
