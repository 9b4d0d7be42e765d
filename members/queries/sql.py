"""SQL of more than five lines stands in files: sql/<name>.sql beside the module that runs it.

In a file `$name` is known when the module is imported: a state, a number of ours, another piece of SQL. It is written into
the statement, so that partial indexes serve it however it is planned. `%(name)s` is a parameter of each run, as everywhere.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from django.db.models import QuerySet


class Sql(str):
    """A statement or a piece of one, as opposed to a text in it."""


def load(module: str, name: str, **known: Any) -> Sql:
    """The statement `name` of a module (its `__file__`), without the lines that are comments."""
    return piece(_text(Path(module).parent / "sql" / f"{name}.sql"), **known)


@cache
def _text(path: Path) -> str:
    return "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("--"))


def piece(text: str, **known: Any) -> Sql:
    """One that is short enough to stand where it is used."""
    return Sql(Template(text).substitute({name: literal(value) for name, value in known.items()}))


def literal(value: Any) -> str:
    """As it is written into a statement; of several, between commas."""
    if isinstance(value, Sql):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(literal, value))
    if isinstance(value, int):
        return str(int(value))
    return "'" + str(value).replace("'", "''") + "'"


def members_of(choices: type[Enum]) -> dict[str, Any]:
    """The words of an enumeration by their names, for `load`: $queued is 'queued'."""
    return {member.name.lower(): member.value for member in choices}


def embedded(queryset: QuerySet[Any, Any], name: str) -> tuple[Sql, dict[str, Any]]:
    """A question written as a queryset, as a piece of a statement and its parameters, named after `name`."""
    sql, values = queryset.query.sql_with_params()
    first, *others = sql.split("%s")
    places = [f"{name}_{number}" for number in range(len(others))]
    together = first + "".join(f"%({place})s{part}" for place, part in zip(places, others, strict=True))
    return Sql(together), dict(zip(places, values, strict=True))
