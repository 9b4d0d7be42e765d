"""The numbers in a committee's head, on every page of it: one query, and the headcount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from committees.headcounts import Headcount, headcount
from committees.models import Committee, Document, JoinRequest
from events.models import Decision, JointCommittee, Meeting
from members.findables.kinds import moment
from members.models import Office, User
from members.queries.prepared import prepared

DECIDED = 2
COLUMNS = ("year", "number", "motion", "method", "outcome", "ayes", "noes", "abstentions", "decided_at")
SHOWN = (*COLUMNS, "later_year", "later_number")


@dataclass(frozen=True)
class Summary:
    calls: int
    documents: int
    decisions: int
    requests: int
    my_state: str  # where the reader serves
    headcount: Headcount
    decided: list[Decision]  # the last ones


def summarize(committee: Committee, user: User) -> Summary:
    """What `user` would find there; asked once for a committee object."""
    kept = committee.__dict__.setdefault("_summaries", {})
    if user.pk not in kept:
        ((calls, documents, decisions, requests, state, decided),) = _numbers(committee.pk, user)
        kept[user.pk] = Summary(
            calls, documents, decisions, requests, state or "", headcount(committee.pk), list(map(_decision, decided))
        )
    return kept[user.pk]


@prepared
def _numbers(committee: int, user: User) -> QuerySet[Any]:
    ahead = Meeting.objects.told().upcoming().not_cancelled()
    offices = Office.objects.current().filter(user=user.pk).order_by("-started_on", "pk")
    return (
        Committee.objects.filter(pk=committee)
        .order_by()
        .values_list(
            _number(ahead) + _number(JointCommittee.objects.standing().filter(meeting__in=ahead.order_by())),
            _number(Document.objects.visible_to(user).with_file()),
            _number(Decision.objects.all()),
            _number(JoinRequest.objects.waiting()),
            Subquery(offices.values("jurisdiction__state")[:1]),
            ArraySubquery(_last_decided(user).values(facts=JSONObject(**{name: name for name in SHOWN}))),
        )
    )


def _last_decided(user: User) -> QuerySet[Decision]:
    decisions = Decision.objects.visible_to(user).filter(committee=OuterRef("pk")).with_successor()
    return decisions.newest_first()[:DECIDED]


def _decision(facts: dict[str, Any]) -> Decision:
    later = {name: facts.pop(name) for name in ("later_year", "later_number")}
    decision = Decision(**facts | {"decided_at": moment(facts["decided_at"])})
    decision.later_year, decision.later_number = later["later_year"], later["later_number"]
    return decision


def _number(rows: QuerySet) -> Coalesce:
    counted = rows.filter(committee=OuterRef("pk")).order_by().values("committee").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
