"""The agenda book of a call: one PDF with cover, agenda and papers, for everybody who may read just these.

A book is known by what is in it: `contents` are its words and the versions of its papers, `fingerprint` their digest.
Whoever opens the address is given the book of what they may read at that moment, so a change of the agenda, of a paper or
of who may read it leads to another book and not to this one.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now

from events.models.meetings import Meeting
from members.queries.turns import take_turn

PLACE = "books"  # under MEDIA_ROOT, beside the papers


class BookQuerySet(models.QuerySet["Book"]):
    def waiting(self) -> BookQuerySet:
        """Asked for, and neither built nor given up."""
        return self.filter(built_at=None, failed_at=None)

    def to_build(self) -> BookQuerySet:
        """Those that nobody has in hand, the first asked for first."""
        due = self.waiting().filter(next_try_at__lte=Now(), tries__lt=Book.MOST_TRIES)
        return due.order_by("tries", "asked_at", "pk")

    def in_hand(self) -> BookQuerySet:
        return self.waiting().filter(tries__gt=0, next_try_at__gt=Now())

    def spent(self) -> BookQuerySet:
        return self.waiting().filter(tries__gte=Book.MOST_TRIES, next_try_at__lte=Now())

    def outlived(self) -> BookQuerySet:
        return self.filter(asked_at__lt=Now() - Book.KEPT_FOR).exclude(pk__in=Book.objects.in_hand().values("pk"))


class Book(models.Model):
    """`tries` also says whose hands it is in: what a try that outlived its time finds out is not written down."""

    KEPT_FOR = timedelta(days=3)
    MOST_TRIES = 3
    STEP_LASTS = timedelta(seconds=100)  # longer than any step of building may: then its process died

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="books")
    fingerprint = models.CharField(max_length=64)
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="the name of its folder")
    contents = models.JSONField(default=dict)
    asked_at = models.DateTimeField(db_default=Now())
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    done = models.PositiveSmallIntegerField(default=0, help_text="papers, of those in its contents")
    built_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    pages = models.PositiveSmallIntegerField(default=0)
    size = models.PositiveIntegerField(default=0, help_text="bytes")
    linked = models.PositiveSmallIntegerField(default=0, help_text="papers that it only names")

    objects = BookQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "fingerprint"], name="book_once")]
        indexes = [
            models.Index(fields=["next_try_at"], name="book_to_build", condition=models.Q(built_at=None)),
            models.Index(fields=["asked_at"], name="book_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.meeting} {self.fingerprint[:8]}"

    @property
    def folder(self) -> Path:
        return Path(settings.MEDIA_ROOT) / PLACE / self.key.hex

    @property
    def path(self) -> Path:
        return self.folder / "book.pdf"

    @property
    def is_there(self) -> bool:
        """Built, and its file not lost since, as in a restore."""
        return self.built_at is not None and self.path.exists()

    @property
    def papers(self) -> list[dict[str, Any]]:
        return self.contents["papers"]

    @classmethod
    def of(cls, meeting: Meeting, contents: dict[str, Any]) -> Book | None:
        """The book with just these contents, if somebody asked for it."""
        return cls.objects.filter(meeting=meeting, fingerprint=fingerprint(contents)).first()

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def ask(cls, meeting: Meeting, contents: dict[str, Any]) -> Book:
        """Have it built, once for all who ask; one that failed or is lost is tried again, one that is there stays."""
        asked = Book(meeting=meeting, fingerprint=fingerprint(contents), contents=contents)
        Book.objects.bulk_create([asked], ignore_conflicts=True)
        same = Book.objects.filter(meeting=meeting, fingerprint=asked.fingerprint)
        book = same.select_for_update().get()
        if book.failed_at or (book.built_at and not book.is_there):
            same.update(built_at=None, failed_at=None, tries=0, done=0, next_try_at=Now(), asked_at=Now())
        return book

    @classmethod
    @transaction.atomic
    def claim(cls) -> Book | None:
        """Take the next one in hand, unless another is: only one is built at a time, whatever there is to build."""
        take_turn("books")
        if cls.objects.in_hand().exists():
            return None
        book = cls.objects.to_build().first()
        if book:
            book.tries += 1
            cls.objects.filter(pk=book.pk).update(tries=book.tries, done=0, next_try_at=Now() + cls.STEP_LASTS)
        return book

    def step(self, done: int) -> bool:
        """Say how far it is, and keep it in hand; False when it is another's by now."""
        return bool(self._ours().update(done=done, next_try_at=Now() + self.STEP_LASTS))

    def finish(self, *, pages: int, size: int, linked: int) -> bool:
        return bool(self._ours().update(built_at=Now(), pages=pages, size=size, linked=linked))

    def put_back(self) -> None:
        """A try failed: others that wait come before the next one."""
        self._ours().update(next_try_at=Now())

    def _ours(self) -> BookQuerySet:
        return Book.objects.waiting().filter(pk=self.pk, tries=self.tries)


def fingerprint(contents: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()
