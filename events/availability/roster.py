"""Who is on a committee, in groups that one look at the clock answers for: same zone and hours, same council night,
same call. Three questions, whatever the committee's size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models.functions import Coalesce

from committees.models import Committee, Membership
from events.models import Meeting, Rsvp
from members.models import CouncilNight, User
from members.models.hours import LAST, USUAL, Span, spans_of
from members.times.zones import known_zones


@dataclass(frozen=True)
class Group:
    """People with one clock and the same hours; `told` when these are theirs and not the usual ones."""

    zone: ZoneInfo
    spans: tuple[Span | None, ...]
    told: bool
    people: Sequence[int]
    voting: int = 0


@dataclass(frozen=True)
class Night:
    """A council's rule and who sits on one that has it; `named` are those of them who let co-chairs know."""

    zone: ZoneInfo
    weekday: int
    weeks: Sequence[int]
    every_other_from: date | None
    begins: time
    minutes: int
    people: Sequence[int]
    named: Sequence[str]
    named_people: Sequence[int]


@dataclass(frozen=True)
class Accepted:
    """A call within the week, and who of the committee is going. `title` is empty where the reader may not see it."""

    starts_at: datetime
    ends_at: datetime
    people: Sequence[int]
    title: str = ""
    slug: str = ""
    committee: str = ""


@dataclass(frozen=True)
class Roster:
    groups: Sequence[Group]
    nights: Sequence[Night] = field(default=())
    calls: Sequence[Accepted] = field(default=())

    @cached_property
    def size(self) -> int:
        return sum(len(group.people) for group in self.groups)

    @cached_property
    def told(self) -> int:
        """How many said their hours."""
        return sum(len(group.people) for group in self.groups if group.told)

    @cached_property
    def voting(self) -> int:
        return sum(group.voting for group in self.groups)

    @cached_property
    def by_zone(self) -> dict[ZoneInfo, int]:
        people: dict[ZoneInfo, int] = {}
        for group in self.groups:
            people[group.zone] = people.get(group.zone, 0) + len(group.people)
        return people


def of(committee: Committee, monday: date, reader: User) -> Roster:
    """Those on the committee today, with what is known of the week from `monday` on."""
    days = [monday + timedelta(days=day) for day in range(-2, 9)]  # the week as the clocks of others have it
    seats = Membership.objects.held_by_many().filter(committee=committee).order_by()
    return Roster(_groups(seats, committee), _nights(seats, committee, days), _calls(seats, days, reader))


def _groups(seats: models.QuerySet[Membership], committee: Committee) -> list[Group]:
    rows = seats.values_list("user__timezone", "user__call_hours__opens", "user__call_hours__closes").annotate(
        people=ArrayAgg("user", distinct=True),
        voting=models.Count("user", filter=models.Q(role__in=Membership.VOTING), distinct=True),
    )
    return [
        Group(_zone(zone, committee), tuple(spans_of(opens, closes)) if opens else USUAL, bool(opens), people, voting)
        for zone, opens, closes, people, voting in rows
    ]


NIGHT = ("weekday", "weeks", "every_other_from", "begins", "minutes")


def _nights(seats: models.QuerySet[Membership], committee: Committee, days: Sequence[date]) -> list[Night]:
    may_be_named = models.Q(may_be_named=True)
    rows = (
        CouncilNight.objects.filter(_may_fall_on(days), user__in=seats.values("user"))
        .order_by()
        .values_list("user__timezone", *NIGHT)
        .annotate(
            people=ArrayAgg("user"),
            named=Coalesce(ArrayAgg("user__name", filter=may_be_named, order_by="user__name"), []),
            named_people=Coalesce(ArrayAgg("user", filter=may_be_named), []),
        )
    )
    return [Night(_zone(zone, committee), *rest) for zone, *rest in rows]


def _may_fall_on(days: Sequence[date]) -> models.Q:
    """Every council meets on some weekday of the week; of the weeks of a month, two or three are in question."""
    weeks = {(day.day - 1) // 7 + 1 for day in days} | {LAST}
    return models.Q(weeks=[]) | models.Q(weeks__overlap=sorted(weeks))


def _calls(seats: models.QuerySet[Membership], days: Sequence[date], reader: User) -> list[Accepted]:
    first, last = (datetime.combine(day, time(), tzinfo=ZoneInfo("UTC")) for day in (days[0], days[-1]))
    seen = Meeting.objects.visible_to(reader).filter(pk=models.OuterRef("meeting"))
    rows = (
        Rsvp.objects.current()
        .going()
        .during(first, last)
        .filter(user__in=seats.values("user"))
        .annotate(is_seen=models.Exists(seen))
        .order_by("meeting__starts_at", "meeting")
        .values_list(
            "meeting__starts_at",
            "meeting__ends_at",
            "is_seen",
            "meeting__title",
            "meeting__slug",
            "meeting__committee__name",
        )
        .annotate(people=ArrayAgg("user"))
    )
    return [
        Accepted(starts_at, ends_at, people, *(words if is_seen else ()))
        for starts_at, ends_at, is_seen, *words, people in _as_lists(rows)
    ]


def _as_lists(rows: Any) -> list[list[Any]]:
    return [list(row) for row in rows]


def _zone(name: str, committee: Committee) -> ZoneInfo:
    """Somebody without a zone that we know is counted by the committee's clock."""
    return ZoneInfo(name if name in known_zones() else committee.timezone)
