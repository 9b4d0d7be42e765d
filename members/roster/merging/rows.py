"""Rows of any table as they are: read, changed, taken away and put back without going through their models.

Values go through the database's own JSON, so that a moment comes back to the microsecond.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import connection, models

Values = dict[str, Any]


def _q(name: str) -> str:
    return connection.ops.quote_name(name)


def _key(model: type[models.Model]) -> str:
    return _q(str(model._meta.pk.column))


def read(model: type[models.Model], keys: Collection[int]) -> dict[int, Values]:
    """All columns of these rows, by key."""
    sql = f"SELECT {_key(model)}, to_jsonb(t) FROM {_q(model._meta.db_table)} t WHERE {_key(model)} = ANY(%s)"  # noqa: S608 (names from models)
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(keys)])
        return {key: values if isinstance(values, dict) else json.loads(values) for key, values in cursor.fetchall()}


def marks(model: type[models.Model], keys: Collection[int]) -> dict[int, str]:
    """A digest of each of these rows."""
    sql = f"SELECT {_key(model)}, md5(t::text) FROM {_q(model._meta.db_table)} t WHERE {_key(model)} = ANY(%s)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(keys)])
        return dict(cursor.fetchall())


def write(model: type[models.Model], keys: Collection[int], values: Values) -> None:
    """Give these rows the columns."""
    columns = ", ".join(_q(name) for name in values)
    row = f"jsonb_populate_record(NULL::{_q(model._meta.db_table)}, %s)"
    sql = f"UPDATE {_q(model._meta.db_table)} SET ({columns}) = (SELECT {columns} FROM {row}) WHERE {_key(model)} = ANY(%s)"  # noqa: S608
    if len(values) == 1:  # PostgreSQL takes a list of one as a row of one
        sql = sql.replace(f"({columns}) = (", f"{columns} = (", 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(values), list(keys)])


def put_back(model: type[models.Model], values: Values) -> None:
    """Insert the row that was taken away, with its key."""
    kept = [field.column for field in model._meta.local_concrete_fields if not getattr(field, "generated", False)]
    columns = ", ".join(_q(name) for name in kept if name in values)
    table = _q(model._meta.db_table)
    sql = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(values)])
