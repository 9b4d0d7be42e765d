"""The text of papers, for search, preview and reading time.

Strangers' files are opened in a child process that has little memory, little time, no database and no secrets
(committees/reader.py): a small Word file can unpack to gigabytes. Best effort: asked for after the upload commits,
and a periodic sweep reads what was missed.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils import timezone

from committees.models import DocumentVersion
from members.notifications.kick import wake

READER = Path(__file__).with_name("reader.py")
SECONDS = 30
SWEEP = 6  # of the slowest take less than a task may

logger = logging.getLogger(__name__)


def ask_to_read() -> None:
    """Have a worker read what is new once the upload is committed; what it misses, the next sweep finds."""
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    wake("committees.tasks.read_documents")


@transaction.atomic
def read(pk: int) -> bool:
    """Read one version, unless somebody is at it or it was read. Safe to repeat."""
    version = (
        DocumentVersion.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, read_at=None).first()
    )
    if version is None:
        return False
    found = extract(version)
    version.text = found["text"].replace("\0", "")
    version.pages = found["pages"]
    version.word_count = len(version.text.split())
    version.read_at = timezone.now()
    version.save(update_fields=["text", "pages", "word_count", "read_at"])
    return True


def read_missing() -> int:
    """The sweep: how many were read."""
    unread = DocumentVersion.objects.filter(read_at=None).order_by("pk").values_list("pk", flat=True)[:SWEEP]
    return sum(read(pk) for pk in unread)


def extract(version: DocumentVersion) -> dict[str, Any]:
    """{"text", "pages"}; empty when the file cannot be read within the limits."""
    try:
        with version.file.open("rb") as file:
            return _read_apart(file, version.content_type)
    except (OSError, subprocess.SubprocessError, ValueError) as reason:
        logger.warning("Document version %s could not be read: %s", version.pk, reason)
        return {"text": "", "pages": None}


def _read_apart(file: IO[bytes], content_type: str) -> dict[str, Any]:
    """Run the reader with the file on its standard input. Raises SubprocessError or ValueError when it gives up."""
    done = subprocess.run(
        [sys.executable, "-I", str(READER), content_type],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        timeout=SECONDS,
        check=True,
    )
    return json.loads(done.stdout)


def decoded(raw: bytes) -> str | None:
    """Text as people save it: UTF-8, or what older spreadsheets write; None when it is neither."""
    for encoding in ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return None
