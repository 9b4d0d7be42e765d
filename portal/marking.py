"""Found words, marked: text as HTML with <mark> around them. Everything else of the text is escaped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from portal.searching import START, STOP

WORD = re.compile(r"[^\W_]+(?:['’‘ʼʻ`´\-‐‑][^\W_]+)*")
INSIDE = re.compile(r"['’‘ʼʻ`´\-‐‑]")
STROKED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
ENDING = re.compile(r"(?<=\w{3})(?:ings?|ies|ed|es|s|y|e)$")
PAIR = re.compile(f"{START}([^{START}{STOP}]*){STOP}")
# Signs of a text's form, without which its words read as well.
MARKDOWN = re.compile(r"\]\([^)\s]*\)?|[*_`#>\[\]]{1,3}")


def marked(text: str, words: Sequence[str]) -> SafeString:
    """A title, with the words in it that begin like one of the typed ones or are another form of it."""
    typed = [_plain(word) for word in words]
    found: list[str] = []
    at = 0
    for word in WORD.finditer(text):
        if _is_meant(word[0], typed):
            found += [escape(text[at : word.start()]), "<mark>", escape(word[0]), "</mark>"]
            at = word.end()
    return mark_safe("".join([*found, escape(text[at:])]))  # noqa: S308 (each piece is escaped)


def excerpt(text: str) -> SafeString:
    """What PostgreSQL cut out of a text, with the words that it found there."""
    plain = escape(MARKDOWN.sub("", text))
    shown = PAIR.sub(r"<mark>\1</mark>", plain)
    return mark_safe(shown.replace(START, "").replace(STOP, ""))  # noqa: S308 (escaped before anything is marked)


def _is_meant(word: str, typed: Sequence[str]) -> bool:
    parts = {_plain(word), *map(_plain, INSIDE.split(word))}
    return any(part.startswith(each) or _stem(part) == _stem(each) for each in typed if each for part in parts)


@lru_cache(maxsize=2048)
def _plain(word: str) -> str:
    """As names are compared: small letters without accents, apostrophes and hyphens."""
    small = unicodedata.normalize("NFKD", word.casefold().translate(STROKED))
    return "".join(letter for letter in small if letter.isalnum())


def _stem(word: str) -> str:
    return ENDING.sub("", word)
