"""The PDF of a report: checked before it is stored, and removed."""

from __future__ import annotations

import logging
import subprocess
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from committees.documents.kinds import PDF
from committees.documents.reading import read_apart
from committees.documents.uploads import examine
from committees.models import Publication
from committees.models.publications import PDF_COLUMNS
from committees.models.versions import MOST_PAGES
from members.models import AuditEntry, User
from members.web.meanwhile import refuse_changed

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExaminedPdf:
    file: File[Any]
    size: int
    pages: int | None  # None when counting took too long


def examine_pdf(file: UploadedFile) -> ExaminedPdf:
    """Raise ValidationError, in words for the person, unless it is a PDF that everybody can open and that runs nothing."""
    examined = examine(file)
    if examined.kind is not PDF:
        raise ValidationError(_("This is %(kind)s. Save it as a PDF."), "kind", {"kind": examined.kind.words})
    found = _found_in(examined.file)
    if found.get("locked"):
        raise ValidationError(
            _("This PDF is locked with a password, so readers couldn’t open it. Save it without."), "locked"
        )
    if not found.get("still", True):
        raise ValidationError(_("This PDF runs a program of its own. Print it to a PDF, and send that."), "active")
    pages = found.get("pages")
    return ExaminedPdf(examined.file, examined.size, min(pages, MOST_PAGES) if pages else None)


def _found_in(file: File[Any]) -> dict[str, Any]:
    """What the child process says of it. One that only takes long is let in, uncounted: its first pages say nothing bad."""
    try:
        file.seek(0)
        return read_apart(file.read(), PDF.content_type)
    except subprocess.SubprocessError as error:
        logger.info("A PDF was refused: %s", error)
        raise ValidationError(
            _("This PDF can’t be read: it’s damaged, or too large to look through. Save it again, or make it smaller."),
            "damaged",
        ) from None
    finally:
        file.seek(0)


@transaction.atomic
def attach(publication: Publication, by: User, examined: ExaminedPdf, *, seen: str = "") -> Publication:
    """Let readers download this PDF from now on. Raises ChangedMeanwhile when the report has another PDF than the form
    showed.
    """
    locked = Publication.objects.select_for_update(of=["self"]).get(pk=publication.pk)
    refuse_changed(locked, seen, PDF_COLUMNS)
    before = locked.pdf.name
    locked.pdf = File(examined.file, name="upload")
    locked.pdf_size, locked.pdf_pages = examined.size, examined.pages
    locked.save(update_fields=PDF_COLUMNS)
    _forget(before)
    AuditEntry.record(by, "attached the PDF", locked, after={"pages": examined.pages})
    return locked


@transaction.atomic
def detach(publication: Publication, by: User) -> bool:
    """Remove the PDF; False when there is none."""
    locked = Publication.objects.select_for_update(of=["self"]).get(pk=publication.pk)
    if not locked.pdf:
        return False
    before = locked.pdf.name
    locked.pdf, locked.pdf_size, locked.pdf_pages = "", None, None
    locked.save(update_fields=PDF_COLUMNS)
    _forget(before)
    AuditEntry.record(by, "took the PDF off", locked)
    return True


def _forget(path: str | None) -> None:
    """The file goes once it is certain that nobody is led to it."""
    if path:
        transaction.on_commit(partial(default_storage.delete, path), robust=True)
