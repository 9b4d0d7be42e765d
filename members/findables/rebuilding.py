"""Fills the index anew from the tables, batch after batch: for a release that brings a kind, or after a repair by hand.

Nothing is locked but a batch's rows of the index. It may run twice, and beside people who save.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import DatabaseError, connection, transaction

from members.queries.indexing import INDEX, Source

BATCH = 200
logger = logging.getLogger(__name__)


@dataclass
class Result:
    """How many rows of the index were written or dropped, and the things that could not be read, with why."""

    changed: int = 0
    bad: dict[int, str] = field(default_factory=dict)


def rebuild(source: Source) -> Result:
    """Make the index say what the table says. One thing that can't be read costs nothing but itself."""
    result, last = Result(), 0
    for first, last in _batches(source.table):
        _keep(source, first, last, result)
    result.changed += _run(source.drop(f"f.key > {last}"))
    return result


def _keep(source: Source, first: int, last: int, result: Result) -> None:
    try:
        result.changed += _batch(source, first, last)
    except DatabaseError as error:
        if first == last:
            result.bad[first] = str(error).partition("\n")[0]
            return
        for key in _keys(source.table, first, last):
            _keep(source, key, key, result)


@transaction.atomic
def _batch(source: Source, first: int, last: int) -> int:
    those, rows = f"t.id BETWEEN {first} AND {last}", f"f.key BETWEEN {first} AND {last}"
    added = _run(source.add(those))
    _run(source.take(rows))
    return added + _run(source.store(those)) + _run(source.drop(rows))


def _batches(table: str) -> Iterator[tuple[int, int]]:
    last = 0
    while keys := _asked(f"SELECT id FROM {table} WHERE id > {last} ORDER BY id LIMIT {BATCH}"):  # noqa: S608
        last = keys[-1]
        yield keys[0], last


def _keys(table: str, first: int, last: int) -> list[int]:
    return _asked(f"SELECT id FROM {table} WHERE id BETWEEN {first} AND {last} ORDER BY id")  # noqa: S608


def without_kind(kinds: list[str]) -> int:
    """Drop what nobody registers any more."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {INDEX} WHERE NOT kind = ANY(%s)", [kinds])  # noqa: S608
        return cursor.rowcount


def _asked(question: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return [key for (key,) in cursor.fetchall()]


def _run(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return max(0, cursor.rowcount)


def fill(*sources: Source) -> None:
    """For migrations: what can't be read is said and left out."""
    for source in sources:
        for key, why in rebuild(source).bad.items():
            logger.warning("Search leaves out %s %s: %s", source.kind, key, why)
