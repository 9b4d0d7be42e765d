"""Pictures as one sees them, without what a camera writes beside them: places, times, serial numbers, smaller copies.

Decoded and written anew in a process of its own (committees/documents/stripper.py), before anything is stored.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _

from committees.documents.kinds import Kind
from committees.documents.stripper import TOO_LONG

STRIPPER = Path(__file__).with_name("stripper.py")
SECONDS = 40

logger = logging.getLogger(__name__)


def seen_only(file: IO[bytes] | File[Any], kind: Kind) -> ContentFile[bytes]:
    """The same picture without anything else in it. Raises ValidationError when it cannot be decoded within the limits."""
    file.seek(0)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(STRIPPER), kind.content_type],
            input=file.read(),
            capture_output=True,
            env={},
            timeout=SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        logger.info("A picture was refused: %s", error.stderr[-300:])
        raise _refusal(error.returncode) from None
    except subprocess.TimeoutExpired:
        raise _refusal(TOO_LONG) from None
    finally:
        file.seek(0)
    return ContentFile(done.stdout, name="picture")


def _refusal(code: int) -> ValidationError:
    if code == TOO_LONG:
        return ValidationError(
            _("This picture is too large to look at. Make it smaller, or shorter if it moves."), "pixels"
        )
    return ValidationError(_("This picture is damaged. Save it again and try once more."), "damaged")
