"""Cleaning texts that were stored before their fields did so by themselves."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from members.text.cleaning import line, words

# What cleaning may change: anything but printable ASCII, spaces at an end, and in one line several together.
SUSPECT = {line: r"[^ -~]|^ | $|  ", words: r"[^ -~\n]|^\s|\s$"}
AT_ONCE = 500


def cleaner(app: str, columns: Mapping[str, Mapping[str, Callable[[str], str]]]) -> Callable[[Any, Any], None]:
    """A step of a migration: `columns` names, for each model of `app`, its fields and how they are cleaned.

    Only rows with a suspect sign are read, and only those that change are written: 20,000 members take a second.
    """

    def clean(apps: Any, schema_editor: Any) -> None:
        for model, fields in columns.items():
            _clean_rows(apps.get_model(app, model), fields)

    return clean


def _clean_rows(model: Any, fields: Mapping[str, Callable[[str], str]]) -> None:
    suspect = Q()
    for name, cleaned in fields.items():
        suspect |= Q(**{f"{name}__regex": SUSPECT[cleaned]})
    for row in model._base_manager.filter(suspect).values("pk", *fields).iterator(AT_ONCE):
        changed = {name: _fitting(model, name, cleaned(row[name]), row[name]) for name, cleaned in fields.items()}
        if changed != {name: row[name] for name in fields}:
            _write(model, row["pk"], changed)


def _fitting(model: Any, name: str, cleaned: str, before: str) -> str:
    """Cut to the column; what would be nothing stays as it was, for a person to see."""
    return cleaned[: model._meta.get_field(name).max_length] or (before if name in ("name", "title") else "")


def _write(model: Any, pk: Any, changed: dict[str, str]) -> None:
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=pk).update(**changed)
    except IntegrityError:  # another row has that very name: a person decides
        pass
