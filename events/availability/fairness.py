"""Who bears a series' time: how many of its dates begin before 8:00 or end after 9:00 PM where people are, and which
times taken in turns would share that out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import combinations
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from members.times import formats
from members.times.wall_clock import clock_words, instant

EARLY, LATE = 8 * 60, 21 * 60  # minutes after midnight
DAY = 24 * 60


@dataclass(frozen=True)
class Burden:
    """One zone of those for which some dates lie outside of the day. `clocks` are the local times at which they begin."""

    name: str
    people: int
    dates: int
    clocks: Sequence[str]


@dataclass(frozen=True)
class Turns:
    """Times of day by the committee's clock, taken in turns when there are several: nobody bears more than `share`."""

    times: Sequence[time]
    share: float

    @property
    def clocks(self) -> list[str]:
        return [clock_words(at) for at in self.times]


@dataclass(frozen=True)
class Fairness:
    """The dates of a series at one wall-clock time of `zone`, over the people in each zone."""

    dates: Sequence[date]
    at: time
    zone: ZoneInfo
    minutes: int
    people: Mapping[ZoneInfo, int]

    @cached_property
    def burdens(self) -> list[Burden]:
        """Those who sit early or late, most of them first."""
        found: dict[str, Burden] = {}
        for zone, people in self.people.items():
            minutes = self._local(zone, self.at)
            outside = sorted({minute for minute in minutes if self._is_outside(minute)})
            if not outside:
                continue
            name = formats.zone_name(zone)
            known = found.get(name)
            found[name] = Burden(
                name,
                people + (known.people if known else 0),
                max(sum(map(self._is_outside, minutes)), known.dates if known else 0),
                [clock_words(_time(minute)) for minute in outside],
            )
        return sorted(found.values(), key=lambda burden: (-burden.people, burden.name))

    @cached_property
    def moving(self) -> list[str]:
        """The zones where the local time changes during the series, because clocks change there or only elsewhere."""
        return sorted({formats.zone_name(zone) for zone in self.people if len(set(self._local(zone, self.at))) > 1})

    @cached_property
    def turns(self) -> Turns | None:
        """Another time, or two or three in turns, with which the most burdened bear least; None where none is better."""
        if not self.burdens:
            return None
        share = {hour: self._shares(time(hour, self.at.minute)) for hour in range(24)}
        now = max(share[self.at.hour].values())
        others = [hour for hour in range(24) if hour != self.at.hour]
        alone = [(hour,) for hour in others]
        sets = [*alone, *((self.at.hour, *more) for number in (1, 2) for more in combinations(others, number))]
        best = min(sets, key=lambda hours: (*self._worst(share, hours), len(hours), self._distance(hours)))
        least = self._worst(share, best)[0]
        return Turns([time(hour, self.at.minute) for hour in sorted(best)], least) if least < now else None

    def _worst(self, share: Mapping[int, Mapping[ZoneInfo, float]], hours: Sequence[int]) -> tuple[float, float]:
        """What a person of the most burdened zone bears in turns, and all people together."""
        borne = {zone: sum(share[hour][zone] for hour in hours) / len(hours) for zone in self.people}
        return round(max(borne.values()), 3), round(sum(borne[zone] * self.people[zone] for zone in borne), 3)

    def _distance(self, hours: Iterable[int]) -> int:
        """How far the others are from the time that was chosen."""
        return sum(abs(hour - self.at.hour) for hour in hours)

    def _shares(self, at: time) -> dict[ZoneInfo, float]:
        return {zone: sum(map(self._is_outside, self._local(zone, at))) / len(self.dates) for zone in self.people}

    def _local(self, zone: ZoneInfo, at: time) -> list[int]:
        """When each date begins there, in minutes after midnight."""
        minute = at.hour * 60 + at.minute
        return [(minute + shift) % DAY for shift in self._shifts[zone]]

    @cached_property
    def _shifts(self) -> dict[ZoneInfo, list[int]]:
        """How far each zone's clock is ahead on each date."""
        moments = [self._moment(day) for day in self.dates]
        return {zone: [_ahead(moment, zone) - _ahead(moment, self.zone) for moment in moments] for zone in self.people}

    def _moment(self, day: date) -> datetime:
        try:
            return instant(day, self.at, str(self.zone))
        except ValidationError:  # clocks skip it on that day
            return datetime.combine(day, self.at, self.zone)

    def _is_outside(self, minute: int) -> bool:
        return minute < EARLY or minute + self.minutes > LATE


def _ahead(moment: datetime, zone: ZoneInfo) -> int:
    return int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds()) // 60


def _time(minute: int) -> time:
    return time(*divmod(minute, 60))
