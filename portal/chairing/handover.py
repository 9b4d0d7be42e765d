"""What a successor needs on the first evening: who is who, what is running, what is decided, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from committees.models import Committee, Document, Membership
from events.models import ActionItem, Decision, Meeting, MeetingSeries, RunningItem
from events.series.words import rule_here
from members.models import User
from members.times import clock

A_YEAR = timedelta(days=365)
CALLS, DECISIONS, ACTIONS, PAPERS = 5, 40, 60, 8  # at most in a pack


@dataclass(frozen=True)
class Pack:
    """Lists in the order in which they are read."""

    committee: Committee
    officers: list[Any]  # memberships, each with its `office` in words
    series: list[tuple[MeetingSeries, str]]  # each with its rule in words
    calls: list[Meeting]
    agenda: list[RunningItem]
    actions: list[ActionItem]
    decisions: list[Decision]
    papers: list[Document]
    asking: int

    @property
    def organizers(self) -> list[Any]:
        """Staff, who are asked first."""
        return [each for each in self.officers if each.role == Membership.Role.LIAISON]

    @property
    def chairs(self) -> list[Any]:
        return [each for each in self.officers if each.role in Membership.CHAIRING]


def pack_of(committee: Committee, reader: User) -> Pack:
    """For a reader who manages the committee. A fixed number of queries."""
    calls = Meeting.objects.of_committee(committee.pk).told().not_cancelled().upcoming()[:CALLS]
    next_call = next(iter(calls), None)
    lately = clock.now() - A_YEAR
    of_it = {"committee": committee}
    return Pack(
        committee=committee,
        officers=list(committee.memberships.for_listing().officers()),
        series=[
            (each, rule_here(each)) for each in MeetingSeries.objects.running().filter(**of_it).order_by("title", "pk")
        ],
        calls=list(calls),
        agenda=next_call.agenda_items.running(next_call) if next_call else [],
        actions=list(ActionItem.objects.for_listing(reader).open().filter(**of_it).soonest_first()[:ACTIONS]),
        decisions=list(
            Decision.objects.for_listing(reader).standing().filter(decided_at__gt=lately, **of_it)[:DECISIONS]
        ),
        papers=list(Document.objects.for_listing(reader).filter(**of_it).order_by("-latest_id")[:PAPERS]),
        asking=committee.requests.waiting().count(),
    )
