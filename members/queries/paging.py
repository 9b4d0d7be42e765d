"""Keyset pagination of long lists: the next page is found by the last row of this one, so page 400 costs as much as
page 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, IntegerField, Q, QuerySet, Subquery
from django.http import QueryDict

from members.text.numbers import key_of

PAGE = 50
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    previous_url: str = ""
    next_url: str = ""


def page_of(
    queryset: QuerySet[Any],
    keys: Sequence[str],
    query: QueryDict,
    *,
    anchors: QuerySet[Any] | None = None,
    size: int = PAGE,
) -> Page:
    """The page that `after` or `before` in the query string asks for, the first one when they name no row.

    `keys` orders the rows, "-" for descending, and ends in a unique column. `anchors` is where the named row's keys
    are looked up: the unfiltered model unless a key is an annotation.
    """
    anchors = queryset.model._default_manager.all() if anchors is None else anchors
    after, before = _row(query, "after"), _row(query, "before")
    if before:
        return _backwards(queryset, keys, query, anchors, before, size)
    rows = _from(queryset, keys, anchors, after, size + 1)
    if after and not rows:
        after, rows = 0, _from(queryset, keys, anchors, 0, size + 1)
    shown = rows[:size]
    return Page(
        shown,
        _url(query, "before", shown[0]) if after else "",
        _url(query, "after", shown[-1]) if len(rows) > size else "",
    )


def first_page(rows: list[Any], query: QueryDict, size: int = PAGE) -> Page:
    """The first page of rows found already; `rows` has one more than fits if there is another page."""
    return Page(rows[:size], "", _url(query, "after", rows[size - 1]) if len(rows) > size else "")


@dataclass(frozen=True)
class Count:
    """How many rows there are, counted up to a limit; `is_more` when there are more than `number`."""

    number: int
    is_more: bool


def how_many(queryset: QuerySet[Any], most: int | None = None) -> Func:
    """An annotation: how many rows the queryset has, up to `most`, counted once for the whole statement."""
    keys = ArraySubquery(queryset.order_by().values("pk")[:most])
    return Func(keys, function="CARDINALITY", output_field=IntegerField())


def counted(number: int, most: int = MOST_COUNTED) -> Count:
    return Count(min(number, most), number > most)


def count_up_to(queryset: QuerySet[Any], most: int = MOST_COUNTED) -> Count:
    return counted(queryset.order_by().values("pk")[: most + 1].count(), most)


def _backwards(
    queryset: QuerySet[Any], keys: Sequence[str], query: QueryDict, anchors: QuerySet[Any], before: int, size: int
) -> Page:
    rows = _from(queryset, [_turned(key) for key in keys], anchors, before, size + 1)
    shown = rows[:size][::-1]
    if not shown:
        return Page(_from(queryset, keys, anchors, 0, size))
    return Page(shown, _url(query, "before", shown[0]) if len(rows) > size else "", _url(query, "after", shown[-1]))


def _from(queryset: QuerySet[Any], keys: Sequence[str], anchors: QuerySet[Any], pk: int, size: int) -> list[Any]:
    if pk:
        queryset = queryset.filter(_beyond(keys, anchors.filter(pk=pk).order_by()))
    return list(queryset.order_by(*keys)[:size])


def _beyond(keys: Sequence[str], anchor: QuerySet[Any]) -> Q:
    """Rows after the anchor in the order of `keys`: (a > x) or (a = x and b > y) or …"""
    later, same = Q(), Q()
    for key in keys:
        name = key.lstrip("-")
        value = Subquery(anchor.values(name)[:1])
        later |= same & Q(**{f"{name}__{'lt' if key.startswith('-') else 'gt'}": value})
        same &= Q(**{name: value})
    first = keys[0].lstrip("-")
    bound = Q(**{f"{first}__{'lte' if keys[0].startswith('-') else 'gte'}": Subquery(anchor.values(first)[:1])})
    return bound & later  # the bound alone lets an index start in the right place


def _turned(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _row(query: QueryDict, name: str) -> int:
    return key_of(query.get(name))


def _url(query: QueryDict, name: str, row: Any) -> str:
    kept = [
        (key, value) for key, values in query.lists() if key not in ("after", "before") for value in values if value
    ]
    return "?" + urlencode([*kept, (name, row.pk)])
