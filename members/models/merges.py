"""Two accounts that are one person's: pairs that staff should look at, and what was carried when two became one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.fields import Line
from members.models.audit import AuditEntry
from members.models.users import User, in_use

UNDO_FOR = timedelta(days=30)


class PossibleDuplicateQuerySet(models.QuerySet["PossibleDuplicate"]):
    def waiting(self) -> PossibleDuplicateQuerySet:
        """Those that somebody should look at: both accounts are in use, and nobody said that they are two people."""
        return self.filter(in_use("one__"), in_use("other__"), apart_at=None)

    def apart(self) -> PossibleDuplicateQuerySet:
        return self.exclude(apart_at=None)

    def with_person(self, person: int) -> PossibleDuplicateQuerySet:
        return self.filter(models.Q(one=person) | models.Q(other=person))

    def for_listing(self) -> PossibleDuplicateQuerySet:
        return self.select_related("one", "other").order_by("-found_at", "-pk")

    def of_pair(self, one: int, other: int) -> PossibleDuplicateQuerySet:
        return self.filter(one=min(one, other), other=max(one, other))


class PossibleDuplicate(models.Model):
    """Two accounts in the order of their numbers. With `apart_at` staff said that they are two people: it is remembered."""

    class Reason(models.TextChoices):
        EMAIL = "email", _("Same email address")
        PHONE = "phone", _("Same telephone")
        NAME = "name", _("Names alike, in the same place")

    one = models.ForeignKey(User, models.CASCADE, related_name="+")
    other = models.ForeignKey(User, models.CASCADE, related_name="+")
    reasons = ArrayField(models.CharField(max_length=5, choices=Reason), default=list)
    found_at = models.DateTimeField(db_default=Now())
    apart_at = models.DateTimeField(null=True)
    apart_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = PossibleDuplicateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="possible_duplicate_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="possible_duplicate_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one} and {self.other}"

    @property
    def why(self) -> list[str]:
        return [str(self.Reason(reason).label) for reason in self.reasons]

    @classmethod
    def of(cls, one: int, other: int) -> PossibleDuplicate:
        """The row of these two, made when there is none."""
        first, second = sorted((one, other))
        return cls.objects.get_or_create(one_id=first, other_id=second)[0]

    def set_apart(self, by: User) -> bool:
        """Remember that they are two people. False when somebody said so before."""
        waiting = PossibleDuplicate.objects.filter(pk=self.pk, apart_at=None)
        said = bool(waiting.update(apart_at=timezone.now(), apart_by=by))
        if said:
            AuditEntry.record(by, "said it is another person", self.one, after={"user": self.other_id})
        return said

    def suspect_again(self, by: User) -> bool:
        """Undo of `set_apart`."""
        back = bool(PossibleDuplicate.objects.apart().filter(pk=self.pk).update(apart_at=None, apart_by=None))
        if back:
            AuditEntry.record(by, "took back it is another person", self.one, after={"user": self.other_id})
        return back


class MergeQuerySet(models.QuerySet["Merge"]):
    def standing(self) -> MergeQuerySet:
        """Those that nobody took back."""
        return self.filter(undone_at=None)

    def into(self, person: User) -> MergeQuerySet:
        """What this account took up, the newest first."""
        return self.standing().filter(kept=person).select_related("merged").order_by("-pk")

    def for_listing(self) -> MergeQuerySet:
        return self.select_related("kept", "merged", "by", "undone_by").order_by("-pk")

    def lately(self, within: timedelta) -> MergeQuerySet:
        return self.standing().filter(merged_at__gt=Now() - within)

    def outlived(self) -> MergeQuerySet:
        """Those that can no longer be taken back, and still have their rows."""
        return self.filter(models.Exists(MergedRow.objects.filter(merge=models.OuterRef("pk")))).filter(
            merged_at__lte=Now() - UNDO_FOR
        )


class Merge(models.Model):
    """One account took up another. That one keeps its row, closed, so that its address and its links lead to the first."""

    kept = models.ForeignKey(User, models.CASCADE, related_name="merges")
    merged = models.ForeignKey(User, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    merged_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = MergeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=models.Q(undone_at=None), name="merged_once"),
            models.CheckConstraint(condition=~models.Q(kept=models.F("merged")), name="merged_with_another"),
        ]

    def __str__(self) -> str:
        return f"{self.merged} into {self.kept}"

    @property
    def is_undone(self) -> bool:
        return self.undone_at is not None

    @property
    def undo_until(self) -> datetime:
        return self.merged_at + UNDO_FOR


class MergedRow(models.Model):
    """A row that merging changed (`after` says to what) or took away (`after` is empty), and what it was `before`.

    `mark` is a digest of what merging left, where an undo asks whether somebody changed it since; `stays` says why an
    undo left it.
    """

    class Stays(models.TextChoices):
        CHANGED = "changed", _("Changed since")
        GONE = "gone", _("No longer there")
        TAKEN = "taken", _("Something newer stands in its place")

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="rows")
    table = Line(max_length=80)
    row = models.BigIntegerField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    mark = models.CharField(max_length=32, blank=True, default="")
    stays = models.CharField(max_length=8, choices=Stays, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
