"""Files of people that staff asked for: of whom, how far it is, and that it was so, after the file is gone."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.fields import Line
from members.models.audit import AuditEntry
from members.models.users import User
from members.queries.turns import take_turn

KEPT_FOR = timedelta(days=7)
LEASE = timedelta(minutes=2)  # without a word from its worker, another begins it again
MOST_TRIES = 3


def storage_name(export: Export, filename: str) -> str:
    """Nobody guesses it; what people read is `Export.file_name`."""
    return f"exports/{uuid.uuid4().hex}.{export.format}"


class ExportQuerySet(models.QuerySet["Export"]):
    def to_write(self) -> ExportQuerySet:
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=Now())
        return self.filter(free, finished_at=None, stopped_at=None, failed_at=None).order_by("pk")

    def outlived(self) -> ExportQuerySet:
        """Whose file has been kept long enough."""
        return self.filter(requested_at__lt=timezone.now() - KEPT_FOR, file_gone_at=None)

    def of_people(self) -> ExportQuerySet:
        """Those that staff asked for."""
        return self.exclude(format=Export.Format.OWN)

    def own(self, person: User) -> ExportQuerySet:
        """What is held of the person, as they asked for it; the newest first."""
        return self.filter(format=Export.Format.OWN, by=person).order_by("-pk")


class Export(models.Model):
    """A file of people: as a spreadsheet, or for an address book. The row stays when the file is gone: it is the log of whom."""

    class Format(models.TextChoices):
        CSV = "csv", _("CSV, for any spreadsheet and for importing here")
        XLSX = "xlsx", _("Excel (XLSX)")
        VCARD = "vcf", _("Address book (vCard)")
        OWN = "zip", _("All about oneself (ZIP)")

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="exports")
    format = models.CharField(max_length=4, choices=Format)
    words = Line(max_length=300, help_text="of whom, as it was told")
    people_count = models.PositiveIntegerField(default=0)
    requested_at = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    file = models.FileField(upload_to=storage_name, max_length=120, blank=True)
    file_gone_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["by", "-id"], name="export_of")]

    def __str__(self) -> str:
        return self.words

    @classmethod
    @transaction.atomic
    def ask(cls, people: models.QuerySet[User], by: User, *, format: str, words: str) -> Export:  # noqa: A002
        """Write down whose data it holds; a worker writes the file."""
        keys = list(people.order_by().values_list("pk", flat=True))
        export = cls.objects.create(by=by, format=format, words=words[:300], people_count=len(keys))
        ExportedPerson.objects.bulk_create(
            [ExportedPerson(export=export, person_id=key) for key in keys], batch_size=2000
        )
        AuditEntry.record(by, "exported", export, after={"people": len(keys), "format": format})
        return export

    @classmethod
    @transaction.atomic
    def ask_own(cls, person: User) -> Export:
        """All that is held of this person, for them alone. While one is being written, that one."""
        take_turn(f"own data of {person.pk}")
        going_on = cls.objects.own(person).filter(finished_at=None, stopped_at=None, failed_at=None).first()
        if going_on:
            return going_on
        for earlier in cls.objects.own(person).filter(file_gone_at=None):
            earlier.forget_file()
        export = cls.objects.create(by=person, format=cls.Format.OWN)
        AuditEntry.record(person, "asked for their data", person)
        return export

    @property
    def is_ready(self) -> bool:
        return self.finished_at is not None and self.file_gone_at is None and bool(self.file)

    @property
    def is_going_on(self) -> bool:
        return not (self.finished_at or self.stopped_at or self.failed_at)

    @property
    def file_name(self) -> str:
        what = "my-data" if self.format == self.Format.OWN else "members"
        return f"{what}-{timezone.localdate(self.requested_at):%Y-%m-%d}-{self.pk}.{self.format}"

    @property
    def gone_at(self) -> datetime:
        return self.requested_at + KEPT_FOR

    def claim(self) -> bool:
        """Whether this worker may write it now. Tried too often it has failed."""
        claimed = Export.objects.to_write().filter(pk=self.pk)
        if self.tries >= MOST_TRIES:
            claimed.update(failed_at=Now())
            return False
        return bool(claimed.update(leased_until=Now() + LEASE, tries=models.F("tries") + 1, written=0))

    def go_on(self, written: int) -> bool:
        """Say how far it is; False when somebody stopped it."""
        still = Export.objects.filter(pk=self.pk, stopped_at=None, finished_at=None)
        return bool(still.update(written=written, leased_until=Now() + LEASE))

    @transaction.atomic
    def stop(self, by: User) -> bool:
        stopped = Export.objects.filter(pk=self.pk, finished_at=None, failed_at=None, stopped_at=None)
        won = bool(stopped.update(stopped_at=Now()))
        if won:
            AuditEntry.record(by, "stopped", self)
        return won

    def forget_file(self) -> None:
        """What was not finished by then is stopped."""
        if self.file:
            self.file.delete(save=False)
        Export.objects.filter(pk=self.pk).update(file="", file_gone_at=Now())
        Export.objects.filter(pk=self.pk, finished_at=None, stopped_at=None).update(stopped_at=Now())


class ExportedPerson(models.Model):
    """That an export held this person's contact data."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="people")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exported")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["export", "person"], name="exported_once")]

    def __str__(self) -> str:
        return f"{self.person} in {self.export}"
