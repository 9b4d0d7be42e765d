"""Codes with which somebody in a staff role adds a first factor: a mailbox alone gives no staff powers."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from members.models.audit import AuditEntry
from members.models.users import User
from members.sealing import lasting_keys

LASTS = timedelta(days=7)
MOST_TRIES = 20
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that are read as another
LENGTH = 12  # letters: 59 bits


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def open(self) -> EnrollmentQuerySet:
        return self.filter(used_at=None, tries__lt=MOST_TRIES, made_at__gt=timezone.now() - LASTS)


class Enrollment(models.Model):
    """A keyed hash of the code, never the code. An administrator hands it over by another way than mail."""

    person = models.ForeignKey(User, models.CASCADE, related_name="enrollments")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0, help_text="wrong ones")
    used_at = models.DateTimeField(null=True)

    objects = EnrollmentQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.person}"

    @classmethod
    @transaction.atomic
    def issue(cls, person: User, by: User | None) -> str:
        """The code, shown this once; the earlier one no longer works. `by` is None from the command line."""
        cls.objects.filter(person=person, used_at=None).delete()
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        cls.objects.create(person=person, digest=_digest_of(person, code), made_by=by)
        AuditEntry.record(by, "made enrollment code", person)
        return "-".join(code[at : at + 4] for at in range(0, LENGTH, 4))

    @classmethod
    def claim(cls, person: User, typed: str) -> bool:
        """Use the code up; False when it is not right, used or too old. A wrong one counts."""
        code = "".join(letter for letter in typed.upper() if letter.isalnum())
        waiting = cls.objects.open().filter(person=person)
        if waiting.filter(digest__in=[_digest_of(person, code, key) for key in lasting_keys()]).update(
            used_at=timezone.now()
        ):
            return True
        waiting.update(tries=F("tries") + 1)
        return False


def _digest_of(person: User, code: str, key: str = "") -> str:
    """`key` is the newest unless another is given."""
    key = key or lasting_keys()[0]
    return salted_hmac("members.enrollments", f"{person.pk}:{code}", secret=key, algorithm="sha256").hexdigest()
