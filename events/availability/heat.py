"""How many of a committee can likely come at each hour of a week.

A set of slots is a whole number with a bit for each, so that a group's week is worked out once and each person after
that costs one `&`, however many slots there are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import chain
from zoneinfo import ZoneInfo

from events.availability.roster import Accepted, Group, Night, Roster
from members.models.hours import DAY, meets_on

DAYS, HOURS = 7, 24
WEEKDAYS = range(DAYS)
AROUND = range(-2, 9)  # days of a week as the clocks of others have it
SHARES = (0.28, 0.47, 0.62, 0.75)  # of all who are on the committee: where the next tint begins
EPOCH = date(1970, 1, 1).toordinal()

Slots = int  # a bit for each


class Clock:
    """Wall-clock times of one zone within a week, as minutes since 1970 in UTC."""

    def __init__(self, zone: ZoneInfo, monday: date) -> None:
        self.zone = zone
        ends = [datetime.combine(monday + timedelta(days=days), time(), zone) for days in (-3, 11)]
        offsets = {int((moment.utcoffset() or timedelta()).total_seconds()) // 60 for moment in ends}
        self.offset = offsets.pop() if len(offsets) == 1 else None  # None where clocks change in between

    def minute(self, day: date, after_midnight: int) -> int:
        if self.offset is not None:
            return (day.toordinal() - EPOCH) * 1440 + after_midnight - self.offset
        local = datetime.combine(day, time()) + timedelta(minutes=after_midnight)
        return int(local.replace(tzinfo=self.zone).timestamp()) // 60


class Week:
    """Each hour of seven days by the reader's clock, and one moment besides if it is asked about."""

    def __init__(self, monday: date, zone: ZoneInfo, minutes: int, besides: datetime | None = None) -> None:
        self.monday, self.zone, self.minutes = monday, zone, minutes
        self._clocks: dict[ZoneInfo, Clock] = {}
        self.grid = {
            (day, hour): moment for day in range(DAYS) for hour in range(HOURS) if (moment := self._moment(day, hour))
        }
        self.moments = sorted({*self.grid.values(), *([besides] if besides else [])})
        self._starts = [int(moment.timestamp()) // 60 for moment in self.moments]

    def day(self, number: int) -> date:
        return self.monday + timedelta(days=number)

    def _moment(self, day: int, hour: int) -> datetime | None:
        """None in the hour that clocks skip."""
        local = datetime.combine(self.day(day), time(hour), self.zone)
        moment = local.astimezone(UTC)
        return moment if moment.astimezone(self.zone).hour == hour else None

    def clock(self, zone: ZoneInfo) -> Clock:
        if zone not in self._clocks:
            self._clocks[zone] = Clock(zone, self.monday)
        return self._clocks[zone]

    def within(self, first: int, last: int) -> Slots:
        """The slots that begin and end between these minutes."""
        return _run(bisect_left(self._starts, first), bisect_right(self._starts, last - self.minutes))

    def touching(self, first: int, last: int) -> Slots:
        """The slots that have a minute between these."""
        return _run(bisect_right(self._starts, first - self.minutes), bisect_left(self._starts, last))

    def bit(self, moment: datetime) -> Slots:
        return 1 << self.moments.index(moment)


def _run(first: int, end: int) -> Slots:
    return (1 << end) - (1 << first) if end > first else 0


def _bits(slots: Slots) -> Iterator[int]:
    while slots:
        lowest = slots & -slots
        yield lowest.bit_length() - 1
        slots ^= lowest


class Table(dict[tuple[int, int, int], Slots]):
    """The slots within the hours of a weekday by one clock, worked out once each: (weekday, opens, closes) to slots."""

    def __init__(self, week: Week, clock: Clock, days: Sequence[Sequence[date]]) -> None:
        super().__init__()
        self.week, self.clock, self.days = week, clock, days
        self.midnights = [[clock.minute(day, 0) for day in each] for each in days]

    def __missing__(self, hours: tuple[int, int, int]) -> Slots:
        weekday, opens, closes = hours
        slots, within = 0, self.week.within
        if self.clock.offset is None:  # an hour after midnight may be two
            for day in self.days[weekday]:
                slots |= within(self.clock.minute(day, opens), self.clock.minute(day, closes))
        else:
            for midnight in self.midnights[weekday]:
                slots |= within(midnight + opens, midnight + closes)
        self[hours] = slots
        return slots


@dataclass(frozen=True)
class Heat:
    """The roster looked at through a week."""

    week: Week
    roster: Roster

    @cached_property
    def scores(self) -> dict[datetime, int]:
        """How many can likely come: their hours, without their councils' nights and calls they are going to."""
        counts = [0] * len(self.week.moments)
        for slots, people in self._looked_up[1].items():
            for at in _bits(slots):
                counts[at] += people
        for slots, people in Counter(taken for _zone, taken in self.in_doubt).items():
            for at in _bits(slots):
                counts[at] -= people
        return dict(zip(self.week.moments, counts, strict=True))

    @property
    def free(self) -> list[tuple[Group, Slots]]:
        """When the hours of each group have room for a call."""
        return self._looked_up[0]

    @cached_property
    def _looked_up(self) -> tuple[list[tuple[Group, Slots]], dict[Slots, int]]:
        """`free`, and people by slots that they are free in: day by day, as they share days more often than whole weeks."""
        free, people = [], dict[Slots, int]()
        tables = self._tables
        for group in self.roster.groups:
            table, number, slots, late = tables[group.zone], len(group.people), 0, False
            days = []
            for weekday, opens, closes in zip(WEEKDAYS, group.opens, group.closes, strict=True):
                if opens is not None and closes is not None:
                    found = table[weekday, opens, closes]
                    late |= closes > DAY
                    slots |= found
                    days.append(found)
            for found in [slots] if late else days:  # the hours of two days may have a slot in common
                people[found] = people.get(found, 0) + number
            free.append((group, slots))
        return free, people

    @cached_property
    def _tables(self) -> dict[ZoneInfo, Table]:
        """Zones whose clocks show the same all week have one."""
        clocks = {zone: self.week.clock(zone) for zone in self.roster.by_zone}
        shared = {clock.offset: Table(self.week, clock, self._days) for clock in clocks.values()}
        return {
            zone: shared[clock.offset] if clock.offset is not None else Table(self.week, clock, self._days)
            for zone, clock in clocks.items()
        }

    @cached_property
    def _days(self) -> list[list[date]]:
        """By weekday; around the week some come twice."""
        days = [self.week.day(number) for number in AROUND]
        return [[day for day in days if day.weekday() == weekday] for weekday in range(DAYS)]

    @cached_property
    def nights(self) -> list[Slots]:
        """The slots that fall into each council night of the roster."""
        return [self._at_night(night) for night in self.roster.nights]

    def _at_night(self, night: Night) -> Slots:
        clock, slots = self.week.clock(night.zone), 0
        for day in self._days[night.weekday]:
            if meets_on(day, night.weekday, night.weeks, night.every_other_from):
                start = clock.minute(day, night.begins)
                slots |= self.week.touching(start, start + night.minutes)
        return slots

    @cached_property
    def calls(self) -> list[Slots]:
        return [self.week.touching(call.starts, call.ends) for call in self.roster.calls]

    @cached_property
    def busy(self) -> dict[int, Slots]:
        """When those with a council night or a call in this week have no time."""
        busy: dict[int, Slots] = {}
        nights, calls = (
            zip(self.roster.nights, self.nights, strict=True),
            zip(self.roster.calls, self.calls, strict=True),
        )
        for thing, slots in chain[tuple[Night | Accepted, Slots]](nights, calls):
            if slots:
                for person in thing.people:
                    busy[person] = busy.get(person, 0) | slots
        return busy

    @cached_property
    def in_doubt(self) -> list[tuple[ZoneInfo, Slots]]:
        """Of each person who has something in this week, the slots that it takes from their hours."""
        busy = self.busy
        return [
            (group.zone, slots & busy[person])
            for group, slots in self.free
            for person in group.people
            if person in busy
        ]

    def tint(self, score: int) -> int:
        """0 to 4 by the share of all; darker is more."""
        return bisect_right(SHARES, score / self.roster.size) if self.roster.size else 0
