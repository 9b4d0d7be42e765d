"""The kind of a file follows from its content, never from its name.

`sniff` looks at the bytes and returns one of the kinds we take, or raises ValidationError in words for the person. It
unpacks nothing and decodes no picture: committees.documents.reader and committees.documents.stripper do that in child
processes.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from committees.documents.reading import decoded

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

UNPACKED_MAX_BYTES = 200 * 1024 * 1024
PACKED_MAX_ENTRIES = 5_000
PICTURE_MAX_PIXELS = 60_000_000
PDF_HEADER_WITHIN = 1024  # bytes: where readers look for it, as mail and web servers put lines in front
OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"
ACTIVE = re.compile(
    r"vbaproject|activex|(^|/)(scripts|basic)/|\.(exe|dll|scr|com|bat|cmd|ps1|js|jse|vbs|vbe|wsf|hta|jar|lnk|msi)$",
    re.IGNORECASE,
)
MARKUP = re.compile(r"\s*(<!doctype|<html|<svg|<\?xml|<script|<!--)", re.IGNORECASE)
PROGRAMS = (b"MZ", b"\x7fELF", b"#!")


@dataclass(frozen=True)
class Kind:
    content_type: str
    words: StrOrPromise  # as people call it: "a PDF"
    extensions: tuple[str, ...]

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")


PDF = Kind("application/pdf", gettext_lazy("a PDF"), ("pdf",))
DOCX = Kind(f"{OFFICE}.wordprocessingml.document", gettext_lazy("a Word document"), ("docx",))
XLSX = Kind(f"{OFFICE}.spreadsheetml.sheet", gettext_lazy("an Excel workbook"), ("xlsx",))
PPTX = Kind(f"{OFFICE}.presentationml.presentation", gettext_lazy("a PowerPoint file"), ("pptx",))
DOC = Kind("application/msword", gettext_lazy("an old Word document"), ("doc",))
XLS = Kind("application/vnd.ms-excel", gettext_lazy("an old Excel workbook"), ("xls",))
PPT = Kind("application/vnd.ms-powerpoint", gettext_lazy("an old PowerPoint file"), ("ppt",))
ODT = Kind(f"{OPEN}.text", gettext_lazy("an OpenDocument text"), ("odt",))
ODS = Kind(f"{OPEN}.spreadsheet", gettext_lazy("an OpenDocument spreadsheet"), ("ods",))
ODP = Kind(f"{OPEN}.presentation", gettext_lazy("an OpenDocument presentation"), ("odp",))
PNG = Kind("image/png", gettext_lazy("a PNG picture"), ("png",))
JPEG = Kind("image/jpeg", gettext_lazy("a JPEG picture"), ("jpg", "jpeg"))
GIF = Kind("image/gif", gettext_lazy("a GIF picture"), ("gif",))
WEBP = Kind("image/webp", gettext_lazy("a WebP picture"), ("webp",))
TEXT = Kind("text/plain", gettext_lazy("plain text"), ("txt", "md", "csv"))
KINDS = (PDF, DOCX, XLSX, PPTX, ODT, ODS, ODP, TEXT, DOC, XLS, PPT, PNG, JPEG, GIF, WEBP)
ACCEPTED = {extension: kind for kind in KINDS for extension in kind.extensions}
ACCEPT_ATTRIBUTE = ",".join(f".{extension}" for extension in ACCEPTED)

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of Office before 2007
OLE_STREAMS = ((DOC, "WordDocument"), (PPT, "PowerPoint Document"), (XLS, "Workbook"), (XLS, "Book"))
OLE_ACTIVE = "_VBA_PROJECT"
OLE_LOCKED = "EncryptedPackage"  # a Word or Excel file of today with a password


def sniff(file: IO[bytes] | File[Any], ending: str = "") -> Kind:
    """The kind of the bytes; the `ending` of the name decides only between kinds with the same bytes.

    Raises ValidationError for anything we do not take.
    """
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    if picture := _picture_by(head):
        return _picture(file, picture)
    if head.startswith(b"PK\x03\x04"):
        return _packed(file)
    if head.startswith(OLE):
        return _old_office(file, ending)
    if _is_pdf(head) and not (ending in TEXT.extensions and _is_text(file)):
        return PDF
    if _is_text(file):
        return TEXT
    raise ValidationError(_("We can’t take this kind of file. Send %(kinds)s."), "kind", {"kinds": kinds_in_words()})


def kinds_in_words() -> str:
    return _("a PDF, a Word, Excel, PowerPoint or OpenDocument file, plain text, or a picture (PNG, JPEG, GIF, WebP)")


def _picture_by(head: bytes) -> Kind | None:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    marks = ((b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG), (b"GIF87a", GIF), (b"GIF89a", GIF))
    return next((kind for mark, kind in marks if head.startswith(mark)), None)


def _is_pdf(head: bytes) -> bool:
    """A header may have something before it, but no program and no page: what is two things is neither."""
    if b"%PDF-" not in head[: PDF_HEADER_WITHIN + 4]:
        return False
    before = head.partition(b"%PDF-")[0]
    return not before.startswith(PROGRAMS) and not MARKUP.search(before.decode("latin-1"))


def _picture(file: Any, kind: Kind) -> Kind:
    try:
        with Image.open(file, formats=[kind.content_type.rpartition("/")[2].upper()]) as picture:
            width, height = picture.size
    except Image.DecompressionBombError:
        raise ValidationError(_("This picture is too large to look at. Make it smaller."), "pixels") from None
    except (OSError, ValueError, SyntaxError):
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
            _("This file unpacks to far more than it seems to hold, so we can’t take it. Save it as a PDF instead."),
            "bomb",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise ValidationError(
            _("This file needs a password, so colleagues couldn’t read it. Save it without one."), "encrypted"
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
    said = _entry(archive, "mimetype").strip().decode("ascii", "replace") if "mimetype" in names else ""
    for kind in (ODT, ODS, ODP):
        if said == kind.content_type:
            return kind
    raise ValidationError(_("We can’t take archives. Send the documents in it one by one."), "archive")


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first part of an entry: enough to recognize it, whatever size it claims."""
    with archive.open(name) as entry:
        return entry.read(1024 * 1024)


def _old_office(file: Any, ending: str) -> Kind:
    """Told by the names of its streams; one in another, as a sheet in a letter, has the streams of both."""
    raw = file.read()
    file.seek(0)

    def has(stream: str) -> bool:
        return f"{stream}\0".encode("utf-16-le") in raw

    if has(OLE_LOCKED):
        raise ValidationError(
            _("This file needs a password, so colleagues couldn’t read it. Save it without one."), "encrypted"
        )
    if has(OLE_ACTIVE):
        raise ValidationError(_("This file holds macros or programs. Save it without them, or as a PDF."), "active")
    found = list(dict.fromkeys(kind for kind, stream in OLE_STREAMS if has(stream)))
    if not found:
        raise ValidationError(
            _("We can’t take this kind of file. Send %(kinds)s."), "kind", {"kinds": kinds_in_words()}
        )
    return next((kind for kind in found if ending in kind.extensions), found[0])


def _is_text(file: Any) -> bool:
    """Readable text without markup at its beginning: a browser must never take it for a page."""
    raw = file.read()
    file.seek(0)
    text = decoded(raw)
    if text is None or MARKUP.match(text.removeprefix("\ufeff")):
        return False
    return not any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\t\n\r\f" for letter in set(text))
