"""One version of a document: its file, and the text found in it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members.fields import Line
from members.models import User
from members.queries.indexing import Source

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PDF = "application/pdf"
PICTURES = frozenset(["image/gif", "image/jpeg", "image/png", "image/webp"])
MOST_PAGES = 32_767  # a small integer's end: of more, a paper says that it has more
DOCUMENT = Source(  # a paper is found by what its latest version says
    "document",
    "committees_document",
    title="t.title",
    body="coalesce((SELECT v.text FROM committees_documentversion v WHERE v.id = t.latest_id), '')",
    at="(SELECT v.uploaded_at FROM committees_documentversion v WHERE v.id = t.latest_id)",
    only="t.latest_id IS NOT NULL",
)


def storage_name(version: DocumentVersion, filename: str) -> str:
    """A generated path for the file; no part of its name comes from the person."""
    key = uuid.uuid4().hex
    return f"documents/{key[:2]}/{key}"


class DocumentVersionQuerySet(models.QuerySet["DocumentVersion"]):
    def to_read(self) -> DocumentVersionQuerySet:
        """Those to read now; untried ones before those that failed."""
        due = self.filter(read_at=None, next_try_at__lte=Now(), tries__lt=DocumentVersion.MOST_TRIES)
        return due.order_by("tries", "next_try_at", "pk")

    def spent(self) -> DocumentVersionQuerySet:
        """Those tried three times, whether the last try failed or crashed."""
        return self.filter(read_at=None, next_try_at__lte=Now(), tries__gte=DocumentVersion.MOST_TRIES)

    def given_up(self) -> DocumentVersionQuerySet:
        """Latest versions of documents in use that could not be read."""
        return self.filter(
            finding=DocumentVersion.Finding.FAILED, document__latest=models.F("pk"), document__withdrawn_at=None
        )

    def for_listing(self) -> DocumentVersionQuerySet:
        """Without the text, which rows do not show."""
        return self.select_related("document__committee", "uploaded_by").defer("text")

    def counted(self) -> DocumentVersionQuerySet:
        """Annotate `among`, the number of versions of its document."""
        return self.annotate(among=models.Window(models.Count("pk")))


class DocumentVersion(models.Model):
    MOST_TRIES = 3
    TRIES_APART = timedelta(minutes=1)
    TRY_LASTS = timedelta(minutes=2)  # longer than the reader may take: then its process died

    class Finding(models.TextChoices):
        WORDS = "words", _("Its words can be found")
        NO_WORDS = "no_words", _("There are no words in it")
        NOT_READ = "not_read", _("This kind of file is not read")
        LOCKED = "locked", _("It is locked with a password")
        FAILED = "failed", _("It could not be read")

    document = models.ForeignKey("Document", models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    file = models.FileField(upload_to=storage_name, max_length=120)
    name = Line(_("file name"), max_length=160, help_text="what the person called it, cleaned")
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.TextField(blank=True, help_text="extracted, for search and preview")
    word_count = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True, help_text="when its text was extracted, or given up")
    finding = models.CharField(max_length=10, choices=Finding, blank=True, help_text="empty until it was read")
    still = models.BooleanField(default=False, help_text="a PDF that was opened and runs no script")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=300, blank=True, help_text="why the last try failed")
    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="uploads")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    among: int  # of `counted`

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        triggers = [DOCUMENT.kept_with("text", by="latest_id")]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="version_number_unique")]
        indexes = [
            models.Index(fields=["tries", "next_try_at"], name="version_to_read", condition=models.Q(read_at=None)),
            models.Index(fields=["id"], name="version_given_up", condition=models.Q(finding="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    @property
    def extension(self) -> str:
        """The kind as on its icon: PDF, DOC, XLS."""
        ending = self.name.rpartition(".")[2].upper()
        return {"JPEG": "JPG", "WEBP": "WEBP"}.get(ending, ending[:3])

    @property
    def reading_minutes(self) -> int:
        """Minutes at 220 words a minute; 0 when the text is not known."""
        return -(-self.word_count // 220)

    @property
    def extent(self) -> StrOrPromise:
        """The number of pages in words, "" when it is not known."""
        if not self.pages:
            return ""
        if self.pages >= MOST_PAGES:
            return _("more than 32,000 pages")
        return ngettext("%(pages)s page", "%(pages)s pages", self.pages) % {"pages": self.pages}

    @property
    def preview(self) -> str:
        """How its page shows it: "frame", "picture", or "" for not at all."""
        if self.content_type in PICTURES:
            return "picture"
        is_shown = self.content_type == PDF and self.still and self.finding != self.Finding.FAILED
        return "frame" if is_shown else ""

    @property
    def note(self) -> StrOrPromise:
        """A warning for readers, "" when there is none."""
        if self.read_at is None:
            return _("Its text appears here in a moment. Until then, download the file.")
        if self.finding == self.Finding.LOCKED:
            return _("This file is locked with a password. There’s no preview, and search finds it by its title only.")
        if self.finding == self.Finding.FAILED:
            return _("We couldn’t read this file. Search finds it by its title only.")
        if self.finding == self.Finding.NO_WORDS and self.content_type == PDF:
            return _("This looks like a scan: search won’t find its words, only its title.")
        return self._note_without_preview

    @property
    def _note_without_preview(self) -> StrOrPromise:
        if self.content_type == PDF and not self.still:
            return _("This PDF runs a program of its own, so it isn’t shown here. Download it to open it.")
        if not self.text:
            return (
                _("Search finds it by its title only.")
                if self.preview
                else _(
                    "There’s no preview of this file, and search finds it by its title only. Download it to read it."
                )
            )
        return ""
