"""Searching names as people type them: no matter the case, the accents or the kind of apostrophe."""

import unicodedata
from typing import Any

from django.db.models import Func

ACCENTED = "ÁÀÂÄÃÅĀÇĆČÉÈÊËĒÍÌÎÏĪÑŃÓÒÔÖÕŌŚŠÚÙÛÜŪÝŹŻŽ’‘ʻʼ"
PLAIN = "AAAAAAACCCEEEEEIIIIINNOOOOOOSSUUUUUYZZZ''''"
_TABLE = str.maketrans(ACCENTED, PLAIN)


class Folded(Func):
    """The column in capitals without accents. Built from immutable functions, so an index can hold it."""

    template = f"translate(upper(%(expressions)s), '{ACCENTED}', '{PLAIN.replace(chr(39), chr(39) * 2)}')"
    arity = 1

    def __init__(self, expression: Any, **extra: Any) -> None:
        super().__init__(expression, **extra)


def fold(words: str) -> str:
    """What `Folded` makes of a column, for words typed by a person."""
    return unicodedata.normalize("NFC", words).upper().translate(_TABLE)


def typed_words(text: str, most: int = 6) -> list[str]:
    """The first words of a search, folded; null bytes, which PostgreSQL refuses, are dropped."""
    return fold(text.replace("\0", "")).replace(",", " ").split()[:most]
