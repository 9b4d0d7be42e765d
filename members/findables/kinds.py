"""What can be found: each kind says what is indexed, who may open it, and what its row says.

An app registers its kinds in `findables` (members.findables.people, committees/findables.py, events/findables.py), which are
found by name. The results, the suggestions, "did you mean" and `manage.py rebuild_search` go through all of them, so that a
new kind needs nothing but a Source, its triggers and a Kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from members.discovery import Registry
from members.fields import Moment
from members.queries.indexing import Source

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Row:
    """A thing found, as its row says it. `mark` names what stands before it: "avatar", "quilt", "date", "file", or an icon."""

    url: str
    sub: str = ""
    mark: str = ""
    marked: Any = None  # whose avatar or quilt, which date, which kind of file


@dataclass(frozen=True)
class Kind:
    """`may_open` is the one question of every door; `facts` are the columns that `row` reads, as JSON brings them."""

    source: Source
    label: StrOrPromise
    may_open: Callable[[Any], QuerySet[Any]]
    facts: dict[str, Any]
    row: Callable[[int, str, dict[str, Any]], Row]
    besides: Callable[[Sequence[str]], QuerySet[Any]] | None = field(default=None)
    listed_at: str = ""  # the name of a list that is searched by ?q=, where all of the kind are found

    @property
    def name(self) -> str:
        return self.source.kind


def moment(text: str) -> datetime:
    """One of the facts, as its column would be read."""
    read = Moment().from_db_value(datetime.fromisoformat(text))
    assert read is not None
    return read


kinds: Registry[Kind] = Registry("kinds of what can be found")


def register(kind: Kind) -> Kind:
    kinds.add(kind.name, kind)
    return kind
