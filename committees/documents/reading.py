"""The text of documents, for search, preview and reading time.

Files are opened in a child process with little memory, little time, no database and no secrets
(committees/documents/reader.py): a small Word file can unpack to gigabytes. It is asked for after the upload commits,
and a periodic sweep reads what was missed.

Each document is claimed in a transaction of its own, so that a crash counts as a try, then read and recorded. After
three failed tries staff see it with the reason. No document waits for another.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from django.db import OperationalError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from committees.documents.reader import clean, decoded
from committees.models import DocumentVersion
from committees.models.versions import MOST_PAGES, DocumentVersionQuerySet
from members.mail.wakeup import wake

READER = Path(__file__).with_name("reader.py")
SECONDS = 15  # for one paper
TICK = 45  # seconds after which a sweep ends and leaves the rest to the next
TOO_LARGE = "54000"  # PostgreSQL: more than an index of words holds
MOST_SAID = 4_000  # bytes of the reader's last words

__all__ = ["ask_to_read", "decoded", "extract", "read", "read_again", "read_apart", "read_missing"]

logger = logging.getLogger(__name__)
Finding = DocumentVersion.Finding


def ask_to_read() -> None:
    """Wake a worker on commit to read new documents; a sweep finds what it misses."""
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    wake("committees.tasks.read_documents")


def read_missing(seconds: float = TICK) -> int:
    """The sweep: read documents until there are none or `seconds` are over. How many were looked at."""
    end, count = time.monotonic() + seconds, 0
    _give_up()
    while time.monotonic() < end and (version := _claim()):
        _read_once(version)
        count += 1
    return count


def read(pk: int) -> bool:
    """Read one version, unless another worker does, it was read, or its next try is later. Safe to repeat."""
    version = _claim(pk=pk)
    if version:
        _read_once(version)
    return version is not None


def read_again(version: DocumentVersion) -> bool:
    """Give a version that could not be read three more tries; False when it was not given up."""
    failed = DocumentVersion.objects.filter(pk=version.pk, finding=Finding.FAILED)
    again = failed.update(read_at=None, finding="", tries=0, next_try_at=Now(), reason="")
    if again:
        ask_to_read()
    return bool(again)


def _claim(**which: Any) -> DocumentVersion | None:
    with transaction.atomic():
        waiting = DocumentVersion.objects.to_read().filter(**which).select_for_update(skip_locked=True, of=("self",))
        version = waiting.defer("text").first()
        if version:
            version.tries += 1
            DocumentVersion.objects.filter(pk=version.pk).update(
                tries=version.tries, next_try_at=Now() + DocumentVersion.TRY_LASTS
            )
    return version


def _read_once(version: DocumentVersion) -> None:
    try:
        _record(version, extract(version))
    except (
        Exception
    ) as error:  # whatever it is, it ends this paper's try and nothing else; without a database the next line says so
        logger.exception("Document version %s could not be read", version.pk)
        _put_back(version, error)


def _ours(version: DocumentVersion) -> DocumentVersionQuerySet:
    """A try that outlived its time leaves the paper to the later one."""
    return DocumentVersion.objects.filter(pk=version.pk, read_at=None, tries=version.tries)


def _put_back(version: DocumentVersion, error: Exception) -> None:
    last = version.tries >= DocumentVersion.MOST_TRIES
    later = Now() if last else Now() + DocumentVersion.TRIES_APART * version.tries
    _ours(version).update(next_try_at=later, reason=_why(error))
    _give_up()


def _give_up() -> None:
    spent = DocumentVersion.objects.spent()
    spent.filter(reason="").update(reason=_("The program that read it was stopped."))
    spent.update(read_at=Now(), finding=Finding.FAILED)


def _why(error: Exception) -> str:
    """In words for staff. What a library says goes with it, cleaned and cut."""
    if isinstance(error, FileNotFoundError):
        return _("The file is gone from the disk.")
    if isinstance(error, subprocess.TimeoutExpired):
        return _("Reading it took too long.")
    if isinstance(error, subprocess.CalledProcessError):
        return _in_words(error)
    return clean(str(error) or type(error).__name__)[:300]


def _in_words(error: subprocess.CalledProcessError) -> str:
    if error.returncode < 0:
        return _("The program that read it was stopped: it took too long, or too much memory.")
    said = clean((error.stderr or b"")[-MOST_SAID:].decode("utf-8", "replace")).rpartition("\n")[2]
    return (_("It seems to be damaged: %(said)s") % {"said": said})[:300]


# Recording --------------------------------------------------------------------------------------


def _record(version: DocumentVersion, found: dict[str, Any]) -> None:
    text = clean(str(found["text"]))
    values = {
        "pages": _within(found["pages"]),
        "word_count": len(text.split()),
        "finding": _finding(found, text),
        "still": bool(found["still"]),
        "reason": "",
    }
    while not _fits(version, text, values):
        text = text[: len(text) // 2]


def _fits(version: DocumentVersion, text: str, values: dict[str, Any]) -> bool:
    """Written, unless the index of words cannot hold so many different ones: then less of it is kept."""
    try:
        with transaction.atomic():
            _ours(version).update(text=text, read_at=Now(), **values)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != TOO_LARGE:
            raise
        return False
    return True


def _within(pages: Any) -> int | None:
    """A file may claim any number of pages; a column holds some."""
    return min(pages, MOST_PAGES) if isinstance(pages, int) and pages > 0 else None


def _finding(found: dict[str, Any], text: str) -> str:
    if found["locked"]:
        return Finding.LOCKED
    if not found["known"]:
        return Finding.NOT_READ
    return Finding.WORDS if text.strip() else Finding.NO_WORDS


# Reading ----------------------------------------------------------------------------------------


def extract(version: DocumentVersion) -> dict[str, Any]:
    """The output of committees.documents.reader. Raises OSError, SubprocessError or ValueError when the file can't be
    read within the limits.
    """
    with version.file.open("rb") as file:
        return read_apart(file, version.content_type)


def read_apart(file: IO[bytes] | bytes, content_type: str) -> dict[str, Any]:
    """Run the reader with the file on its standard input."""
    given: dict[str, Any] = {"input": file} if isinstance(file, bytes) else {"stdin": file}
    done = subprocess.run(
        [sys.executable, "-I", str(READER), content_type],
        **given,
        capture_output=True,
        env={},
        timeout=SECONDS,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found
