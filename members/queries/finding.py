"""Search by words, the same wherever people search: each typed word is the beginning of a stored word.

PostgreSQL folds both sides with the same functions (migration 0013), so case, accents and the form of apostrophes and
hyphens do not matter: "O Brien", "OBrien" and "O’Brien" are one, and so are "García López" and "Garcialopez".
"""

import re
from collections.abc import Sequence

from django.db.models import BooleanField, F, Func, Q, TextField, Value

from members.text import cleaning

MOST_WORDS = 6
MOST_JOINED = 3
BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212/,;:&()\[\]\"“”„«»+*#|=<>]+")


class Words(Func):
    """SQL function: the searchable words of a column. Immutable, so that a generated column or an index can use it."""

    function = "members_words"
    arity = 1
    output_field = TextField()


class Word(Func):
    """SQL function: a typed word, or a whole name as one word, for comparing two for equality."""

    function = "members_word"
    arity = 1
    output_field = TextField()


class Shape(Func):
    """SQL function: how a name's Words look to eyes, for comparing two for equality: no spaces, and one letter for i, l
    and 1.
    """

    template = "nullif(translate(%(expressions)s, 'i1 =', 'll'), '')"
    arity = 1
    output_field = TextField()


class _Like(Func):
    template = "%(expressions)s"
    arg_joiner = " LIKE "
    output_field = BooleanField()


class _Joined(Func):
    template = "%(expressions)s"
    arg_joiner = " || "
    output_field = TextField()


def typed_words(text: str) -> list[str]:
    """The first words of a search, as typed."""
    words = BETWEEN.split(cleaning.line(text[:200]))
    return [word for word in words if any(letter.isalnum() for letter in word)][:MOST_WORDS]


def found_by(column: str, words: Sequence[str], at: int = 0) -> Q:
    """The condition that `column` (of Words) has the typed word number `at`, alone or joined with its neighbors."""
    word = Value(words[at])
    ways = [begins(column, word), _has_whole(column, word), begins(column, Func(word, function="members_spelled_out"))]
    ways += [begins(column, _Joined(*map(Value, words[start:end]))) for start, end in _around(at, len(words))]
    condition = Q()
    for way in ways:
        condition |= Q(way)
    return condition


def all_found_by(column: str, text: str) -> Q:
    """The condition that `column` has each word of `text`."""
    words = typed_words(text)
    return all_of(column, words) if words else Q(pk__in=[])


def all_of(column: str, words: Sequence[str]) -> Q:
    """As `all_found_by`, for words that are split already."""
    condition = Q()
    for at in range(len(words)):
        condition &= found_by(column, words, at)
    return condition


def _around(at: int, count: int) -> list[tuple[int, int]]:
    """Runs of two and three words with the one at `at` in them."""
    runs = [(start, start + length) for length in range(2, MOST_JOINED + 1) for start in range(at - length + 1, at + 1)]
    return [(start, end) for start, end in runs if start >= 0 and end <= count]


def begins(column: str, word: str | Value | Func) -> _Like:
    """The condition that a word of `column` begins with `word`."""
    word = Value(word) if isinstance(word, str) else word
    return _Like(F(column), Func(word, function="members_beginning", output_field=TextField()))


def _has_whole(column: str, word: Value) -> _Like:
    return _Like(F(column), Func(word, function="members_whole", output_field=TextField()))
