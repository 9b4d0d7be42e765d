"""What becomes of each row that points at somebody when their account is merged into another.

Each app says it for its own (members.roster.merging.of_people, `merging` of the apps above). There is a rule for every
foreign key to people, in libraries too, or a test fails (tests/members/test_merging.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from members.models import User

if TYPE_CHECKING:
    from members.roster.merging.carrying import Carrying

Worth = Callable[[Any], Any]
Counted = Callable[[int], str]


@dataclass(frozen=True)
class Rule:
    """`name` is like "events.Rsvp.user".

    With `once`, fields besides the person, there is one row a person (among those `when` says): of two the one of
    greater `worth` stays, at a tie that of the account that is kept. `is_watched`: an undo leaves what was changed since.
    `carry` does it in a way of its own; `words` counts the rows for staff.
    """

    name: str
    once: tuple[str, ...] | None = None
    when: models.Q | None = None
    worth: Worth | None = None
    is_watched: bool = False
    stays: str = ""
    carry: Callable[[Carrying, Rule], None] | None = None
    words: Counted | None = None

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.name.rpartition(".")[0])

    @property
    def field(self) -> str:
        return self.name.rpartition(".")[2]

    def rows_of(self, person: int) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(**{self.field: person}).order_by("pk")


rules: dict[str, Rule] = {}
before: list[Callable[[int, int], None]] = []  # locks that are taken first, in the order in which others take them


def moves(*names: str, is_watched: bool = False, words: Counted | None = None) -> None:
    """All rows become those of the account that is kept."""
    for name in names:
        rules[name] = Rule(name, is_watched=is_watched, words=words)


def stays(name: str, why: str) -> None:
    """The rows stay those of the account that is merged."""
    rules[name] = Rule(name, stays=why)


def once(
    name: str,
    *fields: str,
    when: models.Q | None = None,
    worth: Worth | None = None,
    is_watched: bool = True,
    words: Counted | None = None,
) -> None:
    rules[name] = Rule(name, once=fields, when=when, worth=worth, is_watched=is_watched, words=words)


def carried(name: str, carry: Callable[[Carrying, Rule], None], *, words: Counted | None = None) -> None:
    rules[name] = Rule(name, carry=carry, is_watched=True, words=words)


def pointing_at_people() -> Iterator[str]:
    """Every foreign key to people that the database has, those between two tables of many too."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model is User:
                yield f"{model._meta.label}.{field.name}"
