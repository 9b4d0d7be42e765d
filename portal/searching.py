"""Looking for words in everything a person may open: one statement for the first few of each kind.

The index says what there is (members.models.Findable), `visible_to` of each kind's model says what of it exists for whom.
What an upper app registers is found without a word here (members.findables.kinds).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse

from members.findables.kinds import Kind, Row, kinds
from members.models import Findable, User
from members.models.findables import Typed
from members.queries import sql
from members.queries.prepared import prepared, prepared_part

FEW = 5
ALIKE = 4
PAGE = 50
FARTHEST = 1000
SUGGESTED, SUGGESTED_OF_A_KIND = 8, 3
EXCERPT_LETTERS = 20_000  # of a text, where its words are looked for to be shown
OPENING_LETTERS = 12  # of a text, by which an excerpt is known to be its beginning
# Around what is marked: nobody can type them (members.text.cleaning), and HTML escapes neither.
START, STOP = "\ue000", "\ue001"
MARKING = f'StartSel="{START}", StopSel="{STOP}", MaxWords=24, MinWords=12, MaxFragments=1'

Part = tuple[str, Sequence[Any]]


class Thing(NamedTuple):
    """A thing found: `excerpt` has what was typed between START and STOP, and is empty where the text doesn't say it."""

    kind: str
    key: int
    title: str
    rank: float
    row: Row
    excerpt: str


@dataclass
class Group:
    """Things of one kind; `has_more` when there are more than these."""

    kind: Kind
    words: str
    things: list[Thing] = field(default_factory=list)
    has_more: bool = False

    @property
    def more_url(self) -> str:
        """Where all of them are: the list of the kind, or a page of search that holds nothing else."""
        if self.kind.listed_at:
            return f"{reverse(self.kind.listed_at)}?{urlencode({'q': self.words})}"
        return self.page_url(0)

    def page_url(self, start: int) -> str:
        query = {"q": self.words, "kind": self.kind.name} | ({"start": start} if start else {})
        return f"{reverse('search')}?{urlencode(query)}"


def everything(text: str, user: User, few: int = FEW) -> list[Group]:
    """The first few of each kind that has any; kinds with something that is called so come first."""
    return _groups(Typed.of(text), user, tuple(kinds), few)


def of_a_kind(text: str, user: User, kind: str, start: int = 0) -> Group:
    """A page of one kind."""
    return next(iter(_groups(Typed.of(text), user, (kind,), PAGE, start)), Group(kinds[kind], text))


def suggestions(text: str, user: User) -> list[Thing]:
    """The best few of all kinds, those that are called so before those that say so."""
    groups = everything(text, user, SUGGESTED_OF_A_KIND)
    return sorted((thing for group in groups for thing in group.things), key=lambda thing: -thing.rank)[:SUGGESTED]


def resembling(text: str, user: User) -> list[Thing]:
    """A few things whose names are nearly what was typed: a next step where nothing was found."""
    typed = Typed.of(text)
    if not typed.words:
        return []
    part = _resembling(" ".join(typed.words), max(typed.words, key=len), *typed.words)
    return _asked(part, typed, user, tuple(kinds), ALIKE)[:ALIKE] if part else []


def _groups(typed: Typed, user: User, names: tuple[str, ...], few: int, start: int = 0) -> list[Group]:
    part = _saying(typed.text, *typed.words) if typed.words else None
    if not part:
        return []
    # Asked first: planning a question about seven kinds takes longer than asking it.
    there = set(_kinds_saying(typed.text, *typed.words))
    names = tuple(name for name in names if name in there or kinds[name].besides)
    groups = {name: Group(kinds[name], typed.text) for name in names}
    for thing in _asked(part, typed, user, names, few + 1, start, besides=True):
        groups[thing.kind].things.append(thing)
    for group in groups.values():
        group.has_more = len(group.things) > few
        del group.things[few:]
    return sorted((group for group in groups.values() if group.things), key=lambda group: -group.things[0].rank)


# The question -----------------------------------------------------------------------------------------------


def _asked(
    found: Part, typed: Typed, user: User, names: tuple[str, ...], few: int, start: int = 0, *, besides: bool = False
) -> list[Thing]:
    """Those of `found` that the person may open, and of the kinds that know others `besides`, these too."""
    pieces = {name: (_may_open(name)(user), _besides(name)(*typed.words) if besides else None) for name in names}
    given = {name: (may_open, more) for name, (may_open, more) in pieces.items() if may_open}
    if not given:
        return []
    values = list(found[1])
    for may_open, more in given.values():
        values += [*(more[1] if more else ()), *may_open[1], few, start]
    texts = tuple((name, may_open[0], more[0] if more else "") for name, (may_open, more) in given.items())
    with connection.cursor() as cursor:
        cursor.execute(_statement(found[0], texts), [*values, typed.text])
        return [_thing(*row) for row in cursor.fetchall()]


@lru_cache(maxsize=256)
def _statement(found: str, pieces: Iterable[tuple[str, str, str]]) -> str:
    """As text: the same for everybody who asks for as many words and may see as much."""
    each = [
        sql.load(__file__, "few_of_a_kind", kind=name, may_open=sql.Sql(may_open), found=sql.Sql(_with(more)))
        for name, may_open, more in pieces
    ]
    known = {"letters": EXCERPT_LETTERS, "marking": sql.Sql(MARKING), "opening": OPENING_LETTERS}
    return sql.load(__file__, "found", found=sql.Sql(found), each=sql.Sql("\nUNION ALL\n".join(each)), **known)


def _with(more: str) -> str:
    return f"SELECT * FROM found UNION {more}" if more else "SELECT * FROM found"  # noqa: S608 (pieces of ours)


def _thing(kind: str, key: int, title: str, rank: float, facts: str, excerpt: str, opening: str) -> Thing:
    row = kinds[kind].row(key, title, json.loads(facts))
    return Thing(kind, key, title, float(rank), row, _cut(excerpt, opening) if START in excerpt else "")


def _cut(excerpt: str, opening: str) -> str:
    """What was cut out of a text, with an ellipsis where it begins later than the text does."""
    is_beginning = excerpt.replace(START, "").replace(STOP, "").lstrip().startswith(opening.strip())
    return excerpt if is_beginning else f"… {excerpt}"


@prepared_part
def _saying(text: str, *words: str) -> QuerySet[Any, Any]:
    return _columns(Findable.objects.saying(text, *words).ranked(*words))


@prepared
def _kinds_saying(text: str, *words: str) -> QuerySet[Any, str]:
    return Findable.objects.saying(text, *words).order_by().values_list("kind", flat=True).distinct()


@prepared_part
def _resembling(together: str, longest: str, *typed: str) -> QuerySet[Any, Any]:
    return _columns(Findable.objects.resembling(together, longest, *typed))


def _columns(rows: Any) -> QuerySet[Any, Any]:
    return rows.values("id", "kind", "key", "title", "at", "rank")


@cache
def _may_open(name: str) -> Callable[..., Part | None]:
    """The rows of a kind that exist for somebody, with what a row says of them."""
    kind = kinds[name]

    @prepared_part
    def may_open(user: User) -> QuerySet[Any, Any]:
        return kind.may_open(user).order_by().values(thing=F("pk"), facts=JSONObject(**kind.facts))

    return may_open


@cache
def _besides(name: str) -> Callable[..., Part | None]:
    kind = kinds[name]

    @prepared_part
    def others(*words: str) -> QuerySet[Any, Any]:
        assert kind.besides is not None
        return _columns(Findable.objects.of(name).filter(key__in=kind.besides(words).values("pk")).ranked(*words))

    return others if kind.besides else lambda *words: None
