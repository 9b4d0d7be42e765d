"""A series of a year: the second Tuesday of each month but July and August, one date put off by hand, one with its own topic."""

from __future__ import annotations

from datetime import time, timedelta

from django.utils import timezone

from committees.models import Committee
from events.models import MeetingSeries
from events.series import scheduling, usual
from events.series.rules import Rule
from portal.demo.cast import Cast

COMMITTEE, BY = "economic-justice", "Denise Whitfield"
RULE = "FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,9,10,11,12;BYDAY=2TU"
TITLE = "Wages and hours: what moved this month"


def load(cast: Cast, committees: dict[str, Committee]) -> None:
    """Once; told long ago, so that nobody is invited today."""
    committee = committees[COMMITTEE]
    if committee.series.exists() or BY not in cast:
        return
    by = cast[BY]
    start = timezone.localdate() + timedelta(days=20)
    series = scheduling.schedule(
        committee,
        by,
        tell=False,
        rule=Rule.parse(RULE).for_a_year(start),
        local_date=start,
        local_time=time(19),
        title=TITLE,
        summary="What councils passed, what they will vote on, and who needs a hand.",
        video_url="https://zoom.us/j/92013371337",
        dial_in="669-555-0142, code 920 133 71337",
    )
    told_at = timezone.now() - timedelta(days=10)
    MeetingSeries.objects.filter(pk=series.pk).update(told_at=told_at)
    series.meetings.update(told_at=told_at)
    second, third = series.meetings.order_by("starts_at")[1:3]
    second.move(
        by,
        local_date=second.local_date + timedelta(days=2),
        local_time=time(18),
        timezone=second.timezone,
        reason="The legislature votes that evening.",
    )
    third.edit(by, title="Wages and hours: the budget season")
    usual.keep(committee.pk)
