"""Days and times as people type them: brought into one form first, judged after.

For fields that are text: where a browser has no calendar to offer, and for those who type anyway. Each function raises
ValueError for what it cannot read; "7" alone is not read, because nobody knows which half of the day it is.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from members.text import cleaning
from members.times.clock import today

NAMED_TIMES = {"noon": time(12), "12 noon": time(12), "midday": time(12), "midnight": time(0), "12 midnight": time(0)}
TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h\u2236\ua789 ]?(?P<minute>[0-5]\d)(?:[:.](?P<second>[0-5]\d)(?:[.]\d+)?)?)?"
    r"\s*(?:o'?clock)?\s*(?P<half>[ap])?(?:\.?\s*m\.?)?"
)
MONTHS = {
    name[:length].lower(): at for at, name in enumerate(calendar.month_name) if at for length in range(3, len(name) + 1)
}
WEEKDAYS = {
    name[:length].lower(): at for at, name in enumerate(calendar.day_name) for length in range(3, len(name) + 1)
}
WORD = r"(?P<month>[a-z]{3,9})"
NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
YEAR = r"(?:[ ,/.-]+(?P<year>\d{4}|'?\d{2}))?"
DAYS = [
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(rf"(?P<month>\d{{1,2}})[-/. ](?P<day>\d{{1,2}}){YEAR}"),
    re.compile(rf"{WORD}[ .,-]*{NUMBER}{YEAR}"),
    re.compile(rf"{NUMBER}[ .-]*(?:of )?{WORD}[.]?{YEAR}"),
    re.compile(rf"(?P<year>\d{{4}})[ ,-]+{WORD}[ .-]*{NUMBER}"),
]


def time_typed(text: str) -> time:
    """7pm, 7:30 p.m., 7.30pm, 19:30, 1930, noon, with digits of any width."""
    plain = _plain(text).removeprefix("at ")
    if plain in NAMED_TIMES:
        return NAMED_TIMES[plain]
    found = TIME.fullmatch(plain)
    if not found or not (found["minute"] or found["half"]):
        raise ValueError(text)
    hour, half = int(found["hour"]), found["half"]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, int(found["minute"] or 0), int(found["second"] or 0))


def day_typed(text: str) -> date:
    """3/3/2027, 2027-03-03, March 3, Mar 3rd, 2027, Wed, 3 March, tomorrow. Without a year, the next such day."""
    plain = _plain(text)
    if plain in ("today", "tomorrow"):
        return today() + timedelta(days=plain == "tomorrow")
    weekday, plain = _weekday(plain)
    found = next((match for pattern in DAYS if (match := pattern.fullmatch(plain))), None)
    if not found:
        raise ValueError(text)
    month = int(found["month"]) if found["month"].isdigit() else MONTHS.get(found["month"], 0)
    on = _on(found["year"], month, int(found["day"]))
    if weekday is not None and on.weekday() != weekday:
        raise ValueError(text)
    return on


def moment_typed(text: str) -> datetime:
    """A day and a time after it, "March 3, 2027 at 7pm", without a zone."""
    words = _plain(text.replace("T", " ") if re.match(r"\d{4}-\d\d-\d\dT", text) else text).split(" ")
    for length in (1, 2, 3):
        day, hour = " ".join(words[:-length]).removesuffix(" at").rstrip(" ,"), " ".join(words[-length:])
        try:
            return datetime.combine(day_typed(day), time_typed(hour))
        except ValueError:
            continue
    raise ValueError(text)


def _plain(text: str) -> str:
    return " ".join(cleaning.line(text).casefold().replace("’", "'").split()).strip(" ,")


def _weekday(text: str) -> tuple[int | None, str]:
    first, _space, rest = text.partition(" ")
    weekday = WEEKDAYS.get(first.strip(".,"))
    return (weekday, rest) if weekday is not None and rest else (None, text)


def _on(year: str | None, month: int, day: int) -> date:
    if year:
        number = int(year.strip("'"))
        return date(number + 2000 if number < 100 else number, month, day)
    for ahead in range(9):  # February 29 comes once in eight years at worst
        try:
            on = date(today().year + ahead, month, day)
        except ValueError:
            continue
        if on >= today():
            return on
    raise ValueError(f"{month}/{day}")


class _Typed(forms.Field):
    read: Any

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        try:
            return type(self).read(value[:60])
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], "invalid") from None


class TimeTypedField(_Typed, forms.TimeField):
    read = time_typed


class DayTypedField(_Typed, forms.DateField):
    read = day_typed


class MomentTypedField(_Typed, forms.DateTimeField):
    @staticmethod
    def read(text: str) -> datetime:
        return timezone.make_aware(moment_typed(text))


class MonthTypedField(forms.IntegerField):
    """A month as a number or by its name."""

    def to_python(self, value: Any) -> Any:
        name = _plain(value).strip(".") if isinstance(value, str) else ""
        return super().to_python(str(MONTHS[name]) if name in MONTHS else cleaning.line(str(value or "")))
