"""Days that a person can mean: outside of them, arithmetic with zones ends, and so does any list that shows the row."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

FIRST, LAST = 1900, 2199


def validate_day(day: date | datetime) -> None:
    """For every date and moment that people type. Calls have a nearer end of their own (events.schedule.horizon)."""
    if not FIRST <= day.year <= LAST:
        raise ValidationError(
            _("Enter a day between the years %(first)s and %(last)s"), "no_day", {"first": FIRST, "last": LAST}
        )
