"""Mailed codes: what is kept of each, so that it works once, however many requests bring it at the same moment."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from members.times import clock

LASTS = timedelta(minutes=15)  # city mail is greylisted
KEPT = timedelta(days=1)
MOST_TRIES = 5
SHORT, LONG = 8, 12  # digits, written in groups of four


class Refused(Exception):
    """The code is not accepted; `words` say why and what to do. "used": it was right and has done its work."""

    WORDS = {
        "wrong": _("That code isn’t right. Check the newest email from us."),
        "expired": _("That code has expired. Ask for a new one."),
        "tries": _("That was too many tries. Ask for a new code."),
        "used": _("That code has been used. Ask for a new one."),
    }

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def words(self) -> str:
        return str(self.WORDS[self.reason])


class MailedCodeQuerySet(models.QuerySet["MailedCode"]):
    def open(self) -> MailedCodeQuerySet:
        return self.filter(claimed_at=None, tries__lt=MOST_TRIES, sent_at__gt=clock.now() - LASTS)


class MailedCode(models.Model):
    """A keyed hash of the code, never the code; "" is a code that nothing is right for."""

    purpose = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, blank=True)
    digits = models.PositiveSmallIntegerField(default=SHORT)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, help_text="wrong ones")
    claimed_at = models.DateTimeField(null=True, blank=True)

    objects = MailedCodeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sent_at"], name="mailed_code_sent")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.sent_at:%Y-%m-%d %H:%M}"

    @classmethod
    def issue(cls, purpose: str, address: str, *, usable: bool = True, digits: int = SHORT) -> tuple[MailedCode, str]:
        """The row and the digits to mail."""
        cls.objects.filter(sent_at__lt=clock.now() - KEPT).delete()
        code = f"{secrets.randbelow(10**digits):0{digits}}"
        digest = digest_of(purpose, address, code) if usable else ""
        row = cls.objects.create(purpose=purpose, digest=digest, digits=digits, sent_at=clock.now())
        return row, code

    def claim(self, address: str, typed: str) -> str:
        """Use the code up. Why it is refused, "" when `typed` is right and this is the first to bring it.

        One conditional UPDATE counts a wrong try or claims the row, so requests at the same moment take turns.
        """
        digest = digest_of(self.purpose, address, typed)
        is_right = bool(self.digest) and constant_time_compare(self.digest, digest)
        counted = (
            MailedCode.objects.open()
            .filter(pk=self.pk)
            .update(
                claimed_at=Case(When(Q(digest=digest) & ~Q(digest=""), then=Value(clock.now())), default=None),
                tries=Case(When(Q(digest=digest) & ~Q(digest=""), then=F("tries")), default=F("tries") + 1),
            )
        )
        if counted:
            return "" if is_right else "wrong"
        return self.why_not(is_right)

    @property
    def is_open(self) -> bool:
        return self.claimed_at is None and self.tries < MOST_TRIES and self.sent_at > clock.now() - LASTS

    @property
    def may_be_guessed(self) -> bool:
        return self.digits == SHORT

    def why_not(self, is_right: bool) -> str:
        """Why this code is no longer open."""
        self.refresh_from_db()
        if self.claimed_at:
            return "used" if is_right else "wrong"
        return "tries" if self.tries >= MOST_TRIES else "expired"


def grouped(code: str) -> str:
    """As it is written for people: 4817 2046."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def digest_of(purpose: str, address: str, code: str) -> str:
    return salted_hmac(f"members.codes.{purpose}", f"{address}:{code}", algorithm="sha256").hexdigest()
