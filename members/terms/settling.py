"""After an election day: many offices settled at once, each for itself, and taken back together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from members.models import Office, User
from members.models.offices import OfficeQuerySet
from members.models.users import admitted
from members.terms import offices
from members.times.clock import today
from members.web.meanwhile import ChangedMeanwhile, mark

AHEAD = timedelta(days=120)
LATELY = timedelta(days=30)  # who said so since then is not asked about
YES, LOST, MOVED = "yes", "lost", "moved"
REFUSED = (ChangedMeanwhile, ValidationError, PermissionDenied)


@dataclass(frozen=True)
class Said:
    """What staff chose for one office, which the page showed as `seen`."""

    office: int
    answer: str
    seen: str = ""


@dataclass
class Outcome:
    """Names by what became of them. `undo` is what puts back what was saved."""

    confirmed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    moved: list[Office] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    undo: list[dict[str, Any]] = field(default_factory=list)


def to_settle(state: str = "") -> OfficeQuerySet:
    """Offices whose term is over or ends soon, of which nobody said lately what follows."""
    near = Q(ended_on__lte=today()) | ~Q(confirmed_at__gt=timezone.now() - LATELY)
    due = Office.objects.current().filter(near, admitted("user__"), leaves=False, ended_on__lte=today() + AHEAD)
    due = due.filter(jurisdiction__state=state) if state else due
    return due.select_related("user", "jurisdiction").order_by("jurisdiction__state", "user__name", "pk")


def settle(said: Iterable[Said], by: User, *, out_on: date, until: date | None) -> Outcome:
    """Whoever stays has the term that ends on `until`, whoever lost is out of office from `out_on` on.

    Each row is saved by itself: one that somebody changed meanwhile, or that is refused, stops no other. Who moved up is
    only named: what they moved to is said one by one.
    """
    outcome = Outcome()
    for each in said:
        office = Office.objects.select_related("user", "jurisdiction").filter(pk=each.office).first()
        if office is None:
            continue
        if each.answer == MOVED:
            outcome.moved.append(office)
            continue
        try:
            saved = _settle(office, each, by, out_on, until)
        except REFUSED:
            outcome.refused.append(office.user.name)
            continue
        outcome.undo.append(_before(office, saved))
        (outcome.left if each.answer == LOST else outcome.confirmed).append(office.user.name)
    return outcome


@transaction.atomic
def _settle(office: Office, said: Said, by: User, out_on: date, until: date | None) -> Office:
    if said.answer == LOST:
        return offices.leave(office, by, out_on, seen=said.seen)
    return offices.confirm(office, by, ended_on=until, seen=said.seen)


def _before(office: Office, saved: Office) -> dict[str, Any]:
    """In JSON's types."""
    return {
        "office": office.pk,
        "ended_on": office.ended_on and office.ended_on.isoformat(),
        "leaves": office.leaves,
        "confirmed_at": office.confirmed_at and office.confirmed_at.isoformat(),
        "seen": mark(saved, offices.SHOWN),
    }


def take_back(rows: Iterable[dict[str, Any]], by: User) -> tuple[int, list[str]]:
    """How many are as they were before, and the names of those that changed since."""
    done, refused = 0, []
    for row in rows:
        office = Office.objects.select_related("user").filter(pk=row["office"]).first()
        if office is None:
            continue
        try:
            offices.put_back(
                office,
                by,
                ended_on=date.fromisoformat(row["ended_on"]) if row["ended_on"] else None,
                leaves=row["leaves"],
                confirmed_at=datetime.fromisoformat(row["confirmed_at"]) if row["confirmed_at"] else None,
                seen=row["seen"],
            )
        except REFUSED:
            refused.append(office.user.name)
        else:
            done += 1
    return done, refused
