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
    """An SQL statement or a piece of one, which `literal` does not quote."""


def load(module: str, name: str, **known: Any) -> Sql:
    """The statement `name` of a module (its `__file__`), without the lines that are comments."""
    return piece(_text(Path(module).parent / "sql" / f"{name}.sql"), **known)


@cache
def _text(path: Path) -> str:
    return "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("--"))


def piece(text: str, **known: Any) -> Sql:
    """A short statement or piece of one, with its `$names` replaced."""
    return Sql(Template(text).substitute({name: literal(value) for name, value in known.items()}))


def literal(value: Any) -> str:
    """The value as SQL; the values of a list between commas."""
    if isinstance(value, Sql):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(literal, value))
    if isinstance(value, int):
        return str(int(value))
    return "'" + str(value).replace("'", "''") + "'"


def members_of(choices: type[Enum]) -> dict[str, Any]:
    """The values of an enumeration by their lowercase names, for `load`: $queued is 'queued'."""
    return {member.name.lower(): member.value for member in choices}


def embedded(queryset: QuerySet[Any, Any], name: str) -> tuple[Sql, dict[str, Any]]:
    """A queryset as a piece of SQL and its parameters, which are named after `name`."""
    sql, values = queryset.query.sql_with_params()
    first, *others = sql.split("%s")
    places = [f"{name}_{number}" for number in range(len(others))]
    together = first + "".join(f"%({place})s{part}" for place, part in zip(places, others, strict=True))
    return Sql(together), dict(zip(places, values, strict=True))
