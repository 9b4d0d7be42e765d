"""A cell as text: clean, its formula inert, and what an earlier program read in the wrong encoding put right."""

from __future__ import annotations

import re
from functools import lru_cache

from members.text.cleaning import line

QUOTED = re.compile(r'^="([^"]*)"$')  # ="02134", for spreadsheets that would drop the zero
SHIELD = re.compile(r"^'(?=[=+\-@\t\r])")  # what our own exports and others put before a formula
MANGLED = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
PARTED = re.compile(r"[\r\n]+|\s*:::\s*")


def these(words: str) -> frozenset[str]:
    """The words of a text, for lists of them."""
    return frozenset(words.split())


NOTHING = these(
    "n/a na n.a. none null nil - -- --- – — ? ?? unknown tbd tba (blank) blank nan undefined . #n/a (none) [none] pending * no"
)
NOTHING |= {"not available", "not applicable", "not provided", "no email", "no phone", "not listed"}


@lru_cache(32_768)
def cleaned(cell: str) -> str:
    """One line, as it may be stored."""
    return line(_mended(_bare(cell.strip())))


def parts(cell: str) -> list[str]:
    """The lines of a cell with several, or what a contacts program put into one; each cleaned, none empty."""
    return [part for each in PARTED.split(_bare(cell.strip())) if (part := line(_mended(each)))]


def is_nothing(text: str) -> bool:
    """Whether it says only that there is nothing."""
    return text.strip().lower() in NOTHING


def _bare(cell: str) -> str:
    quoted = QUOTED.match(cell)
    return quoted[1] if quoted else SHIELD.sub("", cell)


def _mended(text: str) -> str:
    """ "MuÃ±oz" is "Muñoz": UTF-8 that was read as Windows text once, or twice."""
    for _twice in range(2):
        if text.isascii() or not MANGLED.search(text):
            return text
        try:
            text = b"".join(map(_byte, text)).decode("utf-8")
        except UnicodeError:
            return text
    return text


def _byte(sign: str) -> bytes:
    return sign.encode("latin-1") if "\x80" <= sign <= "\x9f" else sign.encode("cp1252")
