"""A committee's usual slot: that of the call it had last, or else of the one that comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models

from committees.models import Committee
from events.models import Meeting
from events.schedule.views import same_weekday_next_month
from members.times import clock
from members.times.wall_clock import instant


@dataclass(frozen=True)
class UsualSlot:
    """A weekday and wall-clock time of `zone`; `on` is the next day that it would fall on."""

    on: date
    at: time
    zone: ZoneInfo
    minutes: int

    def in_week(self, monday: date) -> datetime | None:
        """Its moment in the week; None where clocks skip it."""
        day = monday + timedelta(days=self.on.weekday())
        try:
            return instant(day, self.at, str(self.zone)).astimezone(UTC)
        except ValidationError:
            return None


def usual_slot(committee: Committee) -> UsualSlot | None:
    over = models.Case(models.When(starts_at__lte=clock.now(), then=0), default=1)
    last_first = models.Case(models.When(starts_at__lte=clock.now(), then=models.F("starts_at"))).desc(nulls_last=True)
    calls = Meeting.objects.filter(committee=committee).not_cancelled().order_by(over, last_first, "starts_at")
    last = calls.only("local_date", "local_time", "timezone", "duration").first()
    if last is None:
        return None
    return UsualSlot(same_weekday_next_month(last.local_date), last.local_time, last.zone, last.duration)
