"""Wall-clock time to instant: local date, local time and zone name are what a chair means; the instant follows.

Source: PEP 495 (fold), RFC 5545 section 3.3.5.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.times.formats import zone_name as zone_words
from members.times.zones import validate_zone


def instant(on: date, at: time, zone_name: str, fold: int = 0) -> datetime:
    """The UTC instant of a wall-clock time.

    Raises ValidationError with code "unknown_zone", or "missing_time" when clocks skip that time.
    `fold` 1 means the second occurrence where a time happens twice.
    """
    validate_zone(zone_name)
    zone = ZoneInfo(zone_name)
    try:
        moment = datetime.combine(on, at, tzinfo=zone).replace(fold=fold).astimezone(UTC)
    except OverflowError as error:
        raise ValidationError(_("There is no such day on our calendar."), "out_of_range") from error
    if moment.astimezone(zone).replace(tzinfo=None) != datetime.combine(on, at):
        raise ValidationError(
            _(
                "%(time)s does not exist on %(date)s in %(zone)s time: clocks go forward then. Choose a time an hour later or earlier."
            ),
            "missing_time",
            {"time": clock_words(at), "date": f"{on:%B} {on.day}", "zone": zone_words(zone_name)},
        )
    return moment


def happens_twice(on: date, at: time, zone_name: str) -> bool:
    """True in the hour that clocks repeat in autumn."""
    zone = ZoneInfo(zone_name)
    first, second = (datetime.combine(on, at, tzinfo=zone).replace(fold=fold) for fold in (0, 1))
    return first.utcoffset() != second.utcoffset() and first.astimezone(UTC).astimezone(zone).replace(
        tzinfo=None
    ) == datetime.combine(on, at)


def clock_words(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'AM' if at.hour < 12 else 'PM'}"
