"""Lists of people that staff bring: the file, what each of its rows would do, what it did."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.fields import Line
from members.models.audit import AuditEntry

KEPT_FOR = timedelta(days=30)  # the file and its rows, after the last that happened
UNDO_FOR = timedelta(days=7)
LEASE = timedelta(seconds=60)
READING = timedelta(minutes=3)  # of the lease of one whose file is taken apart, in one go
MOST_TRIES = 5


def private_path(instance: Import, name: str) -> str:
    """No name that somebody chose reaches the disk; the ending says how to read it."""
    return f"imports/{uuid.uuid4().hex}"


class ImportQuerySet(models.QuerySet["Import"]):
    def newest_first(self) -> ImportQuerySet:
        return self.select_related("uploaded_by").order_by("-uploaded_at", "-pk")

    def to_plan(self) -> ImportQuerySet:
        return self.filter(planned_at=None, failed_at=None, stopped_at=None)

    def to_commit(self) -> ImportQuerySet:
        return self.filter(
            confirmed_at__isnull=False, finished_at=None, stopped_at=None, outdated_at=None, failed_at=None
        )

    def to_undo(self) -> ImportQuerySet:
        return self.filter(undo_asked_at__isnull=False, undone_at=None)

    def to_look_at(self, since: datetime) -> ImportQuerySet:
        """What somebody of staff has to go on with: to be checked, changed since it was checked, or failed; the oldest first."""
        waits = models.Q(planned_at__isnull=False, confirmed_at=None)
        at_a_stand = models.Q(outdated_at__isnull=False) | models.Q(failed_at__isnull=False)
        return self.filter(waits | at_a_stand, finished_at=None, stopped_at=None, touched_at__gte=since).order_by("pk")

    def running(self) -> ImportQuerySet:
        """What a worker has to do something about, the oldest first."""
        return (self.to_plan() | self.to_commit() | self.to_undo()).order_by("pk")

    def outlived(self) -> ImportQuerySet:
        """Of which the file and the rows are not needed any more."""
        return self.filter(touched_at__lt=timezone.now() - KEPT_FOR).exclude(file="")


class Import(models.Model):
    """One list. What state it is in follows from its moments.

    A worker claims it by a lease and writes down each batch in one transaction with what the batch does, so that a
    killed one is followed by another in the same place.
    """

    class State(models.TextChoices):
        PLANNING = "planning", _("Being read")
        PLANNED = "planned", _("To check")
        IMPORTING = "importing", _("Importing")
        FINISHED = "finished", _("Imported")
        STOPPED = "stopped", _("Stopped")
        OUTDATED = "outdated", _("Changed since the check")
        FAILED = "failed", _("Could not be read")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now())
    touched_at = models.DateTimeField(default=timezone.now)
    file = models.FileField(upload_to=private_path, blank=True, max_length=120)
    name = Line(_("file name"), max_length=150)
    layout = models.CharField(max_length=64, blank=True, default="", help_text="names this order of headings")
    sheet = models.JSONField(default=dict, help_text="what was found of the file: headings, first values, encoding")
    columns = models.JSONField(default=dict, help_text="field by number of column, as guessed or corrected")
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="rows gone through in what it is doing now")
    begun_at = models.DateTimeField(null=True, help_text="when what it is doing now began")
    counts = models.JSONField(default=dict, help_text="rows by outcome")
    version = models.PositiveIntegerField(default=0, help_text="of the plan and the choices: what a page showed")
    planned_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True, help_text="when all rows were found to be as the check showed them")
    outdated_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = Line(max_length=300, blank=True, default="")
    undo_asked_at = models.DateTimeField(null=True)
    undo_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="claims since it last got further")

    objects = ImportQuerySet.as_manager()

    class Meta:
        db_table = "members_import"
        indexes = [models.Index(fields=["-uploaded_at", "-id"], name="import_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> Import.State:
        moments = (
            (self.undone_at, self.State.UNDONE),
            (self.undo_asked_at, self.State.UNDOING),
            (self.finished_at, self.State.FINISHED),
            (self.failed_at, self.State.FAILED),
            (self.stopped_at, self.State.STOPPED),
            (self.outdated_at, self.State.OUTDATED),
            (self.confirmed_at, self.State.IMPORTING),
            (self.planned_at, self.State.PLANNED),
        )
        return next((state for moment, state in moments if moment), self.State.PLANNING)

    @property
    def is_running(self) -> bool:
        return self.state in (self.State.PLANNING, self.State.IMPORTING, self.State.UNDOING)

    @property
    def may_be_undone(self) -> bool:
        """While its rows are there and it is not too long ago."""
        ended = self.finished_at or (self.stopped_at if self.confirmed_at else None)
        return bool(ended and not self.undo_asked_at and ended > timezone.now() - UNDO_FOR)

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def begin(cls, by: Any, file: File[Any], name: str) -> Import:
        """Keep the file, to be read by a worker. `by` is None from the command line."""
        begun = cls(uploaded_by=by, name=name)
        begun.file.save("list", file, save=False)
        begun.save()
        AuditEntry.record(by, "brought a list", begun)
        return begun

    @transaction.atomic
    def plan_again(self, columns: dict[str, str] | None = None) -> bool:
        """Read it once more, with other columns where they are given. False once it was begun to be imported."""
        found: dict[str, Any] = {"columns": columns} if columns is not None else {}
        nothing_done = Import.objects.filter(pk=self.pk, undo_asked_at=None, finished_at=None).exclude(file="")
        again = nothing_done.exclude(rows_of__done_at__isnull=False).update(
            planned_at=None,
            confirmed_at=None,
            confirmed_by=None,
            verified_at=None,
            outdated_at=None,
            stopped_at=None,
            failed_at=None,
            failure="",
            lease=None,
            tries=0,
            done=0,
            begun_at=None,
            touched_at=timezone.now(),
            version=models.F("version") + 1,
            **found,
        )
        self.refresh_from_db()
        return bool(again)

    @transaction.atomic
    def confirm(self, by: Any, seen: int) -> bool:
        """Import what the page of version `seen` showed. False when it shows something else by now."""
        ready = Import.objects.filter(
            pk=self.pk, version=seen, planned_at__isnull=False, confirmed_at=None, stopped_at=None, failed_at=None
        )
        now = timezone.now()
        won = bool(
            ready.update(confirmed_at=now, confirmed_by=by, done=0, begun_at=now, tries=0, lease=None, touched_at=now)
        )
        self.refresh_from_db()
        if won:
            AuditEntry.record(by, "began an import", self, after={"rows": self.rows})
        return won

    @transaction.atomic
    def stop(self, by: Any) -> bool:
        """Nothing more is done from the next batch on; what was done stays. False when nothing was going on."""
        going = Import.objects.filter(pk=self.pk).filter(
            models.Q(pk__in=Import.objects.to_plan().values("pk"))
            | models.Q(pk__in=Import.objects.to_commit().values("pk"))
        )
        won = bool(going.update(stopped_at=timezone.now(), touched_at=timezone.now()))
        self.refresh_from_db()
        if won:
            AuditEntry.record(by, "stopped an import", self)
        return won

    @transaction.atomic
    def go_on(self, by: Any) -> bool:
        """Take up again what was stopped while it was imported."""
        stopped = Import.objects.filter(
            pk=self.pk, stopped_at__isnull=False, confirmed_at__isnull=False, undo_asked_at=None
        )
        won = bool(stopped.update(stopped_at=None, lease=None, tries=0, touched_at=timezone.now()))
        self.refresh_from_db()
        if won:
            AuditEntry.record(by, "began an import", self, after={"rows": self.rows})
        return won

    @transaction.atomic
    def undo(self, by: Any) -> bool:
        """Ask for everything it did to be taken back. False when that is too late or was asked for already."""
        locked = Import.objects.select_for_update().get(pk=self.pk)
        won = locked.may_be_undone
        if won:
            now = timezone.now()
            Import.objects.filter(pk=self.pk).update(
                undo_asked_at=now, undo_asked_by=by, done=0, begun_at=now, lease=None, tries=0, touched_at=now
            )
            AuditEntry.record(by, "took back an import", self)
        self.refresh_from_db()
        return won

    def forget(self) -> None:
        """Drop the file and the rows; that it was, and what it came to, stays."""
        self.rows_of.all().delete()
        self.file.delete(save=False)
        Import.objects.filter(pk=self.pk).update(file="", sheet={})


class ImportRowQuerySet(models.QuerySet["ImportRow"]):
    def in_order(self) -> ImportRowQuerySet:
        return self.select_related("member").order_by("number")

    def to_look_at(self) -> ImportRowQuerySet:
        """What staff decide, and whom they may not bring back."""
        return self.filter(
            models.Q(outcome=ImportRow.Outcome.SUSPECT) | models.Q(reason=ImportRow.STAYS_OUT),
        )

    def of(self, *outcomes: str) -> ImportRowQuerySet:
        return self.filter(outcome__in=outcomes)

    def not_done(self) -> ImportRowQuerySet:
        return self.filter(done_at=None)

    def not_taken(self) -> ImportRowQuerySet:
        """Rows a person could be made of once they are corrected."""
        return self.filter(models.Q(outcome=ImportRow.Outcome.REJECT) | models.Q(done=ImportRow.Done.FAILED))

    def to_take_back(self) -> ImportRowQuerySet:
        """What wrote something, the last of the file first."""
        wrote = self.filter(done__in=[ImportRow.Done.CREATED, ImportRow.Done.UPDATED], undone_at=None)
        return wrote.order_by("-number")

    def about(self, people: Iterable[int]) -> ImportRowQuerySet:
        """Of those whom they added or updated."""
        return self.filter(wrote__user__in=list(people))

    def count_done(self) -> dict[str, int]:
        """Rows by what became of them."""
        done = self.exclude(done="").order_by().values_list("done").annotate(n=models.Count("pk"))
        return dict(done)

    def count_reasons(self) -> list[tuple[str, int]]:
        """Of rows that are not simply taken, the most frequent first."""
        told = self.filter(
            outcome__in=[ImportRow.Outcome.SUSPECT, ImportRow.Outcome.REJECT, ImportRow.Outcome.IGNORE]
        ).order_by()
        counted = told.values_list("reason").annotate(n=models.Count("pk"))
        return sorted(counted, key=lambda each: (-each[1], each[0]))

    def changed_since(self) -> ImportRowQuerySet:
        return self.filter(done_reason=ImportRow.CHANGED_SINCE)


class ImportRow(models.Model):
    """One row of a list. `choices` are what may be done with it, the first that is chosen or safe is done.

    A choice is {"code", "member", "fingerprint", "changes"}: a code such as "update:12", what would change and to what.
    """

    class Outcome(models.TextChoices):
        CREATE = "create", _("New member")
        UPDATE = "update", _("Updated")
        UNCHANGED = "unchanged", _("Already the same")
        MERGE = "merge", _("Merged into another row")
        SUSPECT = "suspect", _("Needs a look")
        REJECT = "reject", _("Rejected")
        IGNORE = "ignore", _("Ignored")

    class Done(models.TextChoices):
        CREATED = "created", _("Added")
        UPDATED = "updated", _("Updated")
        UNCHANGED = "unchanged", _("Already the same")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Not imported")

    SKIP = "skip"
    STAYS_OUT = "asked_to_be_removed"
    CHANGED_SINCE = "changed_since"

    imported = models.ForeignKey(Import, models.CASCADE, related_name="rows_of")
    number = models.PositiveIntegerField(help_text="as a spreadsheet shows it")
    outcome = models.CharField(max_length=9, choices=Outcome)
    reason = models.CharField(max_length=60, blank=True, default="")
    value = Line(max_length=300, blank=True, default="", help_text="what stood where the reason is")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    into = models.PositiveIntegerField(null=True, help_text="the row of the file that is the same person")
    person = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="what the row says, cleaned")
    cells = models.JSONField(default=list, help_text="as they stood in the file")
    choices = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    safe = models.CharField(max_length=30, blank=True, default="", help_text="what is done unless staff choose")
    choice = models.CharField(max_length=30, blank=True, default="", help_text="what staff chose")
    done = models.CharField(max_length=9, choices=Done, blank=True, default="")
    done_reason = models.CharField(max_length=60, blank=True, default="")
    done_at = models.DateTimeField(null=True)
    wrote = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="what was there before and after")
    undone_at = models.DateTimeField(null=True)
    undo_reason = models.CharField(max_length=60, blank=True, default="", help_text="why it was not taken back")

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        db_table = "members_import_row"
        constraints = [models.UniqueConstraint(fields=["imported", "number"], name="import_row_once")]
        indexes = [
            models.Index(fields=["imported", "outcome", "reason", "number"], name="import_row_outcome"),
            models.Index(fields=["imported", "number"], condition=models.Q(done_at=None), name="import_row_to_do"),
        ]

    def __str__(self) -> str:
        return f"{self.imported_id}:{self.number}"

    @property
    def chosen(self) -> str:
        """The code of what will be done; "" while staff have to choose."""
        return self.choice or self.safe

    @property
    def will_do(self) -> dict[str, Any] | None:
        """The choice that is taken, None when the row is left alone."""
        return next((each for each in self.choices if each["code"] == self.chosen != self.SKIP), None)


class ImportLayout(models.Model):
    """What staff said of the columns of lists that look like this one."""

    key = models.CharField(max_length=64, primary_key=True)
    columns = models.JSONField(default=dict)
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    corrected_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "members_import_layout"

    def __str__(self) -> str:
        return self.key

    @classmethod
    def remember(cls, key: str, columns: dict[str, str], by: Any) -> None:
        cls.objects.update_or_create(
            key=key, defaults={"columns": columns, "corrected_by": by, "corrected_at": timezone.now()}
        )

    @classmethod
    def of(cls, key: str) -> dict[str, str] | None:
        """The columns as they were corrected last, None where nobody did."""
        return cls.objects.filter(key=key).values_list("columns", flat=True).first()
