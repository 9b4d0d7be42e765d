"""Times as DESIGN says them, in the active zone, inside `<time datetime>`. The words come from `members.times.formats`."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
    return format_html('<time datetime="{}">{}</time>', _machine(moment), write(moment, *rest))


@register.simple_tag
def when_full(start: datetime, length: Length) -> str:
    return _time(start, formats.full, length)


@register.simple_tag
def when_span(start: datetime, length: Length) -> str:
    return _time(start, formats.span, length)


@register.simple_tag
def when_list(start: datetime) -> str:
    return _time(start, formats.listed)


@register.simple_tag
def when_hours(start: datetime, length: Length) -> str:
    return _time(start, formats.hours, length)


@register.simple_tag
def when_clock(start: datetime) -> str:
    return _time(start, formats.clock)


@register.simple_tag
def when_bare(start: datetime) -> str:
    return _time(start, formats.bare)


@register.simple_tag
def when_day(moment: datetime | date) -> str:
    return _time(moment, formats.day)


@register.simple_tag
def when_day_short(moment: datetime | date) -> str:
    return _time(moment, formats.day_short)


@register.simple_tag
def when_date(moment: datetime | date) -> str:
    return _time(moment, formats.date_only)


@register.simple_tag
def when_deadline(moment: datetime | date) -> str:
    return _time(moment, formats.deadline)


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
