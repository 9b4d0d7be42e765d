"""The numbers in a committee's head, on every page of it, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from committees.models import Committee, Document, JoinRequest, Membership
from events.models import Meeting
from members.clock import today
from members.models import User
from members.prepared import prepared


@dataclass(frozen=True)
class Summary:
    people: int
    states: int
    calls: int
    documents: int
    requests: int


def summarize(committee: Committee, user: User) -> Summary:
    """What `user` would find there; asked once for a committee object."""
    kept = committee.__dict__.setdefault("_summaries", {})
    if user.pk not in kept:
        kept[user.pk] = Summary(**_count(committee, user))
    return kept[user.pk]


def _count(committee: Committee, user: User) -> dict[str, int]:
    (numbers,) = _numbers(committee.pk, user)
    return dict(zip(Summary.__dataclass_fields__, numbers, strict=True))


@prepared
def _numbers(committee: int, user: User) -> QuerySet[Any]:
    people = Membership.objects.current().filter(user__is_active=True, user__left_at=None)
    counts = (  # in the order of Summary
        _number(people),
        _number(people, Count("user__offices__jurisdiction__state", distinct=True, filter=_held_today())),
        _number(Meeting.objects.upcoming().standing()),
        _number(Document.objects.visible_to(user).exclude(latest=None)),
        _number(JoinRequest.objects.waiting()),
    )
    return Committee.objects.filter(pk=committee).order_by().values_list(*counts)


def _held_today() -> Q:
    on = today()
    starts, ends = "user__offices__started_on", "user__offices__ended_on"
    return (Q(**{starts: None}) | Q(**{f"{starts}__lte": on})) & (Q(**{ends: None}) | Q(**{f"{ends}__gt": on}))


def _number(rows: QuerySet, count: Count | None = None) -> Coalesce:
    counted = rows.filter(committee=OuterRef("pk")).order_by().values("committee").annotate(n=count or Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
