"""Calls at a distance from now, and time that passes for deliveries without waiting: the pipeline lives on the database's clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from committees.models import Committee, Membership
from events.models import Meeting, MeetingMove, Rsvp
from members.mail.outgoing.digests import plan_summaries, summaries
from members.models import BulkSend, Delivery, User

DAY = 24 * 60


def call_in(
    minutes: float, committee: Committee, by: User, *, announced: timedelta = timedelta(days=30), **fields
) -> Meeting:
    """A call that starts `minutes` from now (to the full minute) and was put on `announced` ago."""
    start = timezone.localtime(timezone.now() + timedelta(minutes=minutes), timezone.get_default_timezone()).replace(
        second=0, microsecond=0
    )
    fields = {"title": "Fair workweek", "video_url": "https://zoom.us/j/123", "dial_in": "669-555-0142"} | fields
    meeting = Meeting.schedule(
        committee,
        by,
        local_date=start.date(),
        local_time=start.time(),
        fold=start.fold,
        timezone="America/New_York",
        **fields,
    )
    Meeting.objects.filter(pk=meeting.pk).update(created_at=Now() - announced, told_at=Now() - announced)
    meeting.refresh_from_db(fields=["told_at"])
    return meeting


def forward(minutes: float, **lookups) -> None:
    """Let time pass for the deliveries: what they wait for comes nearer."""
    gone = timedelta(minutes=minutes)
    Delivery.objects.filter(**lookups).exclude(state=Delivery.State.SENT).update(
        next_try_at=F("next_try_at") - gone, due_at=F("due_at") - gone, useless_after=F("useless_after") - gone
    )


MONDAY, TUESDAY = 0, 1


def coming(weekday: int, clock: time = time(8, 5), zone: str = "America/Denver") -> datetime:
    """That time on the next such day, as a clock in `zone` shows it; not today."""
    today = timezone.localdate(timezone=ZoneInfo(zone))
    day = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return datetime.combine(day, clock, ZoneInfo(zone))


def summarize(weekday: int) -> int:
    """Sweep as on the next such day a little after 8:00 AM in Denver, and let it be that time. How many summaries are new."""
    fresh = plan_summaries(coming(weekday))
    planned = Delivery.objects.filter(kind__in=[notice.kind for notice in summaries()], state="queued")
    planned.update(due_at=Now(), next_try_at=Now(), useless_after=Now() + timedelta(hours=12))
    return fresh


def time_passes(minutes: float) -> None:
    """As if everything that is so far had happened this much earlier, and every call were this much nearer."""
    gone = timedelta(minutes=minutes)
    for model, moments in MOMENTS.items():
        model._base_manager.update(**{name: F(name) - gone for name in moments})


MOMENTS = {
    Meeting: ("starts_at", "ends_at", "created_at", "told_at"),
    MeetingMove: ("moved_at", "old_starts_at", "new_starts_at"),
    Rsvp: ("answered_at",),
    Membership: ("seated_at",),
    Delivery: ("created_at", "due_at", "ready_at", "useless_after", "next_try_at", "sent_at"),
    BulkSend: ("created_at", "goes_at", "stopped_at"),
}
