"""How a committee is doing: who comes, how soon minutes are out, what becomes of actions, who was not seen for long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import Avg, Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from committees.models import Committee, Membership
from events.models import ActionItem, Attendance, Meeting, Minutes, Rsvp
from events.record import history
from members.queries.prepared import prepared
from members.times import clock, formats
from members.web.charts import Chart, chart

CALLS = 8  # looked at
A_YEAR = timedelta(days=365)
AT_RISK = 12  # named at once


@dataclass(frozen=True)
class Health:
    """`calls` are those that are over, the oldest first, each with `going` and `came` (None where nobody took attendance)."""

    calls: list[Any]
    minutes_in: timedelta | None
    actions_done: int
    actions: int
    at_risk: list[Membership]

    @cached_property
    def counted(self) -> list[Any]:
        """Calls whose attendance somebody took."""
        return [call for call in self.calls if call.came]

    @property
    def chart(self) -> Chart:
        return chart((formats.month_day(call.starts_at), call.going, call.came) for call in self.counted)

    @property
    def finding(self) -> str:
        """What the chart says, in a sentence."""
        half = len(self.counted) // 2
        if half < 2:
            return _("Too few calls to see a trend")
        before, lately = (_mean(part) for part in (self.counted[:half], self.counted[-half:]))
        numbers = {"lately": round(lately), "before": round(before)}
        if lately > before * 1.1:
            return _("More people come: %(lately)s lately, %(before)s before") % numbers
        if lately < before * 0.9:
            return _("Fewer people come: %(lately)s lately, %(before)s before") % numbers
        return _("As many people come as before: about %(lately)s") % numbers

    @property
    def minutes_days(self) -> int | None:
        return None if self.minutes_in is None else max(0, round(self.minutes_in / timedelta(days=1)))


def _mean(calls: list[Any]) -> float:
    return sum(call.came for call in calls) / len(calls)


def health_of(committee: Committee) -> Health:
    """A fixed number of queries."""
    calls = list(_calls(committee.pk))[::-1]
    ((minutes_in, actions, done),) = _numbers(committee.pk)
    counted = [call for call in calls if call.came]
    at_risk = list(history.at_risk(committee, counted).for_listing()[:AT_RISK])
    return Health(calls, minutes_in, done, actions, at_risk)


@prepared
def _calls(committee: int) -> QuerySet[Any]:
    ours = Membership.objects.filter(committee=committee).values("user")
    going = Rsvp.objects.going().filter(meeting=OuterRef("pk"), edition=OuterRef("edition"), user__in=ours)
    here = Attendance.objects.here().filter(meeting=OuterRef("pk"), user__in=ours)
    over = Meeting.objects.told().not_cancelled().of_committee(committee).past()
    return over.annotate(going=_number(going), came=_number(here))[:CALLS]


def _number(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("meeting").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


@prepared
def _numbers(committee: int) -> QuerySet[Any]:
    """How long minutes took on average, actions given in the last year, and how many of these are done."""
    since = clock.now() - A_YEAR
    out = Minutes.objects.filter(meeting__committee=OuterRef("pk"), sent_at__isnull=False, meeting__ends_at__gt=since)
    took = out.order_by().values("meeting__committee").annotate(took=Avg(F("sent_at") - F("meeting__ends_at")))
    given = ActionItem.objects.not_dropped().filter(committee=OuterRef("pk"), made_at__gt=since).order_by()
    counts = given.values("committee").annotate(all=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False)))
    row = Committee.objects.filter(pk=committee).order_by()
    return row.values_list(
        Subquery(took.values("took")),
        Coalesce(Subquery(counts.values("all")), 0),
        Coalesce(Subquery(counts.values("done")), 0),
    )
