"""What repeats, as days on a wall clock: an RRULE (RFC 5545 section 3.3.10) read, written, said in words and worked out.

Only what people say of calls: every so many weeks; the second Tuesday, the last Thursday, the last weekday of every so
many months, some months left out. Times and zones are not its matter: a day has one call, at the series’ local time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Any

from dateutil import rrule
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from events.schedule.horizon import in_year

MOST_YEARS, MOST_DATES = 10, 520
WEEKLY, MONTHLY = "WEEKLY", "MONTHLY"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKDAYS = DAYS[:5]
LAST = -1
PLACES = (1, 2, 3, 4, LAST)
NAMES = {"FREQ", "INTERVAL", "BYDAY", "BYSETPOS", "BYMONTH", "COUNT", "UNTIL", "WKST"}


@dataclass(frozen=True)
class Rule:
    """`weekday` None is any of Monday to Friday, of which a month has a last one (or a first …). `months` left out are `not_in`."""

    frequency: str
    interval: int = 1
    weekday: int | None = 0
    place: int | None = None  # in the month
    not_in: frozenset[int] = field(default_factory=frozenset)
    count: int | None = None
    until: date | None = None

    # Reading and writing -------------------------------------------------------------------------

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Raises ValidationError for what is no rule of ours."""
        try:
            parts = dict(part.split("=", 1) for part in text.strip().upper().removeprefix("RRULE:").split(";"))
            return cls._of(parts)
        except (ValueError, KeyError) as error:
            raise ValidationError(
                _("A series repeats every week or every month, on one weekday. This rule says something else."), "rule"
            ) from error

    @classmethod
    def _of(cls, parts: dict[str, str]) -> Rule:
        if parts.keys() - NAMES or parts["FREQ"] not in (WEEKLY, MONTHLY):
            raise ValueError("not a rule of ours")
        months = {int(month) for month in parts["BYMONTH"].split(",")} if "BYMONTH" in parts else set(MONTHS)
        count, interval = (int(parts[name]) if name in parts else None for name in ("COUNT", "INTERVAL"))
        weekday, place = _day_of(parts.get("BYDAY", ""), parts.get("BYSETPOS"))
        if not months <= MONTHS.keys() or 0 in (count, interval) or min(count or 1, interval or 1) < 0:
            raise ValueError("no such month or number")
        if (parts["FREQ"] == MONTHLY) != (place in PLACES) or (parts["FREQ"] == WEEKLY and len(months) < 12):
            raise ValueError("a place belongs to a month")
        until = date.fromisoformat(parts["UNTIL"][:8]) if "UNTIL" in parts else None
        return cls(parts["FREQ"], interval or 1, weekday, place, frozenset(MONTHS.keys() - months), count, until)

    def __str__(self) -> str:
        """As `MeetingSeries.rule` keeps it: UNTIL is a local date."""
        parts = [f"FREQ={self.frequency}", f"INTERVAL={self.interval}" if self.interval > 1 else ""]
        if self.not_in:
            parts.append(f"BYMONTH={','.join(str(month) for month in MONTHS if month not in self.not_in)}")
        if self.weekday is None:
            parts.append(f"BYDAY={','.join(WORKDAYS)};BYSETPOS={self.place}")
        else:
            parts.append(f"BYDAY={self.place or ''}{DAYS[self.weekday]}")
        parts.append(f"COUNT={self.count}" if self.count else "")
        parts.append(f"UNTIL={self.until.isoformat()}".replace("-", "") if self.until else "")
        return ";".join(filter(None, parts))

    # Days ----------------------------------------------------------------------------------------

    def dates(self, start: date) -> list[date]:
        """All of them, from the first on or after `start`.

        Raises ValidationError where there is none, and where there are more than 520 or they go on for more than ten years.
        """
        last = in_year(start, start.year + MOST_YEARS)
        found: list[date] = []
        for day in self._from(start):
            if self.until and day > self.until:
                break
            if day > last or len(found) == MOST_DATES:
                raise ValidationError(self._too_many(day > last), "too_many")
            found.append(day)
            if len(found) == self.count:
                break
        if not found:
            raise ValidationError(_("No date fits this. Choose a later end, or fewer months without a call."), "none")
        return found

    def until_day(self, start: date, day: date) -> list[date]:
        """Those up to a day, that included; [] where there are none."""
        return list(takewhile(lambda found: found <= day, self.dates(start)))

    def _too_many(self, too_long: bool) -> str:
        if self.count and self.count > MOST_DATES:
            return _("%(count)s calls are too many. A series can have %(most)s calls, over ten years at most.") % {
                "count": f"{self.count:,}",
                "most": MOST_DATES,
            }
        if too_long:
            return _("A series can go on for ten years at most. Choose an earlier end, or fewer calls.")
        return _("A series can have %(most)s calls at most. Choose an earlier end.") % {"most": MOST_DATES}

    def _from(self, start: date) -> Iterator[date]:
        if self.weekday is None:
            days: Any = {"byweekday": [rrule.weekdays[day] for day in range(5)], "bysetpos": self.place}
        else:
            weekday = rrule.weekdays[self.weekday]
            days = {"byweekday": weekday(self.place) if self.place else weekday}
        rule = rrule.rrule(
            rrule.WEEKLY if self.frequency == WEEKLY else rrule.MONTHLY,
            dtstart=datetime.combine(start, time.min),
            interval=self.interval,
            bymonth=[month for month in MONTHS if month not in self.not_in] if self.not_in else None,
            cache=False,
            **days,
        )
        return (moment.date() for moment in rule)

    def for_a_year(self, start: date) -> Rule:
        """It, ended by the number of calls of twelve months, or of 52 weeks."""
        first = next(self._from(start), None)
        if first is None:
            return replace(self, count=1, until=None)
        end = first + timedelta(weeks=52) if self.frequency == WEEKLY else first.replace(year=first.year + 1, day=1)
        return replace(self, count=max(1, sum(1 for _day in takewhile(lambda day: day < end, self._from(first)))))

    def after(self, start: date, day: date) -> Rule:
        """It, for what comes from `day` on: as many fewer as were before, when it counts."""
        if self.count is None:
            return self
        return replace(self, count=max(1, self.count - sum(1 for found in self.dates(start) if found < day)))

    def ended_before(self, day: date) -> Rule:
        """It, with its last date before `day`."""
        return replace(self, count=None, until=date.fromordinal(day.toordinal() - 1))

    # Words ---------------------------------------------------------------------------------------

    @property
    def words(self) -> str:
        """ "Every two weeks on Tuesday", "Second Tuesday of each month, except July and August"."""
        if self.frequency == WEEKLY:
            return _every_weeks(self.interval) % {"day": WEEKDAYS[self.weekday or 0], "n": self.interval}
        day = _("weekday") if self.weekday is None else str(WEEKDAYS[self.weekday])
        place = str(place_names()[self.place or 1])
        words = capfirst(_every_months(self.interval) % {"place": place, "day": day, "n": self.interval})
        if self.not_in:
            months = [str(MONTHS[month]) for month in sorted(self.not_in)]
            words = _("%(words)s, except %(months)s") % {"words": words, "months": _and(months)}
        return words

    @property
    def briefly(self) -> str:
        """As the usual time of a committee says it: "Second Tuesdays"."""
        day = _("Weekday") if self.weekday is None else str(WEEKDAYS[self.weekday])
        if self.frequency == MONTHLY:
            return _("%(place)s %(day)ss") % {"place": capfirst(str(place_names()[self.place or 1])), "day": day}
        if self.interval == 2:
            return _("Every other %(day)s") % {"day": day}
        return _("%(day)ss") % {"day": day} if self.interval == 1 else self.words


def place_names() -> dict[int, str]:
    return {
        1: pgettext("weekday of a month", "first"),
        2: pgettext("weekday of a month", "second"),
        3: pgettext("weekday of a month", "third"),
        4: pgettext("weekday of a month", "fourth"),
        LAST: pgettext("weekday of a month", "last"),
    }


def _every_weeks(weeks: int) -> str:
    if weeks == 2:
        return _("Every two weeks on %(day)s")
    return ngettext("Every week on %(day)s", "Every %(n)s weeks on %(day)s", weeks)


def _every_months(months: int) -> str:
    return ngettext("%(place)s %(day)s of each month", "%(place)s %(day)s of every %(n)s months", months)


def _and(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def _day_of(by_day: str, position: str | None) -> tuple[int | None, int | None]:
    """Weekday and place in the month. Raises ValueError for more than one, but Monday to Friday with a place."""
    if set(by_day.split(",")) == set(WORKDAYS) and position:
        return None, int(position)
    if position:
        return DAYS.index(by_day), int(position)
    return DAYS.index(by_day[-2:]), int(by_day[:-2]) if by_day[:-2] else None
