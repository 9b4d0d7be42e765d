"""Words of calls that templates cannot make themselves."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from events.models import Meeting, RunningItem
from members import timewords

register = template.Library()


@register.simple_tag
def join_opens(moment: datetime) -> SafeString:
    """Thu at 12:50 PM MST; with the date when that Thursday is more than six days away."""
    local = timezone.localtime(moment)
    day = date_format(local, "D") if local - timezone.localtime() < timedelta(days=6) else timewords.day_short(moment)
    words = _("%(day)s at %(clock)s") % {"day": day, "clock": timewords.clock(moment)}
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), words)


@register.simple_tag
def month_name(moment: datetime) -> str:
    """March"""
    return date_format(timezone.localtime(moment), "F")


@register.simple_tag
def agenda_bar(rows: list[RunningItem], scale: int, planned: int, length: int) -> SafeString:
    """Planned minutes against the call's length as one bar; the words stand beside it."""
    width = 1000
    marks, at = [], 0
    for number, row in enumerate(rows):
        span = row.item.minutes * width / scale
        past_end = at + span > length * width / scale + 0.5
        marks.append(
            (f"bar__{'over' if past_end else 'even' if number % 2 else 'odd'}", f"{at:.0f}", f"{max(span - 3, 1):.0f}")
        )
        at += span
    if planned < length:
        marks.append(("bar__spare", f"{at:.0f}", f"{width - at:.0f}"))
    rects = format_html_join("", '<rect class="{}" x="{}" y="0" width="{}" height="14"/>', marks)
    return format_html(
        '<svg class="agenda-bar" viewBox="0 0 {} 14" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        width,
        rects,
    )


@register.inclusion_tag("events/_badge.html")
def call_badge(meeting: Meeting) -> dict[str, object]:
    """What the reader said, as a badge; nothing without an answer."""
    return {"answer": meeting.my_response}
