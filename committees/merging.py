"""What becomes of memberships and the rest when two accounts become one (members.roster.merging)."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q
from django.utils.translation import ngettext

from committees.models import Committee, Membership
from members.roster.merging.carrying import Carrying
from members.roster.merging.rules import Rule, before, carried, moves, once, stays

ROLE = Membership.Role
RANK = [ROLE.OBSERVER, ROLE.ALTERNATE, ROLE.LIAISON, ROLE.MEMBER, ROLE.SECRETARY, ROLE.VICE_CHAIR, ROLE.CHAIR]


def _take_turns(kept: int, merged: int) -> None:
    """Committees come before people, as in `Membership.begin`."""
    theirs = Committee.objects.filter(memberships__user__in=[kept, merged]).distinct().order_by("pk")
    for committee in theirs:
        committee.take_turn()


def _carry_memberships(carrying: Carrying, rule: Rule) -> None:
    """On each committee once: the higher role stays. What came before it stays as history, up to the day it began."""
    theirs = rule.rows_of(carrying.merged)
    lasting = _by_committee(rule, carrying.merged)
    for committee, mine in _by_committee(rule, carrying.kept).items():
        if committee in lasting:
            higher, lower = sorted([mine, lasting[committee]], key=_rank, reverse=True)
            _make_room(carrying, higher, lower)
    left = list(theirs.values_list("pk", flat=True))
    carrying.move(rule, left)
    for row in Membership.objects.filter(pk__in=left):
        row.recount()


def _by_committee(rule: Rule, person: int) -> dict[int, list[Membership]]:
    found: dict[int, list[Membership]] = defaultdict(list)
    for row in Membership.objects.current().filter(user=person) | Membership.objects.planned().filter(user=person):
        found[row.committee_id].append(row)
    return found


def _rank(held: list[Membership]) -> int:
    return max(RANK.index(ROLE(row.role)) for row in held)


def _make_room(carrying: Carrying, higher: list[Membership], lower: list[Membership]) -> None:
    first = min(higher, key=lambda row: row.started_on)
    for row in lower:
        if row.started_on < first.started_on:
            carrying.change(Membership, [row.pk], ended_on=first.started_on)
        else:
            carrying.drop(row, first)
        row.recount()


def _seats(n: int) -> str:
    return ngettext("%(n)s role on a committee", "%(n)s roles on committees", n) % {"n": n}


def _requests(n: int) -> str:
    return ngettext("%(n)s request to join", "%(n)s requests to join", n) % {"n": n}


before.append(_take_turns)
carried("committees.Membership.user", _carry_memberships, words=_seats)
once("committees.JoinRequest.user", "committee", when=Q(closed_at=None), words=_requests)
moves(
    "committees.Membership.ended_by",
    "committees.JoinRequest.closed_by",
    "committees.Picture.uploaded_by",
    "committees.Announcement.author",
    "committees.Mailing.author",
    "committees.DocumentVersion.uploaded_by",
    "committees.Publication.author",
)
stays("committees.MembershipEvent.user", "history of memberships as it was written")
stays("committees.MembershipEvent.ended_by", "history of memberships as it was written")
