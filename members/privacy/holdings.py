"""What the portal holds of a person: a rule for every column that points at somebody.

Each app declares its own (modules named `held`, found by the app's config), and a test walks all models: a column without
a rule fails. The rule says what the person reads of it in their data (members.privacy.my_data) and what becomes of it
when they are erased (members.privacy.erasing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.utils.functional import Promise, cached_property

from members.discovery import Registry
from members.models import User

Rows = models.QuerySet[Any]


class Fate(Enum):
    """Of rows, when their person is erased."""

    KEPT = "kept"  # they point at a former member
    DELETED = "deleted"


class Upload(NamedTuple):
    """A file that the person brought: where it lies, what it was called, and whether they may open it today."""

    file: str
    name: str
    open_to: Callable[[Rows, User], Rows]


@dataclass(frozen=True)
class Holding:
    """`tells` are the values that the person reads, by their paths; without any, rows are counted.

    What a path leads to in another row (`meeting__title`) is told while the person may see that row. `clears` is what is
    emptied in rows that are kept, and `ends` does what else there is to do with them before. `keeps` are the words in which
    the person reads beforehand that such rows stay.
    """

    column: str
    tells: tuple[str, ...] = ()
    fate: Fate = Fate.KEPT
    clears: Mapping[str, Any] = field(default_factory=dict)
    is_act: bool = False
    upload: Upload | None = None
    ends: Callable[[Rows, User], object] | None = None
    keeps: Promise | str = ""

    @cached_property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.column.rpartition(".")[0])

    @property
    def name(self) -> str:
        return self.column.rpartition(".")[2]

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name_plural)

    def rows(self, person: User) -> Rows:
        return self.model._base_manager.filter(**{self.name: person.pk})


class Mention(NamedTuple):
    """Columns in which people are named in words that are kept when one of them is erased."""

    model: str
    columns: tuple[str, ...]


mentions: list[Mention] = []
holdings: Registry[Holding] = Registry("rules about what is held of a person")


def about(column: str, tells: str = "", fate: Fate = Fate.KEPT, **others: Any) -> None:
    """Rows about the person, or of theirs."""
    holdings.add(column, Holding(column, tuple(tells.split()), fate, **others))


def acts(*columns: str) -> None:
    """That the person did something to what is not theirs: a number tells of it, and it stays."""
    for column in columns:
        holdings.add(column, Holding(column, is_act=True))


def named_in(model: str, columns: str) -> None:
    """The full name of who is erased becomes "A former member" there."""
    mentions.append(Mention(model, tuple(columns.split())))


def columns() -> Iterator[str]:
    """Every stored column that points at a person."""
    for model in apps.get_models(include_auto_created=True):
        for column in model._meta.concrete_fields:
            if model._meta.managed and not model._meta.proxy and column.related_model is User:
                yield f"{model._meta.label}.{column.name}"
