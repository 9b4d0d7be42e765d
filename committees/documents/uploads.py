"""Uploading documents.

`examine` says what an uploaded file is, or raises ValidationError in words for the person. From pictures it removes
metadata. `publish` and `renew` store an examined file; its text is read later, in the background
(committees.documents.reading).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from committees.documents import space
from committees.documents.kinds import (
    ACCEPT_ATTRIBUTE,
    ACCEPTED,
    DOC,
    DOCX,
    GIF,
    JPEG,
    KINDS,
    ODP,
    ODS,
    ODT,
    PDF,
    PNG,
    PPT,
    PPTX,
    TEXT,
    WEBP,
    XLS,
    XLSX,
    Kind,
    kinds_in_words,
    sniff,
)
from committees.documents.reading import ask_to_read
from committees.documents.stripping import seen_only
from committees.models import Committee, Document, DocumentVersion
from members.models import User

if TYPE_CHECKING:
    pass

__all__ = [
    "ACCEPT_ATTRIBUTE", "DOC", "DOCX", "GIF", "JPEG", "KINDS", "ODP", "ODS", "ODT", "PDF", "PNG", "PPT", "PPTX", "TEXT", "WEBP",
    "XLS", "XLSX", "CappedUploadHandler", "Examined", "Kind", "clean_name", "examine", "publish", "renew", "sniff",
]  # fmt: skip


@dataclass(frozen=True)
class Examined:
    """A file that may be stored. `name` is the person's name for it, cleaned."""

    file: File[Any]
    name: str
    kind: Kind
    size: int
    sha256: str


def examine(file: UploadedFile) -> Examined:
    """Say what `file` is. Raises ValidationError when it is too large, not a kind we take, or not what its name says."""
    size = file.size or 0
    if size > settings.DOCUMENT_MAX_BYTES:
        most = filesizeformat(settings.DOCUMENT_MAX_BYTES)
        raise ValidationError(
            _("This file is %(size)s. The most we can take is %(most)s: make it smaller, or split it."),
            "too_large",
            {"size": filesizeformat(size), "most": most},
        )
    if not size:
        raise ValidationError(_("This file is empty. Choose it again."), "empty")
    name = clean_name(file.name or "")
    kind = sniff(file, _ending(name))
    _check_name(name, kind)
    kept = seen_only(file, kind) if kind.is_picture else file
    return Examined(kept, name, kind, kept.size or 0, _digest(kept))


def clean_name(name: str) -> str:
    """A file name for people: no path, no control or direction marks, at most 120 characters with its ending kept."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(
        " " if letter.isspace() else letter
        for letter in name
        if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn") or letter.isspace()
    )
    name = " ".join(re.sub(r'[<>:"|?*]', "", name).split()).strip(" .")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: 119 - len(ending)]}.{ending}" if dot and stem else name[:120] or "file"


def _check_name(name: str, kind: Kind) -> None:
    ending = _ending(name)
    if ending in kind.extensions:
        return
    if ending not in ACCEPTED:
        raise ValidationError(
            _("We can’t take files that end in .%(ending)s. Send %(kinds)s."),
            "ending",
            {"ending": ending[:12], "kinds": kinds_in_words()},
        )
    raise ValidationError(
        _("%(name)s says it is %(said)s, but inside it is %(found)s. Save it again under its real kind."),
        "mismatch",
        {"name": name, "said": ACCEPTED[ending].words, "found": kind.words},
    )


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower().lstrip(".")


def _digest(file: File[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


# Storing ----------------------------------------------------------------------------------------


@transaction.atomic
def publish(committee: Committee, by: User, *, title: str, audience: str, examined: Examined) -> Document:
    """Store a new document of the committee, in its first version. Raises what `renew` does."""
    document = Document.objects.create(committee=committee, title=title, audience=audience)
    renew(document, by, examined)
    return document


@transaction.atomic
def renew(document: Document, by: User, examined: Examined) -> DocumentVersion:
    """Store a newer version of the document; older ones stay.

    Raises ValidationError, in words for the person, when that exceeds the limit of the day.
    """
    space.take(by, examined.size)
    version = DocumentVersion(
        file=File(examined.file, name="upload"),
        name=examined.name,
        content_type=examined.kind.content_type,
        size=examined.size,
        sha256=examined.sha256,
    )
    document.add_version(version, by)
    ask_to_read()
    return version


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Reads the whole request and keeps no more of a file than we accept, so that the form can come back with the error
    and everything else typed in it.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= settings.DOCUMENT_MAX_BYTES:
            super().receive_data_chunk(raw_data, start)
