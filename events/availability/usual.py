"""A committee's usual slot: that of the call it had last, or else of the one that comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import models

from committees.models import Committee
from events.models import Meeting
from events.schedule.views import same_weekday_next_month
from members.queries.prepared import prepared
from members.times import clock
from members.times.wall_clock import instant

LOOKED_AHEAD = 3  # months
MOST = 60  # calls to come


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
    for on, at, zone, minutes, taken in _last_call(committee.pk):
        return UsualSlot(_next_free(on, taken), at, ZoneInfo(zone), minutes)
    return None


@prepared
def _last_call(committee: int) -> models.QuerySet[Any, Any]:
    """The call that began last, or else the one that comes next, with the days of all that are to come."""
    over = models.Case(models.When(starts_at__lte=clock.now(), then=0), default=1)
    last_first = models.Case(models.When(starts_at__lte=clock.now(), then=models.F("starts_at"))).desc(nulls_last=True)
    calls = Meeting.objects.filter(committee=committee).not_cancelled()
    days = ArraySubquery(calls.upcoming().values("local_date")[:MOST])
    in_order = calls.order_by(over, last_first, "starts_at")
    return in_order.values_list("local_date", "local_time", "timezone", "duration", days)[:1]


def _next_free(last: date, taken: Sequence[date]) -> date:
    """The next such weekday of a month without a call; the next one at all where months ahead have theirs."""
    on = first = same_weekday_next_month(last)
    for _month in range(LOOKED_AHEAD):
        if on not in taken:
            return on
        on = same_weekday_next_month(on)
    return first
