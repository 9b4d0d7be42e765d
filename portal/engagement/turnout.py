"""Who said going, and who came, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Attendance, Meeting, Rsvp
from members.web.charts import Chart, chart

NOBODY = {"n": 0, "kept": 0}
ENOUGH = 4  # months of which a trend is told


@dataclass(frozen=True)
class Month:
    """`kept`: how many of those who said going came."""

    first: date
    going: int
    came: int
    kept: int

    @property
    def label(self) -> str:
        return date_format(self.first, "M Y")

    @property
    def share(self) -> int | None:
        return round(100 * self.kept / self.going) if self.going else None


@dataclass(frozen=True)
class Turnout:
    """Of calls whose attendance somebody took; `people` is how many came to one at least."""

    months: list[Month]
    people: int

    @cached_property
    def chart(self) -> Chart:
        return chart((date_format(month.first, "M"), month.going, month.came) for month in self.months)

    @cached_property
    def share(self) -> int | None:
        going = sum(month.going for month in self.months)
        return round(100 * sum(month.kept for month in self.months) / going) if going else None

    @property
    def finding(self) -> str:
        """What the chart says, in a sentence."""
        told = [month for month in self.months if month.going]
        if len(told) < ENOUGH:
            words = ngettext(
                "A trend needs four months with attendance taken: there is %(n)d",
                "A trend needs four months with attendance taken: there are %(n)d",
                len(told),
            )
            return words % {"n": len(told)}
        half = len(told) // 2
        before, lately = _share(told[:half]), _share(told[-half:])
        numbers = {"lately": lately, "before": before}
        if lately > before + 2:
            return _("More of the people who say they’re going, come: %(lately)d%%, %(before)d%% before") % numbers
        if lately < before - 2:
            return _("Fewer of the people who say they’re going, come: %(lately)d%%, %(before)d%% before") % numbers
        return _("As many of the people who say they’re going come as before: about %(lately)d%%") % numbers


def _share(months: list[Month]) -> int:
    return round(100 * sum(month.kept for month in months) / sum(month.going for month in months))


def turnout(since: datetime) -> Turnout:
    """Three queries."""
    here = Attendance.objects.here()
    calls = Meeting.objects.told().not_cancelled().past().filter(starts_at__gte=since)
    counted = calls.filter(Exists(here.filter(meeting=OuterRef("pk")))).order_by()
    theirs = here.filter(meeting=OuterRef("meeting"), user=OuterRef("user"))
    said = Rsvp.objects.going().filter(meeting__in=counted, edition=F("meeting__edition"))
    going = _by_month(said.annotate(is_kept=Exists(theirs)), kept=Count("pk", filter=Q(is_kept=True)))
    came = _by_month(here.filter(meeting__in=counted))
    people = here.filter(meeting__in=counted).aggregate(people=Count("user", distinct=True))["people"]
    months = [
        Month(first, going.get(first, NOBODY)["n"], came.get(first, NOBODY)["n"], going.get(first, NOBODY)["kept"])
        for first in sorted(going | came)
    ]
    return Turnout(months, people)


def _by_month(rows: QuerySet[Any], **counts: Count) -> dict[date, dict[str, Any]]:
    months = rows.order_by().annotate(month=TruncMonth("meeting__starts_at")).values("month")
    return {each["month"].date(): each for each in months.annotate(n=Count("pk"), **counts)}
