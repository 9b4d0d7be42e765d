"""How many people are on each committee and where they serve, kept in the cache.

A large committee has 2,000 people; counting them for each page would cost more than the rest of it. Changes by verbs of
Membership are counted at once (`Membership.recount`), all others, such as a term that ended at midnight, within five
minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db.models import Count, OuterRef, Subquery

from committees.models import Membership
from members.models import Office

KEPT_SECONDS = 300


@dataclass(frozen=True)
class Headcount:
    """`served` is the number of people by state, those without an office under ""."""

    served: dict[str, int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        return sum(self.served.values())

    @property
    def by_state(self) -> dict[str, int]:
        return {state: people for state, people in self.served.items() if state}

    @property
    def states(self) -> int:
        return len(self.by_state)


def headcount(committee: int) -> Headcount:
    return headcounts([committee])[committee]


def headcounts(committees: Iterable[int]) -> dict[int, Headcount]:
    """By committee id, one cache read for all of them."""
    ids = list(committees)
    kept = cache.get_many([Membership.count_key(pk) for pk in ids])
    found = {pk: kept[Membership.count_key(pk)] for pk in ids if Membership.count_key(pk) in kept}
    missing = [pk for pk in ids if pk not in found]
    if missing:
        counted = _count(missing)
        cache.set_many({Membership.count_key(pk): served for pk, served in counted.items()}, KEPT_SECONDS)
        found |= counted
    return {pk: Headcount(served) for pk, served in found.items()}


def _count(committees: list[int]) -> dict[int, dict[str, int]]:
    offices = Office.objects.current().filter(user=OuterRef("user")).order_by("-started_on", "pk")
    people = Membership.objects.held().filter(committee__in=committees)
    states = people.annotate(state=Subquery(offices.values("jurisdiction__state")[:1])).order_by()
    counted: dict[int, dict[str, int]] = defaultdict(dict, {pk: {} for pk in committees})
    for committee, state, number in (
        states.values("committee", "state").annotate(n=Count("pk")).values_list("committee", "state", "n")
    ):
        counted[committee][state or ""] = number
    return dict(counted)
