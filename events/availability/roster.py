"""Who is on a committee, in groups that one look at the clock answers for: same zone and hours, same council night,
same call. One question, whatever the committee's size; its answer is JSON, which costs least to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models

from committees.models import Committee, Membership
from events.models import Meeting, Rsvp
from members.models import CouncilNight, User
from members.models.hours import LAST, USUAL
from members.queries.prepared import prepared
from members.times.zones import known_zones

OPENS, CLOSES = ([span and span[at] for span in USUAL] for at in (0, 1))


class Group(NamedTuple):
    """People with one clock and the same hours, by weekday; `told` when these are theirs and not the usual ones."""

    zone: ZoneInfo
    opens: Sequence[int | None]  # minutes after midnight
    closes: Sequence[int | None]
    told: bool
    people: Sequence[int]
    voting: int = 0


class Night(NamedTuple):
    """A council's rule and who sits on one that has it, each with a name if they let co-chairs know."""

    zone: ZoneInfo
    weekday: int
    weeks: Sequence[int]
    every_other_from: date | None
    begins: int  # minutes after midnight
    minutes: int
    members: Sequence[tuple[int, str | None]]

    @property
    def people(self) -> list[int]:
        return [person for person, _name in self.members]

    @property
    def named(self) -> dict[int, str]:
        return {person: name for person, name in self.members if name}


@dataclass(frozen=True)
class Accepted:
    """A call within the week, and who of the committee is going. `title` is empty where the reader may not see it."""

    starts: int  # minutes since 1970 in UTC
    ends: int
    people: Sequence[int]
    title: str = ""
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
    weeks = sorted({(day.day - 1) // 7 + 1 for day in days})
    first, last = (int(datetime.combine(day, time(), ZoneInfo("UTC")).timestamp()) for day in (days[0], days[-1]))
    [(groups, nights, calls)] = _known(committee.pk, reader, first, last, weeks[0], weeks[len(weeks) // 2], weeks[-1])
    zones = Zones(committee.timezone)
    return Roster(
        [
            Group(zones[zone], opens or OPENS, closes or CLOSES, opens is not None, people, voting)
            for zone, opens, closes, people, voting in groups
        ],
        [
            Night(zones[zone], weekday, weeks, _day(other), _minute(at), n, who)
            for zone, weekday, weeks, other, at, n, who in nights
        ],
        [
            Accepted(starts // 60, ends // 60, people, *(words if is_seen else ()))
            for starts, ends, people, is_seen, *words in calls
        ],
    )


class Zones(dict[str, ZoneInfo]):
    """By name; somebody without a zone that we know is counted by the committee's clock."""

    def __init__(self, otherwise: str) -> None:
        super().__init__()
        self.otherwise = otherwise

    def __missing__(self, name: str) -> ZoneInfo:
        self[name] = ZoneInfo(name if name in known_zones() else self.otherwise)
        return self[name]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:5])


# The question ------------------------------------------------------------------------------------------


class JSONList(models.Func):
    """A JSON array of these values, in their order."""

    function = "JSONB_BUILD_ARRAY"
    output_field = models.JSONField()


class JSONListOf(models.Aggregate):
    """A JSON array of a group's values."""

    function = "JSONB_AGG"
    allow_distinct = True
    output_field = models.JSONField()


class Document(models.Func):
    """An array as one JSON document, read at once."""

    function = "TO_JSONB"
    output_field = models.JSONField()


class Numbers(models.Func):
    """An array of small numbers, each given by itself: a prepared question takes no lists."""

    template = "ARRAY[%(expressions)s]::smallint[]"
    output_field = ArrayField(models.SmallIntegerField())


class MomentOf(models.Func):
    """Seconds since 1970 as a moment."""

    function = "TO_TIMESTAMP"
    output_field = models.DateTimeField()


class Seconds(models.Func):
    """A moment as seconds since 1970."""

    template = "EXTRACT(EPOCH FROM %(expressions)s)::bigint"
    output_field = models.BigIntegerField()


@prepared
def _known(
    committee: int, reader: User, first: int, last: int, early: int, middle: int, late: int
) -> models.QuerySet[Any, Any]:
    """One row: groups, nights that may fall into the week, calls between `first` and `last` with who is going.

    `early`, `middle` and `late` are the weeks of the month in question.
    """
    seats = Membership.objects.held_by_many().filter(committee=committee).order_by()
    return (
        Committee.objects.filter(pk=committee)
        .order_by()
        .values_list(
            Document(ArraySubquery(_groups(seats))),
            Document(ArraySubquery(_nights(seats, Numbers(*map(models.Value, (early, middle, late, LAST)))))),
            Document(ArraySubquery(_calls(seats, reader, *(MomentOf(models.Value(end)) for end in (first, last))))),
        )
    )


def _groups(seats: models.QuerySet[Membership]) -> Any:
    hours = "user__timezone", "user__call_hours__opens", "user__call_hours__closes"
    votes = models.Q(role__in=Membership.VOTING)
    grouped = seats.values(*hours).annotate(
        people=JSONListOf("user", distinct=True), voting=models.Count("user", filter=votes, distinct=True)
    )
    return grouped.values_list(JSONList(*hours, "people", "voting"))


def _nights(seats: models.QuerySet[Membership], weeks: Numbers) -> Any:
    rule = "user__timezone", "weekday", "weeks", "every_other_from", "begins", "minutes"
    name = models.Case(models.When(may_be_named=True, then="user__name"))
    in_question = models.Q(weeks=[]) | models.Q(weeks__overlap=weeks)
    found = CouncilNight.objects.filter(in_question, user__in=seats.values("user")).order_by()
    grouped = found.values(*rule).annotate(people=JSONListOf(JSONList("user", name)))
    return grouped.values_list(JSONList(*rule, "people"))


def _calls(seats: models.QuerySet[Membership], reader: User, first: MomentOf, last: MomentOf) -> Any:
    seen = Meeting.objects.visible_to(reader).filter(pk=models.OuterRef("meeting"))
    going = Rsvp.objects.current().going().during(first, last).filter(user__in=seats.values("user")).order_by()
    words = "meeting__title", "meeting__committee__name"
    grouped = going.values("meeting", "meeting__starts_at", "meeting__ends_at", *words).annotate(
        people=JSONListOf("user"), seen=models.Exists(seen)
    )
    ends = Seconds("meeting__starts_at"), Seconds("meeting__ends_at")
    return grouped.values_list(JSONList(*ends, "people", "seen", *words)).order_by("meeting__starts_at", "meeting")
