"""What the last call of a committee had on its agenda and did not reach, by the log of its run."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from events.models import AgendaItem, CallRun, LogEntry, Meeting
from events.models.agendas import FRAME


def left_over(meeting: Meeting) -> list[AgendaItem]:
    """Items of the last call that was run before this one: nobody went to them, wrote anything on them, or put them on
    another agenda since.
    """
    runs = CallRun.objects.filter(ended_at__isnull=False, meeting__committee=meeting.committee_id)
    last = runs.filter(meeting__starts_at__lt=meeting.starts_at).order_by("-meeting__starts_at").first()
    if last is None:
        return []
    logged = LogEntry.objects.standing().filter(run=last, agenda_item=OuterRef("pk"))
    carried = AgendaItem.objects.filter(carried_from=OuterRef("pk"), meeting__cancelled_at=None)
    items = AgendaItem.objects.filter(meeting=last.meeting_id).in_order()
    found = items.annotate(was_on=Exists(logged), goes_on=Exists(carried)).prefetch_related("papers", "also_presenting")
    # A call begins with its first item, without a word in the log.
    return [item for item in found[1:] if not (item.was_on or item.goes_on) and item.kind not in FRAME]
