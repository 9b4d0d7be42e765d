"""How many of a committee can likely come at each hour of a week.

A set of slots is a whole number with a bit for each, so that a group's week is worked out once and each person after
that costs one `&`, however many slots there are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import chain
from zoneinfo import ZoneInfo

from events.availability.roster import Accepted, Group, Night, Roster
from members.models.hours import DAY, Span, meets_on

DAYS, HOURS = 7, 24
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


@dataclass(frozen=True)
class Heat:
    """The roster looked at through a week."""

    week: Week
    roster: Roster

    @cached_property
    def scores(self) -> dict[datetime, int]:
        """How many can likely come: their hours, without their councils' nights and calls they are going to."""
        counts = [0] * len(self.week.moments)
        for slots, people in self._by_hours().items():
            for at in _bits(slots):
                counts[at] += people
        for slots, people in Counter(free & busy for free, busy in self._in_doubt()).items():
            for at in _bits(slots):
                counts[at] -= people
        return dict(zip(self.week.moments, counts, strict=True))

    def _by_hours(self) -> Counter[Slots]:
        """People by slots that they are free in: day by day, as people share days more often than whole weeks."""
        people: Counter[Slots] = Counter()
        for group, slots in self.free:
            if any(span and span[1] > DAY for span in group.spans):
                people[slots] += len(group.people)  # the hours of two days may have a slot in common
                continue
            for weekday, span in enumerate(group.spans):
                if span:
                    people[self._on_weekday(group.zone, weekday, span)] += len(group.people)
        return people

    @cached_property
    def free(self) -> list[tuple[Group, Slots]]:
        """When the hours of each group have room for a call."""
        return [(group, self._free(group)) for group in self.roster.groups]

    def _free(self, group: Group) -> Slots:
        slots = 0
        for weekday, span in enumerate(group.spans):
            if span:
                slots |= self._on_weekday(group.zone, weekday, span)
        return slots

    def _on_weekday(self, zone: ZoneInfo, weekday: int, span: Span) -> Slots:
        key = zone, weekday, span
        if key not in self._weekdays:
            clock, slots = self.week.clock(zone), 0
            for day in self._days[weekday]:
                slots |= self.week.within(clock.minute(day, span[0]), clock.minute(day, span[1]))
            self._weekdays[key] = slots
        return self._weekdays[key]

    @cached_property
    def _weekdays(self) -> dict[tuple[ZoneInfo, int, Span], Slots]:
        return {}

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

    def _in_doubt(self) -> Iterator[tuple[Slots, Slots]]:
        busy = self.busy
        for group, slots in self.free:
            for person in group.people:
                if person in busy:
                    yield slots, busy[person]

    def tint(self, score: int) -> int:
        """0 to 4 by the share of all; darker is more."""
        return bisect_right(SHARES, score / self.roster.size) if self.roster.size else 0
