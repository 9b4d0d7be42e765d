"""When a committee usually meets, read off its calls: "Second Thursdays, 3:00 PM Eastern".

What its co-chairs once wrote grows old; calls are what happens. Enough of them must agree, or nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committees.usual import usual_time
from events.models import Meeting
from members.queries.prepared import prepared
from members.times import clock, formats

AROUND = timedelta(days=200)  # before and after today
FEW, SHARE = 3, 0.6  # of so many calls so many agree
PLACES = {
    1: gettext_lazy("First"),
    2: gettext_lazy("Second"),
    3: gettext_lazy("Third"),
    4: gettext_lazy("Fourth"),
    5: gettext_lazy("Last"),
}

Call = tuple[date, time, str]


def rhythm_of(committee: int) -> str:
    """In words, with the clock in the active zone, which is named; "" when its calls show none."""
    calls = _calls(committee)
    if len(calls) < FEW:
        return ""
    at, zone = _commonest([(call[1], call[2]) for call in calls])
    days = _days([call[0] for call in calls])
    if not (at and days):
        return ""
    here = timezone.get_current_timezone()
    said = formats.clock_only(datetime.combine(calls[-1][0], at, here))
    return usual_time(_("%(days)s, %(clock)s") % {"days": days, "clock": said}, zone)


@prepared
def _calls(committee: int) -> QuerySet[Any, Call]:
    """Those that were told and are on, half a year back and ahead, in order."""
    today = clock.today()
    near = (
        Meeting.objects.told()
        .not_cancelled()
        .filter(committee=committee, local_date__gte=today - AROUND, local_date__lte=today + AROUND)
    )
    return near.order_by("local_date").values_list("local_date", "local_time", "timezone")


def _days(days: Sequence[date]) -> str:
    """Thursdays, or second Thursdays; "" when they are too different."""
    weekday, _none = _commonest([(day.weekday(), "") for day in days])
    if weekday is None:
        return ""
    name = _("%(weekday)ss") % {"weekday": WEEKDAYS[weekday]}
    weeks = [(later - day).days for day, later in pairwise(days)]
    if weeks and _commonest([(each, "") for each in weeks])[0] == 7:
        return name
    place = _commonest([((day.day - 1) // 7 + 1, "") for day in days])[0]
    return f"{PLACES[place]} {name}" if place else ""


def _commonest(values: Sequence[tuple[Any, str]]) -> tuple[Any, str]:
    """What most of them are; (None, "") when too few agree."""
    (value, count), *_rest = Counter(values).most_common(1)
    return value if count >= max(2, SHARE * len(values)) else (None, "")
