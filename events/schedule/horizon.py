"""How far ahead a call may lie: three years, and more than a year and a half only when it is really meant.

2207 for 2027 is typed quickly, and nobody sees it until nobody comes.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

MOST_YEARS = 3
DOUBTFUL = timedelta(days=550)


def check(on: date) -> None:
    """Raise ValidationError for a day that is over everywhere, or too far ahead."""
    today = timezone.localdate()
    if on < today - timedelta(days=2):
        raise ValidationError(_("That time has passed. Choose a later one."), "past")
    if on > in_year(today, today.year + MOST_YEARS):
        raise ValidationError(f"{_question(on)} {_('A call can be three years ahead at most.')}".strip(), "too_far")


def doubt(on: date) -> str:
    """The question to answer before a call is put on so far ahead, "" for none."""
    return _question(on) if on > timezone.localdate() + DOUBTFUL else ""


def in_year(day: date, year: int) -> date:
    """The same day of another year; February 28 where there is no 29."""
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))


def _question(on: date) -> str:
    meant = _meant(on)
    return _("%(year)s? Did you mean %(meant)s?") % {"year": on.year, "meant": meant} if meant else ""


def _meant(on: date) -> int | None:
    """This year or the next, when the day is still to come and the year typed has the same digits, or all but one."""
    today = timezone.localdate()
    years = [year for year in (today.year, today.year + 1) if in_year(on, year) > today]
    swapped = [year for year in years if sorted(str(year)) == sorted(str(on.year))]
    mistyped = [year for year in years if sum(a != b for a, b in zip(str(year), f"{on.year:04}", strict=False)) == 1]
    return next(iter([*swapped, *mistyped]), None)
