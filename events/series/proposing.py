"""The dates of a series before it is saved: what is odd about each, and what was chosen for it.

A date on a federal holiday may go ahead, move a week on or be left out; one on which clocks skip the time has to be an hour later
or left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import holidays
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.series.rules import Rule
from members.times.wall_clock import happens_twice, instant

A_WEEK, AN_HOUR = timedelta(weeks=1), timedelta(hours=1)


class Choice(models.TextChoices):
    KEEP = "keep", gettext_lazy("Meet all the same")
    WEEK = "week", gettext_lazy("A week on")
    HOUR = "hour", gettext_lazy("An hour later")
    SKIP = "skip", gettext_lazy("Skip it")


@dataclass(frozen=True)
class Proposed:
    """A date of the rule. `missing` is why its time is none."""

    day: date
    at: time
    timezone: str
    fold: int
    holiday: str = ""
    missing: str = ""
    chosen: str = ""

    @property
    def name(self) -> str:
        """Of the field with its choice."""
        return f"on-{self.day.isoformat()}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(value, words) of what may be chosen; [] for a date like any other."""
        if self.missing:
            return [(Choice.HOUR, str(Choice.HOUR.label)), (Choice.SKIP, str(Choice.SKIP.label))]
        if self.holiday:
            found = (Choice.KEEP, Choice.WEEK, Choice.SKIP)
            return [(choice, str(choice.label)) for choice in found]
        return []

    @property
    def is_skipped(self) -> bool:
        return self.chosen == Choice.SKIP

    @property
    def held(self) -> tuple[date, time]:
        if self.chosen == Choice.WEEK:
            return self.day + A_WEEK, self.at
        if self.chosen == Choice.HOUR:
            return self.day, (datetime.combine(self.day, self.at) + AN_HOUR).time()
        return self.day, self.at

    @property
    def starts_at(self) -> datetime | None:
        if self.is_skipped or (self.missing and not self.chosen):
            return None
        try:
            return instant(*self.held, self.timezone, self.fold)
        except ValidationError:
            return None

    @property
    def note(self) -> str:
        """What is odd about it."""
        if self.missing:
            return self.missing
        if self.holiday:
            return _("%(holiday)s, a federal holiday") % {"holiday": self.holiday}
        if happens_twice(self.day, self.at, self.timezone):
            return _("Clocks go back: this time comes twice, and the call is at the %(which)s.") % {
                "which": _("second") if self.fold else _("first")
            }
        return ""


def proposed(rule: Rule, when: Mapping[str, Any], chosen: Mapping[str, str]) -> list[Proposed]:
    """`when` has local_date, local_time, timezone and fold; `chosen` by name of the field. Raises ValidationError as `Rule.dates`."""
    found = []
    for day in rule.dates(when["local_date"]):
        missing = _missing(day, when["local_time"], when["timezone"])
        date_ = Proposed(
            day, when["local_time"], when["timezone"], when.get("fold") or 0, "" if missing else holiday(day), missing
        )
        choice = chosen.get(date_.name, "")
        allowed = {value for value, _words in date_.choices}
        found.append(
            Proposed(
                day, date_.at, date_.timezone, date_.fold, date_.holiday, missing, choice if choice in allowed else ""
            )
        )
    return found


def exceptions(dates: list[Proposed]) -> dict[str, str]:
    """As `MeetingSeries.exceptions` keeps them. Raises ValidationError where a date has no time and nothing was chosen for it."""
    kept = {}
    for date_ in dates:
        if date_.missing and not date_.chosen:
            raise ValidationError(
                _("%(missing)s Or choose below what happens on that date.") % {"missing": date_.missing}, "missing_time"
            )
        if date_.is_skipped:
            kept[date_.day.isoformat()] = ""
        elif date_.held != (date_.day, date_.at):
            kept[date_.day.isoformat()] = datetime.combine(*date_.held).isoformat()
    return kept


def holiday(day: date) -> str:
    """The federal holiday on that day, "" for none. Observed ones count: offices are closed."""
    return _holidays(day.year).get(day, "")


@lru_cache(maxsize=32)
def _holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("US", years=[year]))


def _missing(day: date, at: time, zone: str) -> str:
    try:
        instant(day, at, zone)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""
