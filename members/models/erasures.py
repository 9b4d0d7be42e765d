"""That a person is going to be erased, and what keeps them out of lists afterwards: their addresses as hashes alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from members import sealing
from members.models.audit import AuditEntry
from members.models.users import StaffAppointment, User
from members.text.addresses import folded

WAITS = timedelta(days=14)
REMINDED = timedelta(days=3)  # before it happens


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def open(self) -> ErasureQuerySet:
        """Asked for, neither taken back nor done."""
        return self.filter(kept_at=None, done_at=None)

    def due(self) -> ErasureQuerySet:
        return self.open().filter(due_at__lte=Now()).order_by("due_at", "pk")

    def to_remind(self) -> ErasureQuerySet:
        return self.open().filter(reminded_at=None, due_at__lte=Now() + REMINDED).order_by("due_at", "pk")


class Erasure(models.Model):
    """Asked for by the person, or by staff on their behalf (`asked_by`). Until it is done, one tap keeps everything."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="erasures")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField(null=True)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(kept_at=None, done_at=None), name="erasure_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}"

    @classmethod
    @transaction.atomic
    def ask(cls, person: User, by: User) -> tuple[Erasure, bool]:
        """In two weeks. The second is whether it is new.

        Raises PermissionDenied for the last administrator, and to staff who may not decide about this person.
        """
        StaffAppointment.refuse_last_administrator(person)
        if by.pk != person.pk:
            person.refuse_deciding(by)
        person.refuse_erased()
        refuse_merged(person)
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if asked := cls.objects.open().filter(person=person).first():
            return asked, False
        now = timezone.now()
        asked = cls.objects.create(person=person, asked_by=by, asked_at=now, due_at=now + WAITS)
        AuditEntry.record(by, "asked to erase", person)
        return asked, True

    @classmethod
    @transaction.atomic
    def keep(cls, person: User, by: User) -> bool:
        """Nothing is erased. False when nothing was asked for any more."""
        if by.pk != person.pk:
            person.refuse_deciding(by)
        kept = bool(cls.objects.open().filter(person=person).update(kept_at=timezone.now(), kept_by=by))
        if kept:
            AuditEntry.record(by, "kept what was to be erased", person)
        return kept

    @property
    def is_by_staff(self) -> bool:
        return self.asked_by_id != self.person_id


class ErasedAddress(models.Model):
    """An address that somebody had who was erased. Nobody reads it from this; who has it can see that it is one."""

    digest = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.digest[:8]

    @classmethod
    def keep_out(cls, addresses: Iterable[str]) -> None:
        newest = sealing.lasting_keys()[0]
        rows = [ErasedAddress(digest=_digest(each, newest)) for each in sorted(set(addresses))]
        ErasedAddress.objects.bulk_create(rows, ignore_conflicts=True)

    @classmethod
    def among(cls, addresses: Iterable[str]) -> set[str]:
        """Those that an erased person had, with one question."""
        of = {_digest(each, key): each for each in set(addresses) for key in sealing.lasting_keys()}
        return {of[each] for each in cls.objects.filter(pk__in=of).values_list("pk", flat=True)}


def _digest(address: str, key: str) -> str:
    return salted_hmac("members.erasures", folded(address), secret=key, algorithm="sha256").hexdigest()


def refuse_merged(person: User) -> None:
    """Raise PermissionDenied for one account of somebody who has another: both are erased at once."""
    if person.merged_into_id:
        raise PermissionDenied(_("This account was merged into another one. Erase the person there: it goes along."))


def refuse_last(person: User) -> str:
    """Why this person cannot be erased now, "" when they can."""
    try:
        with transaction.atomic():
            StaffAppointment.refuse_last_administrator(person)
    except PermissionDenied:
        return _("You’re the only administrator. Appoint another one first.")
    return ""
