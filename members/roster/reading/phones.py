"""Phone numbers as people write them, several in a cell, with extensions, as numbers of a spreadsheet; to E.164."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import phonenumbers

from members.roster.reading.cells import is_nothing, parts

FLOAT = re.compile(r"^(\d{7,15})\.0+$")
APART = re.compile(r"\s*(?:[;|\n]|,(?!\s*(?:x|ext))|(?<=\d{4})\s*/(?=\s*[(+\d])|\bor\b|\band\b|&)\s*", re.IGNORECASE)
MOBILE = re.compile(r"^\W*(?:c|m|cell|mobile|text)\b|\(?\b(?:c|m|cell|mobile)\)?\W*$", re.IGNORECASE)
LABEL = re.compile(
    r"^\W*(?:cell|mobile|home|work|office|main|direct|phone|tel|ph|text|[chmwop])\b\s*[.:#)]*\s*(?=[(+\d])",
    re.IGNORECASE,
)
BEHIND = re.compile(r"\s*[(\[-]?\s*\b(?:cell|mobile|home|work|office|main|direct|[chmwo])\b\.?[)\]]?$", re.IGNORECASE)
NUMBER = re.compile(r"^\+?[\d\s().\-–—/·*]{7,24}(?:\s*,?\s*(?:x|ext\.?|extension|#)\s*\.?\s*\d{1,7})?$", re.IGNORECASE)
ONE_AREA = {
    "AK": "907", "DE": "302", "DC": "202", "HI": "808", "ME": "207", "MT": "406", "NH": "603", "ND": "701", "RI": "401",
    "SD": "605", "VT": "802", "WY": "307", "GU": "671", "VI": "340", "AS": "684", "MP": "670",
}  # fmt: skip


def looks_like_one(cell: str) -> bool:
    found = parts(cell)
    return (
        bool(found)
        and bool(re.search(r"\d", found[0]))
        and any(_looks(BEHIND.sub("", LABEL.sub("", each))) for each in APART.split(found[0]))
    )


def _looks(text: str) -> bool:
    text = FLOAT.sub(r"\1", text.strip())
    return (
        bool(NUMBER.match(text))
        and 10 <= len(re.sub(r"\D", "", re.split(r"x|ext|#", text, flags=re.IGNORECASE)[0])) <= 13
    )


def first_of(cells: Iterable[str], state: str) -> tuple[str, str]:
    """(the number to keep in E.164, what cannot be read). A mobile one first, else the first that can be called."""
    found: list[tuple[bool, int, str]] = []
    unread = ""
    for cell in cells:
        for part in parts(cell):
            for each in filter(None, APART.split(part)):
                number = of(each, state)
                if number:
                    found.append((not MOBILE.search(each), len(found), number))
                elif not is_nothing(each) and re.search(r"\d", each):
                    unread = unread or part
    return (min(found)[2], unread) if found else ("", unread)


@lru_cache(8192)
def of(text: str, state: str) -> str:
    """E.164, "" for what is no number. One without an area code is known where a state has only one."""
    text = FLOAT.sub(r"\1", BEHIND.sub("", LABEL.sub("", text.strip())))
    digits = re.sub(r"\D", "", text)
    if len(digits) == 7 and state in ONE_AREA:
        text = ONE_AREA[state] + digits
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return ""
    return (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(number)
        else ""
    )
