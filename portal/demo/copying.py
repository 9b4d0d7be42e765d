"""Many rows at once: model instances through PostgreSQL's COPY, past `save` and signals but not past triggers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault


def reserve(model: type[models.Model], count: int) -> list[int]:
    """Primary keys from the table's own sequence, so that rows can point at each other before they exist."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, count]
        )
        return [key for (key,) in cursor.fetchall()]


def copy_in(rows: Sequence[models.Model]) -> None:
    """Insert unsaved instances of one model. Columns that the database fills are left to it."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.local_concrete_fields if not _is_filled(field, rows[0])]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(rows[0]._meta.db_table)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_stored(field, row) for field in fields])


def _is_filled(field: models.Field[Any, Any], row: models.Model) -> bool:
    value = None if field.generated else getattr(row, field.attname)
    return field.generated or isinstance(value, DatabaseDefault) or (field.primary_key and value is None)


def _stored(field: models.Field[Any, Any], row: models.Model) -> Any:
    value = getattr(row, field.attname)
    if value is None and (getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)):
        value = field.pre_save(row, add=True)
    return field.get_db_prep_save(value, connection)
