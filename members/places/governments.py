"""Which government somebody means, however they write it: the right one first, of a few.

PostgreSQL finds candidates by the names a government goes by (`Jurisdiction.names`), then by any words of its label,
then, if a letter may be wrong, by trigrams; what was typed besides the name decides their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest

from members.models.jurisdictions import Jurisdiction
from members.place_names.reading import Reading, readings, school_name, typed
from members.place_names.words import COUNTY, DESIGNATIONS, PLACE, SCHOOL, STATE, fold, joined

MOST = 7
CANDIDATES = 300
RESEMBLING = "0.3"
EXACT, BEGUN, SAID, MISSPELLED = range(4)
FAR = 3


def look_up(text: str, prefer: str = "", most: int = MOST) -> list[Jurisdiction]:
    """The governments that `text` may mean, best first; of equal ones the `prefer`red kind, then the larger."""
    ways = readings(text)
    if not ways:
        return []
    found = {row.pk: row for row in by_name(ways)}
    if not any(_in_state(row, ways) for row in found.values()):
        found |= {row.pk: row for row in _by_words(text)} or {row.pk: row for row in _resembling(ways)}
    elif len(found) < most:  # East Wenatchee may be meant by Wenatchee
        found |= {row.pk: row for row in _by_words(text)}
    ranked = sorted((_rank(row, ways, prefer), row.pk) for row in found.values())
    return [found[pk] for _rank_of, pk in ranked[:most]]


def by_name(ways: Sequence[Reading]) -> Iterable[Jurisdiction]:
    names = {way.name for way in ways}
    exact, begun = Q(), Q()
    for name in sorted(names):
        exact |= Q(names__contains=f" {name} ")
        begun |= Q(names__contains=f" {name}")
    states = {way.state for way in ways if way.state}
    order: list[Any] = [
        Case(When(exact, then=0), default=1),
        Case(When(state__in=states, then=0), default=1),
        F("population").desc(nulls_last=True),
        "pk",
    ]
    return Jurisdiction.objects.filter(begun).order_by(*order)[:CANDIDATES]


def _by_words(text: str) -> Iterable[Jurisdiction]:
    return Jurisdiction.objects.saying(typed(text)).order_by(F("population").desc(nulls_last=True), "pk")[:CANDIDATES]


def _resembling(ways: Sequence[Reading]) -> list[Jurisdiction]:
    """Those of a name that is one wrong letter away, two in a long one."""
    names = sorted({way.name for way in ways if len(way.name) > 3})[:6]
    if not names:
        return []
    alike, similar = [], Q()
    for name in names:
        alike.append(TrigramWordSimilarity(name, "names"))
        similar |= Q(names__trigram_word_similar=name)
    rows = Jurisdiction.objects.filter(similar).annotate(alike=Greatest(*alike, Value(0.0)))
    states = {way.state for way in ways if way.state}
    order = Case(When(state__in=states, then=0), default=1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [RESEMBLING])
        found = list(rows.order_by(order, "-alike", F("population").desc(nulls_last=True))[:CANDIDATES])
    return [row for row in found if any(_distance(row, way) < FAR for way in ways)]


def _in_state(row: Jurisdiction, ways: Sequence[Reading]) -> bool:
    """Does its name begin as one of the ways says, in the state that it says."""
    return any(f" {way.name}" in row.names and way.state in ("", row.state) for way in ways)


def is_meant(found: Sequence[Jurisdiction], text: str, prefer: str = "") -> bool:
    """Is the first of those found for `text` so clearly meant that nobody needs to be asked: the only one by exactly that name,
    or the only one in the state that was said, of the designation that was said.
    """
    ways = readings(text)
    found = [row for row in found if min(_closeness(row, way) for way in ways) < SAID] or found
    if len(found) == 1:
        return any(_closeness(found[0], way) == EXACT and way.state in ("", found[0].state) for way in ways)
    said = [way for way in ways if way.state]
    first, second = (min(_fit(row, way, prefer)[:5] for way in said) if said else () for row in found[:2])
    return bool(said) and not any(first) and second > first


def zone_of(text: str) -> str:
    """The time zone of the state that was said, "" for none."""
    states = [way.state for way in readings(text) if way.state]
    row = Jurisdiction.objects.filter(kind=STATE, state__in=states[:1]).first()
    return row.time_zone if row else ""


# Ranking ------------------------------------------------------------------------------------------------------------


def _rank(row: Jurisdiction, ways: Sequence[Reading], prefer: str) -> tuple[float, ...]:
    kind = _kind(row)
    last = (
        0 if row.kind == prefer else 1 if kind in (PLACE, COUNTY) else 2 if kind == STATE else 3,
        row.names.split()[0] not in {way.name for way in ways},
    )
    best = min(_fit(row, way, prefer) for way in ways)
    return (*best[:-1], *last, best[-1], -(row.population or 0), len(row.label))


def _fit(row: Jurisdiction, way: Reading, prefer: str) -> tuple[float, ...]:
    """How well a government fits one way to read what was typed; smaller is better."""
    closeness = _closeness(row, way)
    return (
        way.state not in ("", row.state),
        closeness,
        _designation_differs(row, way, prefer),
        way.cost if closeness == EXACT else 0,
        bool(way.county) and not any(way.county == joined_county(each) for each in row.county.split(";")),
        -kinds_shared(row, way),
    )


def _closeness(row: Jurisdiction, way: Reading) -> int:
    if f" {way.name} " in row.names:
        return EXACT
    if f" {way.name}" in row.names:
        return BEGUN
    edits = _distance(row, way)
    return SAID if edits == FAR else MISSPELLED + edits


def _kind(row: Jurisdiction) -> str:
    """The District is a state to others and a city to itself."""
    return PLACE if row.state == "DC" and row.kind == STATE else row.kind


def _designation_differs(row: Jurisdiction, way: Reading, prefer: str) -> int:
    if row.kind == SCHOOL and not way.kinds and prefer != SCHOOL:
        return 2 if way.designation else 1
    if not way.designation or way.designation == row.designation:
        return 0
    if way.designation == "city and county" and row.kind in (PLACE, COUNTY):
        return 0 if row.kind == PLACE else 1
    wanted = DESIGNATIONS[way.designation]
    if wanted == _kind(row) or (way.designation in ("borough", "municipality") and row.kind == COUNTY):
        return 1
    return 2


def joined_county(name: str) -> str:
    return joined(re.sub(r" (county|parish|borough|census area|municipio|municipality)$", "", fold(name)))


def kinds_shared(row: Jurisdiction, way: Reading) -> float:
    """Of the words that say which kind of school district: 1 when all agree."""
    if not way.kinds or row.kind != SCHOOL:
        return 0
    own = school_name(fold(row.name))[1] | {"school", "district"}
    wanted = way.kinds | {"school", "district"}
    return round(len(own & wanted) / len(own | wanted), 3)


def _distance(row: Jurisdiction, way: Reading) -> int:
    most = 1 if len(way.name) < 8 else 2
    return min((_edits(way.name, name, most) for name in row.names.split()), default=FAR)


def _edits(one: str, other: str, most: int) -> int:
    """Letters changed, left out, added or exchanged with their neighbor; FAR for more than `most`."""
    if abs(len(one) - len(other)) > most:
        return FAR
    rows = [list(range(len(other) + 1))]
    for at, letter in enumerate(one):
        row = [at + 1]
        for to, against in enumerate(other):
            is_exchange = at and to and letter == other[to - 1] and one[at - 1] == against
            exchanged = rows[at - 1][to - 1] + 1 if is_exchange else FAR
            row.append(min(rows[at][to + 1] + 1, row[to] + 1, rows[at][to] + (letter != against), exchanged))
        rows.append(row)
    return rows[-1][-1] if rows[-1][-1] <= most else FAR
