"""A list within a row: what belongs to a row, or stands beside it on the page, comes as JSON with the same question."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, QuerySet
from django.db.models.functions import JSONObject

Row = TypeVar("Row", bound=Model)


def pack(rows: QuerySet[Any], *columns: str, **named: Any) -> ArraySubquery:
    """For an annotation: these columns of the rows, in their order."""
    return ArraySubquery(rows.values(row=JSONObject(**{column: column for column in columns}, **named)))


def unpack(model: type[Row], columns: dict[str, Any]) -> Row:
    """A row that knows these columns and nothing else; moments and days come as texts."""
    return model(**{name: _read(model._meta.get_field(name), value) for name, value in columns.items()})


def _read(field: Any, value: Any) -> Any:
    value = field.to_python(value)
    return field.from_db_value(value, None, None) if hasattr(field, "from_db_value") else value
