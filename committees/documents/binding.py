"""One PDF of several: strangers' files are opened in child processes alone (committees/documents/binder.py).

They are handed over as open files and come back as files, so that the process that asks holds none of them.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from committees.documents.binder import ACTIVE, LOCKED, TOO_MANY

BINDER = Path(__file__).with_name("binder.py")
PAGES_SECONDS, BIND_SECONDS = 25, 45
WHY = {
    LOCKED: _("It is locked with a password."),
    TOO_MANY: _("It has more than 500 pages."),
    ACTIVE: _("It runs a program of its own."),
}
DAMAGED = _("It could not be read. It may be damaged.")

logger = logging.getLogger(__name__)


class Unbound(Exception):
    """The child gave no file. The words say why, to whoever looks for the paper."""


def pages(paper: IO[bytes], made: Path) -> int:
    """Write the pages of a PDF, without anything else of it, to `made`; how many. Raises Unbound."""
    return _run("pages", made, PAGES_SECONDS, stdin=paper)


def bind(wanted: dict[str, Any], made: Path) -> int:
    """Write one PDF as `committees.documents.binder.bind` says; how many pages. Raises Unbound."""
    return _run("bind", made, BIND_SECONDS, input=json.dumps(wanted).encode())


def _run(act: str, made: Path, seconds: int, **given: Any) -> int:
    command = [sys.executable, "-I", str(BINDER), act, str(made)]
    try:
        done = subprocess.run(command, capture_output=True, env={}, timeout=seconds, check=True, **given)
        return int(json.loads(done.stdout)["pages"])
    except subprocess.CalledProcessError as error:
        logger.info("A PDF was not bound: %s", error.stderr[-300:])
        why = WHY.get(error.returncode, DAMAGED)
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        why = DAMAGED
    made.unlink(missing_ok=True)
    raise Unbound(str(why))
