"""Papers coming in: what a file is decides its content, never its name.

`examine` looks at an uploaded file and says what it is, or raises ValidationError in words for the person who sent
it. `publish` and `renew` store an examined file; its text is read afterwards, in the background (committees.reading).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from committees.models import Committee, Document, DocumentVersion
from committees.reading import ask_to_read, decoded
from members.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

UNPACKED_MAX_BYTES = 200 * 1024 * 1024
PACKED_MAX_ENTRIES = 5_000
PICTURE_MAX_PIXELS = 60_000_000
OFFICE = "application/vnd.openxmlformats-officedocument"
ACTIVE = re.compile(
    r"vbaproject|activex|(^|/)(scripts|basic)/|\.(exe|dll|scr|com|bat|cmd|ps1|js|jse|vbs|vbe|wsf|hta|jar|lnk|msi)$",
    re.IGNORECASE,
)
MARKUP = re.compile(rb"\s*(<!doctype|<html|<svg|<\?xml|<script|<!--)", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    content_type: str
    words: StrOrPromise  # as people call it: "a PDF"
    extensions: tuple[str, ...]


PDF = Kind("application/pdf", gettext_lazy("a PDF"), ("pdf",))
DOCX = Kind(f"{OFFICE}.wordprocessingml.document", gettext_lazy("a Word document"), ("docx",))
XLSX = Kind(f"{OFFICE}.spreadsheetml.sheet", gettext_lazy("an Excel workbook"), ("xlsx",))
PPTX = Kind(f"{OFFICE}.presentationml.presentation", gettext_lazy("a PowerPoint file"), ("pptx",))
ODT = Kind("application/vnd.oasis.opendocument.text", gettext_lazy("an OpenDocument text"), ("odt",))
PNG = Kind("image/png", gettext_lazy("a PNG picture"), ("png",))
JPEG = Kind("image/jpeg", gettext_lazy("a JPEG picture"), ("jpg", "jpeg"))
TEXT = Kind("text/plain", gettext_lazy("plain text"), ("txt", "md", "csv"))
KINDS = (PDF, DOCX, XLSX, PPTX, ODT, PNG, JPEG, TEXT)
ACCEPTED = {extension: kind for kind in KINDS for extension in kind.extensions}
ACCEPT_ATTRIBUTE = ",".join(f".{extension}" for extension in ACCEPTED)


@dataclass(frozen=True)
class Examined:
    """A file that may come in. `name` is what the person called it, cleaned."""

    file: UploadedFile
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
    kind = sniff(file)
    _check_name(name, kind)
    return Examined(file, name, kind, size, _digest(file))


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


def sniff(file: IO[bytes] | File[Any]) -> Kind:
    """What the bytes are. Raises ValidationError for anything we do not take."""
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _picture(file, PNG)
    if head.startswith(b"\xff\xd8\xff"):
        return _picture(file, JPEG)
    if head.startswith(b"PK\x03\x04"):
        return _packed(file)
    if _is_text(file):
        return TEXT
    raise ValidationError(_("We can't take this kind of file. Send %(kinds)s."), "kind", {"kinds": kinds_in_words()})


def kinds_in_words() -> str:
    return _("a PDF, a Word, Excel or PowerPoint file, an OpenDocument text, plain text, or a PNG or JPEG picture")


def _check_name(name: str, kind: Kind) -> None:
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    if ending in kind.extensions:
        return
    if ending not in ACCEPTED:
        raise ValidationError(
            _("We can't take files that end in .%(ending)s. Send %(kinds)s."),
            "ending",
            {"ending": ending[:12], "kinds": kinds_in_words()},
        )
    raise ValidationError(
        _("%(name)s says it is %(said)s, but inside it is %(found)s. Save it again under its real kind."),
        "mismatch",
        {"name": name, "said": ACCEPTED[ending].words, "found": kind.words},
    )


def _digest(file: File[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _picture(file: Any, kind: Kind) -> Kind:
    try:
        with Image.open(file, formats=[kind.content_type.rpartition("/")[2].upper()]) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise ValidationError(_("This picture is damaged. Save it again and try once more."), "damaged") from None
    finally:
        file.seek(0)
    if width * height > PICTURE_MAX_PIXELS:
        raise ValidationError(
            _("This picture is too large: %(width)s × %(height)s. Make it smaller."),
            "pixels",
            {"width": width, "height": height},
        )
    return kind


def _packed(file: Any) -> Kind:
    """Office files are zip archives; what is in them says which. Sizes are those the archive declares: no unpacking here."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check_entries(archive.infolist())
            return _packed_kind(archive)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise ValidationError(_("This file is damaged. Save it again and try once more."), "damaged") from None
    finally:
        file.seek(0)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > PACKED_MAX_ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED_MAX_BYTES:
        raise ValidationError(
            _("This file unpacks to far more than it seems to hold, so we can't take it. Save it as a PDF instead."),
            "bomb",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise ValidationError(
            _("This file needs a password, so colleagues couldn't read it. Save it without one."), "encrypted"
        )
    if any(ACTIVE.search(entry.filename) for entry in entries):
        raise ValidationError(_("This file holds macros or programs. Save it without them, or as a PDF."), "active")


def _packed_kind(archive: zipfile.ZipFile) -> Kind:
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        if b"macroenabled" in _entry(archive, "[Content_Types].xml").lower():
            raise ValidationError(_("This file holds macros or programs. Save it without them, or as a PDF."), "active")
        for part, kind in (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX)):
            if part in names:
                return kind
    if "mimetype" in names and _entry(archive, "mimetype").strip() == ODT.content_type.encode():
        return ODT
    raise ValidationError(_("We can't take archives. Send the documents in it one by one."), "archive")


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first part of an entry: enough to recognize it, whatever size it claims."""
    with archive.open(name) as entry:
        return entry.read(1024 * 1024)


def _is_text(file: Any) -> bool:
    """Readable text without markup at its beginning: a browser must never take it for a page."""
    raw = file.read()
    file.seek(0)
    text = decoded(raw)
    if text is None or MARKUP.match(raw.removeprefix(b"\xef\xbb\xbf")):
        return False
    return not any(unicodedata.category(letter) == "Cc" and letter not in "\t\n\r\f" for letter in set(text))


# Storing ----------------------------------------------------------------------------------------


@transaction.atomic
def publish(committee: Committee, by: User, *, title: str, audience: str, examined: Examined) -> Document:
    """A new paper of the committee, in its first version."""
    document = Document.objects.create(committee=committee, title=title, audience=audience)
    renew(document, by, examined)
    return document


@transaction.atomic
def renew(document: Document, by: User, examined: Examined) -> DocumentVersion:
    """The same paper in a newer version; the older ones stay."""
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
    """Takes in the whole request and keeps no more of a file than we accept, so that the form can say what is wrong
    (with everything else typed in it still there) and the disk holds out."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start <= settings.DOCUMENT_MAX_BYTES:
            super().receive_data_chunk(raw_data, start)
