"""What comes again, as iCalendar says it (RFC 5545 section 3.3.10): a rule on the clock of a zone, and its dates.

A rule is followed on the wall, so 7 PM stays 7 PM when clocks change. A time that clocks skip is meant by the offset of
before, one that they show twice is the first (section 3.3.5): whoever means another moment says so for that date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulebase, rrulestr

MOST_DATES = 520
LONGEST = timedelta(days=3660)  # ten years
ENDS = ("COUNT", "UNTIL")
ORDER = ("FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST", "COUNT", "UNTIL")
UNTIL = "%Y%m%dT%H%M%S"


@dataclass(frozen=True)
class Recurrence:
    """`rule` is the text of an RRULE; `first` is the first date and time of day, as the clock in `zone` shows it.

    UNTIL in it is a date, a time on that clock, or a moment in UTC.
    """

    rule: str
    first: datetime
    zone: ZoneInfo

    @cached_property
    def parts(self) -> dict[str, str]:
        named = (part.partition("=") for part in self.rule.upper().removeprefix("RRULE:").split(";") if part)
        return {name.strip(): value.strip() for name, _sign, value in named}

    @property
    def is_endless(self) -> bool:
        return not any(name in self.parts for name in ENDS)

    def dates(self, *, to: date | None = None) -> list[datetime]:
        """Each as the clock shows it, in order: those up to `to`, never more than a series may have."""
        last = min(filter(None, (to, (self.first + LONGEST).date())))
        rule = islice(self._by_clock, MOST_DATES)
        return [each for each in rule if each.date() <= last]

    def moment(self, on_the_wall: datetime) -> datetime:
        """The moment that a calendar program takes it for."""
        return on_the_wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    def meant(self, on_the_wall: datetime, fold: int) -> datetime:
        """The moment when the second of two times, or the one behind a gap, may be meant."""
        return on_the_wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC)

    def is_plain(self, on_the_wall: datetime) -> bool:
        """Whether the clock shows that time once."""
        return self.meant(on_the_wall, 0) == self.meant(on_the_wall, 1)

    def on(self, day: date) -> datetime | None:
        """The date of the rule on that day, None without."""
        return next((each for each in self.dates(to=day) if each.date() == day), None)

    def wall(self, moment: datetime) -> datetime:
        """What the clock shows."""
        return moment.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def text(self, *, until: datetime | None = None) -> str:
        """The rule for a calendar, with an end in UTC (section 3.3.10); `until`, on the clock, is another end than its own."""
        parts = {name: value for name, value in self.parts.items() if name not in ENDS}
        if until is not None:
            parts["UNTIL"] = _utc(self._latest(until))
        elif "COUNT" in self.parts:
            parts["COUNT"] = self.parts["COUNT"]
        elif "UNTIL" in self.parts:
            parts["UNTIL"] = _utc(self._latest(self._until))
        return ";".join(f"{name}={parts[name]}" for name in sorted(parts, key=_place))

    def _latest(self, on_the_wall: datetime) -> datetime:
        """Its end as UTC, late enough for a program that takes the second of two times: no other date is within an hour."""
        return max(self.meant(on_the_wall, 0), self.meant(on_the_wall, 1))

    @cached_property
    def _by_clock(self) -> rrulebase:
        parts = dict(self.parts)
        if "UNTIL" in parts:
            parts["UNTIL"] = self._until.strftime(UNTIL)
        rule = rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=self.first, cache=True)
        assert isinstance(rule, rrulebase)
        return rule

    @property
    def _until(self) -> datetime:
        """On the clock; a bare date lets in all of that day."""
        said = self.parts["UNTIL"]
        if "T" not in said:
            return datetime.combine(datetime.strptime(said, "%Y%m%d").date(), time(23, 59, 59))  # noqa: DTZ007 (by the clock)
        until = datetime.strptime(said.removesuffix("Z"), UNTIL)  # noqa: DTZ007
        return self.wall(until.replace(tzinfo=UTC)) if said.endswith("Z") else until


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):{UNTIL}}Z"


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)
