"""Times as DESIGN says them, in the active zone, inside `<time datetime>`. The words come from `members.times.formats`."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from members.times import formats
from members.times.formats import Length

register = template.Library()


def _machine(moment: datetime | date) -> str:
    if isinstance(moment, datetime):
        return timezone.localtime(moment).isoformat(timespec="minutes")
    return moment.isoformat()


def _time(moment: datetime | date | None, write: Callable[..., str], *rest: Any) -> SafeString | str:
    if not moment:
        return ""
    return SafeString(f'<time datetime="{_machine(moment)}">{escape(write(moment, *rest))}</time>')


def _same_all_year(moment: datetime | date | None, write: Callable[..., str], *rest: Any) -> SafeString | str:
    """As `_time`, for words that do not say how near it is: the same for everybody in a zone, until the year ends."""
    if not moment:
        return ""
    zone = timezone.get_current_timezone()
    return _kept(moment, write, rest, zone, timezone.localdate(timezone=zone).year, get_language() or "")


@lru_cache(maxsize=8192)
def _kept(
    moment: datetime | date, write: Callable[..., str], rest: tuple[Any, ...], zone: tzinfo, year: int, language: str
) -> SafeString | str:
    return _time(moment, write, *rest)


@register.simple_tag
def when_full(start: datetime, length: Length) -> str:
    return _same_all_year(start, formats.full, length)


@register.simple_tag
def when_span(start: datetime, length: Length) -> str:
    return _same_all_year(start, formats.span, length)


@register.simple_tag
def when_list(start: datetime) -> str:
    return _same_all_year(start, formats.listed)


@register.simple_tag
def when_hours(start: datetime, length: Length) -> str:
    return _same_all_year(start, formats.hours, length)


@register.simple_tag
def when_clock(start: datetime) -> str:
    return _same_all_year(start, formats.clock)


@register.simple_tag
def when_bare(start: datetime) -> str:
    return _same_all_year(start, formats.bare)


@register.simple_tag
def when_day(moment: datetime | date) -> str:
    return _same_all_year(moment, formats.day)


@register.simple_tag
def when_day_short(moment: datetime | date) -> str:
    return _same_all_year(moment, formats.day_short)


@register.simple_tag
def when_date(moment: datetime | date) -> str:
    return _same_all_year(moment, formats.date_only)


@register.simple_tag
def when_deadline(moment: datetime | date) -> str:
    return _same_all_year(moment, formats.deadline)


@register.simple_tag
def when_near(start: datetime | date, length: Length = 0) -> str:
    return _time(start, formats.near, length)


@register.simple_tag
def when_ago(moment: datetime) -> str:
    return _time(moment, formats.ago)


@register.simple_tag
def other_zones(start: datetime) -> list[formats.Elsewhere]:
    return formats.other_zones(start)


@register.simple_tag
def eastern(start: datetime) -> str:
    return formats.eastern(start)


@register.simple_tag
def zone_name(zone: str | None = None) -> str:
    return formats.zone_name(zone)


@register.simple_tag
def zone_letters(start: datetime | None = None) -> str:
    return formats.letters(start or timezone.now())


@register.simple_tag
def clock_change(start: datetime) -> str:
    return formats.clock_change(start)


@register.simple_tag
def date_parts(moment: datetime | date, large: bool = False) -> dict[str, str]:
    """Month, day and weekday for a date block: "March" in a large one, "Mar" in a small one."""
    return formats.date_parts(moment, long_month=bool(large))
