"""The usual time of a committee, kept beside it as its series has it, so that no page asks for it.

Derived anew after each change of a series, and by the sweep: a hold that ends, or an Undo, needs no code here.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import Committee
from events.models import Meeting, MeetingSeries
from events.series.rules import Rule
from members.times import clock, formats


def keep(committee: int) -> None:
    words = of(committee)
    Committee.objects.filter(pk=committee).exclude(series_rhythm=words).update(series_rhythm=words)


def of(committee: int) -> str:
    """ "Second Tuesdays, 7:00 PM Eastern" of the series that is told, runs and meets next; "" without one."""
    coming = Meeting.objects.upcoming().not_cancelled().filter(series=models.OuterRef("pk"))
    told = MeetingSeries.objects.running().filter(committee=committee, told_at__lte=clock.now())
    series = told.annotate(next=models.Subquery(coming.values("starts_at")[:1])).exclude(next=None)
    found = series.order_by("next", "pk").first()
    if found is None:
        return ""
    with timezone.override(found.timezone):
        said = {"clock": formats.clock_only(found.starts_at), "zone": formats.zone_name()}
    return _("%(days)s, %(clock)s %(zone)s") % {"days": Rule.parse(found.rule).briefly, **said}


def keep_all() -> None:
    """Of the committees that have a series, or had one."""
    rows = Committee.objects.exclude(series_rhythm="").values_list("pk", flat=True)
    for committee in {*rows, *MeetingSeries.objects.order_by().values_list("committee", flat=True)}:
        keep(committee)
