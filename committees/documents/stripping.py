"""Removes metadata from pictures: places, times, serial numbers, thumbnails.

The picture is decoded and written anew in a child process (committees/documents/stripper.py) before anything is stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _

from committees.documents import apart
from committees.documents.kinds import Kind
from committees.documents.stripper import TOO_LONG

STRIPPER = Path(__file__).with_name("stripper.py")
SECONDS = 40


def seen_only(file: IO[bytes] | File[Any], kind: Kind) -> ContentFile[bytes]:
    """The same picture without metadata. Raises ValidationError when it can't be decoded within the limits."""
    file.seek(0)
    try:
        written = apart.run(STRIPPER, kind.content_type, file.read(), seconds=SECONDS, too_long=TOO_LONG)
    except apart.Refused as refused:
        raise _refusal(refused.code) from None
    finally:
        file.seek(0)
    return ContentFile(written, name="picture")


def _refusal(code: int) -> ValidationError:
    if code == TOO_LONG:
        return ValidationError(
            _("This picture is too large to look at. Make it smaller, or shorter if it moves."), "pixels"
        )
    return ValidationError(_("This picture is damaged. Save it again and try once more."), "damaged")
