"""What the page of who runs a call shows: where it is, who is there, what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from uuid import UUID, uuid4

from django.db.models import Count, F, Max, OuterRef, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import AgendaItem, Attendance, CallRun, LogEntry, Meeting
from events.models.runs import FORGOTTEN, opens_at
from events.run.presence import Presence
from events.run.progress import Progress, progress
from members.models import User

Kind = LogEntry.Kind

CAPTURES = [  # kind, key, icon, label
    {"value": Kind.NOTE, "key": "n", "icon": "pencil", "label": _("Note")},
    {"value": Kind.DECISION, "key": "d", "icon": "gavel", "label": _("Decision")},
    {"value": Kind.ACTION, "key": "a", "icon": "square-check", "label": _("Action")},
]


def stamp_of(meeting: Meeting, now: datetime) -> str:
    """Another one whenever a page has something new to show: an entry, somebody who came, an item, the next minute."""
    here = Attendance.objects.filter(meeting=OuterRef("pk")).order_by().values("meeting")
    items = AgendaItem.with_removed.filter(meeting=OuterRef("pk")).order_by().values("meeting")
    facts = Meeting.objects.filter(pk=meeting.pk).values_list(
        "run__version",
        "cancelled_at",
        Subquery(here.annotate(n=Count("pk")).values("n")),
        Subquery(here.annotate(last=Max("marked_at")).values("last")),
        Subquery(items.annotate(n=Sum(F("version") + F("position") * F("pk"))).values("n")),
    )
    return sha256(repr((facts.get(), now.replace(second=0, microsecond=0))).encode()).hexdigest()[:16]


@dataclass
class RunPage:
    """`may_run`: the clock is theirs. A secretary writes and marks who is here."""

    meeting: Meeting
    reader: User
    may_run: bool
    now: datetime
    run: CallRun | None
    log: list[LogEntry]
    items: list[AgendaItem]

    @classmethod
    def of(cls, meeting: Meeting, reader: User) -> RunPage:
        run = CallRun.objects.filter(meeting=meeting).select_related("ended_by").first()
        log = list(run.entries.for_listing().in_order()) if run else []
        may_run = reader.has_perm("events.run_meeting", meeting)
        items = list(AgendaItem.objects.of_call(meeting.pk, unpublished=may_run or run is not None))
        return cls(meeting, reader, may_run, timezone.now(), run, log, items)

    @cached_property
    def progress(self) -> Progress:
        running = [entry for entry in self.log if entry.kind in LogEntry.RUNNING]
        return progress(self.meeting, self.run, self.items, running, self.now)

    @cached_property
    def presence(self) -> Presence:
        return Presence.of(self.meeting, self.now)

    @property
    def state(self) -> str:
        """That of the call's progress, or "canceled", "draft", "too early" and "past" while nobody may start it."""
        if self.meeting.is_cancelled:
            return "canceled"
        if self.run is None and not self.meeting.is_told:
            return "draft"
        if self.run is None and self.now < opens_at(self.meeting):
            return "too early"
        if self.run is None and self.now > self.meeting.ends_at + FORGOTTEN:
            return "past"
        return self.progress.state

    @property
    def is_on(self) -> bool:
        return self.state in ("live", "paused", "overrun")

    @property
    def takes_entries(self) -> bool:
        return self.run is not None and (self.is_on or self.state == "ended")

    @property
    def may_go_on(self) -> bool:
        """It was ended, and can be taken up again."""
        return self.state == "ended" and self.may_run and self.now < self.meeting.ends_at + FORGOTTEN

    @property
    def opens_at(self) -> datetime:
        return opens_at(self.meeting)

    @cached_property
    def captured(self) -> list[LogEntry]:
        """What was written, newest first."""
        return [entry for entry in reversed(self.log) if entry.kind in LogEntry.CAPTURED and not entry.removed_at]

    @cached_property
    def taken_back(self) -> list[LogEntry]:
        return [entry for entry in reversed(self.log) if entry.removed_at]

    @property
    def last(self) -> LogEntry | None:
        """What was done last, by whomever."""
        return max(self.log, key=lambda entry: (entry.arrived_at, entry.pk), default=None)

    @property
    def new_key(self) -> UUID:
        """For a form: sent twice, it lands once."""
        return uuid4()

    @property
    def now_ms(self) -> int:
        """For a browser whose clock is another."""
        return round(self.now.timestamp() * 1000)

    @property
    def minutes_url(self) -> str:
        """Where the draft of the minutes stands."""
        return reverse("meeting_minutes", args=[self.meeting.slug])

    @property
    def item(self) -> AgendaItem | None:
        return self.progress.current.item if self.progress.current else None

    @property
    def stage(self) -> str:
        """The page has another shape before, during and after."""
        return "on" if self.is_on else "over" if self.run else "before"
