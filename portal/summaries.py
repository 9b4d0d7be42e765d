"""The numbers in a committee's head, on every page of it: one query, and the headcount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from committees.headcounts import Headcount, headcount
from committees.models import Committee, Document, JoinRequest
from events.models import Decision, Meeting
from members.models import Office, User
from members.queries.prepared import prepared


@dataclass(frozen=True)
class Summary:
    calls: int
    documents: int
    decisions: int
    requests: int
    my_state: str  # where the reader serves
    headcount: Headcount


def summarize(committee: Committee, user: User) -> Summary:
    """What `user` would find there; asked once for a committee object."""
    kept = committee.__dict__.setdefault("_summaries", {})
    if user.pk not in kept:
        ((calls, documents, decisions, requests, state),) = _numbers(committee.pk, user)
        kept[user.pk] = Summary(calls, documents, decisions, requests, state or "", headcount(committee.pk))
    return kept[user.pk]


@prepared
def _numbers(committee: int, user: User) -> QuerySet[Any]:
    offices = Office.objects.current().filter(user=user.pk).order_by("-started_on", "pk")
    return (
        Committee.objects.filter(pk=committee)
        .order_by()
        .values_list(
            _number(Meeting.objects.told().upcoming().not_cancelled()),
            _number(Document.objects.visible_to(user).with_file()),
            _number(Decision.objects.all()),
            _number(JoinRequest.objects.waiting()),
            Subquery(offices.values("jurisdiction__state")[:1]),
        )
    )


def _number(rows: QuerySet) -> Coalesce:
    counted = rows.filter(committee=OuterRef("pk")).order_by().values("committee").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
