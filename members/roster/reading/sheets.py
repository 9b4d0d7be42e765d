"""A file that staff bring, as rows and cells: which of its sheets holds people, where the headings stand, what is below.

The file is taken apart in a child process (members/roster/reading/sheet_child.py), so that a harmful one ends only that.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("sheet_child.py")
SECONDS = 60  # however busy the machine is
MOST_BYTES = 30 * 1024 * 1024

SENTENCES = {
    "empty": _("“%(file)s” is empty."),
    "only_headings": _("“%(file)s” has headings and no rows below them."),
    "encrypted": _("“%(file)s” is locked with a password. Save it without one and bring it again."),
    "broken": _("“%(file)s” is damaged. Open it in your spreadsheet, save it again and bring that file."),
    "large": _("“%(file)s” is too large. Split it into smaller files."),
    "long": _("“%(file)s” has more than 100,000 rows. Split it into smaller files."),
    "wide": _("“%(file)s” has more columns than a list of people. Save the list alone as a new file."),
    "slow": _("“%(file)s” takes too long to read. Save the list alone as CSV and bring that file."),
    "picture": _("“%(file)s” is a picture. Bring the list as a spreadsheet or CSV."),
    "pdf": _("“%(file)s” is a PDF. Bring the list as a spreadsheet or CSV."),
    "document": _("“%(file)s” is a document. Copy its table into a spreadsheet and bring that file."),
    "numbers": _("“%(file)s” is from Numbers. Export it as Excel or CSV and bring that file."),
    "archive": _("“%(file)s” is a packed file. Unpack it and bring the list in it."),
    "cards": _("“%(file)s” holds contact cards. Export the contacts as CSV and bring that file."),
    "json": _("“%(file)s” is JSON. Export the list as a spreadsheet or CSV."),
    "xml": _("“%(file)s” is XML. Save it as an Excel workbook (.xlsx) or CSV."),
    "other": _("“%(file)s” is no list. Bring a spreadsheet or CSV."),
}


class Unreadable(Exception):
    """The file cannot be read as a list; its words are a sentence for staff, with what to do. `reason` is a stable word."""

    def __init__(self, reason: str, filename: str) -> None:
        super().__init__(str(SENTENCES[reason]) % {"file": filename})
        self.reason = reason


@dataclass(frozen=True)
class Line:
    """One row of the file. `number` is the one a spreadsheet shows; empty cells at the end are left out.

    `is_torn` where a text has more or fewer cells in this row than in the others.
    """

    number: int
    cells: tuple[str, ...]
    is_torn: bool = False


@dataclass(frozen=True)
class Sheet:
    """The list in a file: the headings, and every line below them with blank lines, totals and notes.

    `name`, `encoding` and `delimiter` say how it was read, "" where that means nothing. `heading_row` is 0 for a file
    without headings: each of `headings` is then "". `hidden` are the indexes of columns that the spreadsheet hides,
    `other_sheets` the names of those that were not read.
    """

    name: str
    encoding: str
    delimiter: str
    heading_row: int
    headings: tuple[str, ...]
    lines: list[Line]
    hidden: frozenset[int] = frozenset()
    other_sheets: tuple[str, ...] = ()


def read_sheet(path: Path, filename: str) -> Sheet:
    """The list in the file at `path`, which people call `filename`. Raises Unreadable."""
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable("large", filename)
    answer = _taken_apart(path, filename)
    if "refused" in answer:
        raise Unreadable(answer["refused"], filename)
    lines = [Line(number, tuple(cells), torn) for number, cells, torn in answer.pop("lines")]
    return Sheet(
        **answer
        | {
            "lines": lines,
            "headings": tuple(answer["headings"]),
            "hidden": frozenset(answer["hidden"]),
            "other_sheets": tuple(answer["other_sheets"]),
        }
    )


def _taken_apart(path: Path, filename: str) -> dict[str, Any]:
    command = [sys.executable, "-I", str(CHILD)]
    with path.open("rb") as file:
        try:
            done = subprocess.run(command, stdin=file, capture_output=True, env={}, timeout=SECONDS, check=True)
        except subprocess.TimeoutExpired:
            raise Unreadable("slow", filename) from None
        except subprocess.CalledProcessError as error:
            logger.info("A list was refused with %s: %s", error.returncode, error.stderr[-300:])
            raise Unreadable(_reason(error.returncode), filename) from None
    return dict(json.loads(done.stdout))


def _reason(code: int) -> str:
    """Out of time (SIGXCPU, SIGKILL), out of memory (SIGABRT, SIGSEGV), or a reader that stumbled."""
    return {-24: "slow", -9: "slow", -6: "large", -11: "large"}.get(code, "broken")
