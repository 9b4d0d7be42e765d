"""VTIMEZONE (RFC 5545 section 3.6.5): what a zone's clocks do in some years, written from the zone data of Python.

Where clocks change on the same weekdays every year it is a rule with BYDAY: Outlook on a desk reads lists of dates an hour off.
Elsewhere each change stands by itself, after what held before the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST = -1  # of its weekday in a month


@dataclass(frozen=True)
class Change:
    """Clocks that show `at` go on from there with another offset. `at` is by the offset before, as DTSTART says it."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def turn(self) -> tuple[object, ...]:
        """What is the same in every year that follows one rule, but for the day."""
        return self.before, self.after, self.name, self.at.month, self.at.weekday(), self.at.time()

    @property
    def places(self) -> set[int]:
        """Which of its weekdays in the month the day is: 1 to 5, and the last."""
        is_last = (self.at + 7 * DAY).month != self.at.month
        return {(self.at.day - 1) // 7 + 1} | ({LAST} if is_last else set())


def is_utc(zone: ZoneInfo, moments: Iterable[datetime]) -> bool:
    """Whether moments have to be written in UTC: a clock that shows the same time twice can't tell which (RFC 5545 section 3.3.5)."""
    return zone.key == "UTC" or any(_happens_twice(moment.astimezone(zone)) for moment in moments)


@lru_cache(maxsize=256)
def vtimezone(name: str, first: int, last: int) -> str:
    """For all of these years; "" for UTC, which needs none."""
    zone = ZoneInfo(name)
    if name == "UTC":
        return ""
    changes = list(_changes(zone, first, last))
    rules = _rules(changes, last - first + 1) if changes else []
    lines = [line for change, rule in rules for line in _observance(change, rule)]
    if not lines:
        start = datetime(first, 1, 1, tzinfo=zone)
        offset = start.utcoffset() or timedelta()
        held = Change(start, offset, offset, start.tzname() or name)
        lines = [line for change in (held, *changes) for line in _observance(change)]
    return "".join(f"{line}\r\n" for line in ("BEGIN:VTIMEZONE", f"TZID:{name}", *lines, "END:VTIMEZONE"))


def _happens_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _changes(zone: ZoneInfo, first: int, last: int) -> Iterator[Change]:
    day, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    while day < end:
        if _state(zone, day) != _state(zone, day + DAY):
            yield _change(zone, day, day + DAY)
        day += DAY


def _change(zone: ZoneInfo, early: datetime, late: datetime) -> Change:
    """The one between these moments, to the minute."""
    before, after = _state(zone, early), _state(zone, late)
    while late - early > MINUTE:
        middle = early + (late - early) // 2 // MINUTE * MINUTE
        early, late = (early, middle) if _state(zone, middle) == after else (middle, late)
    return Change(late.replace(tzinfo=None) + before[0], before[0], after[0], after[1])


def _state(zone: ZoneInfo, moment: datetime) -> tuple[timedelta, str]:
    local = moment.astimezone(zone)
    return local.utcoffset() or timedelta(), local.tzname() or ""


def _rules(changes: list[Change], years: int) -> list[tuple[Change, str]]:
    """The first change of each rule, and the rule; none unless the rules explain every change."""
    turns: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        turns.setdefault(change.turn, []).append(change)
    rules = []
    for alike in turns.values():
        places = set.intersection(*(change.places for change in alike))
        if len({change.at.year for change in alike}) != years or len(alike) != years or not places:
            return []
        day = f"{LAST if LAST in places else min(places)}{WEEKDAYS[alike[0].at.weekday()]}"
        rules.append((alike[0], f"FREQ=YEARLY;BYMONTH={alike[0].at.month};BYDAY={day}"))
    return rules


def _observance(change: Change, rule: str = "") -> list[str]:
    kind = "DAYLIGHT" if change.after > change.before else "STANDARD"
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{change.at:%Y%m%dT%H%M%S}",
        *([f"RRULE:{rule}"] if rule else []),
        f"TZOFFSETFROM:{_offset(change.before)}",
        f"TZOFFSETTO:{_offset(change.after)}",
        f"TZNAME:{change.name}",
        f"END:{kind}",
    ]


def _offset(offset: timedelta) -> str:
    return timezone(offset).tzname(None).removeprefix("UTC").replace(":", "") or "+0000"
