"""Running a call: what co-chairs do and write while it takes place, as a log that minutes are drafted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models.actions import ActionItem
from events.models.agendas import AgendaItem
from events.models.decisions import Decision
from events.models.meetings import Meeting
from members.fields import Words
from members.models import User

TEXT = 2000  # letters of an entry
OPENS = timedelta(minutes=30)  # before the planned start
FORGOTTEN = timedelta(hours=12)  # after the planned end nobody is on a call that was not ended


def opens_at(meeting: Meeting) -> datetime:
    """From when a call may be started."""
    return meeting.starts_at - OPENS


class CallRun(models.Model):
    """One a call, from the moment somebody starts it. `version` grows with every entry: a page asks whether it is behind."""

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="run")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("started_at")),
                name="run_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return str(self.meeting)

    @property
    def is_live(self) -> bool:
        return self.ended_at is None


class LogEntryQuerySet(models.QuerySet["LogEntry"]):
    def of_call(self, meeting: Meeting) -> LogEntryQuerySet:
        return self.filter(run__meeting=meeting)

    def in_order(self) -> LogEntryQuerySet:
        """As they were made; what was made at one moment, as it arrived."""
        return self.order_by("made_at", "pk")

    def standing(self) -> LogEntryQuerySet:
        """Those that nobody took back."""
        return self.filter(removed_at=None)

    def captured(self) -> LogEntryQuerySet:
        """What people wrote down: notes, decisions and action items that nobody took back."""
        return self.standing().filter(kind__in=LogEntry.CAPTURED)

    def running(self) -> LogEntryQuerySet:
        """What moves the clock."""
        return self.filter(kind__in=LogEntry.RUNNING)

    def for_listing(self) -> LogEntryQuerySet:
        """With all that a row says, in one query."""
        decided = ("decision__mover", "decision__seconder", "decision__committee")
        return self.select_related("by", "removed_by", "agenda_item", "action__owner", *decided)


class LogEntry(models.Model):
    """One act or one thing written down. `key` is made where it was written, so that it lands once however often it is sent.

    `made_at` is the moment it was written, `arrived_at` when we had it. `agenda_item` is the item the call was on, or the
    one it went to. What a decision or an action item says stands in the row it made. `data` has what other kinds need:

        extend              minutes
        edit                of (the key of the entry it changed), earlier (its words before)
        undo, restore       of
        here, gone          user
    """

    class Kind(models.TextChoices):
        START = "start", _("Started the call")
        ITEM = "item", _("Went to an item")
        PAUSE = "pause", _("Paused")
        RESUME = "resume", _("Went on")
        EXTEND = "extend", _("Gave the item more time")
        END = "end", _("Ended the call")
        NOTE = "note", _("Note")
        DECISION = "decision", _("Decision")
        ACTION = "action", _("Action")
        EDIT = "edit", _("Changed an entry")
        UNDO = "undo", _("Took an entry back")
        RESTORE = "restore", _("Brought an entry back")
        HERE = "here", _("Marked somebody as here")
        GONE = "gone", _("Marked somebody as not here")

    CAPTURED = (Kind.NOTE, Kind.DECISION, Kind.ACTION)
    RUNNING = (Kind.START, Kind.ITEM, Kind.PAUSE, Kind.RESUME, Kind.EXTEND, Kind.END)

    run = models.ForeignKey(CallRun, models.CASCADE, related_name="entries")
    key = models.UUIDField()
    kind = models.CharField(max_length=8, choices=Kind)
    made_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    agenda_item = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, blank=True, related_name="log_entries")
    text = Words(blank=True, max_length=TEXT)
    data = models.JSONField(default=dict, blank=True)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, blank=True, related_name="log_entries")
    action = models.ForeignKey(ActionItem, models.SET_NULL, null=True, blank=True, related_name="log_entries")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="log_entry_once")]
        indexes = [models.Index(fields=["run", "made_at", "id"], name="log_in_order")]

    def __str__(self) -> str:
        return self.text or str(self.get_kind_display())

    @property
    def did(self) -> str:
        """What it was, behind the name of who did it."""
        return str(DID[self.Kind(self.kind)])

    @property
    def line(self) -> str:
        """Its words as they may be typed again: of an action item with owner and day."""
        if not self.action:
            return self.text
        owner, due_on = self.action.owner, self.action.due_on
        return self.text + (f" @{owner.name}" if owner else "") + (f" by {due_on:%m/%d/%Y}" if due_on else "")

    @property
    def is_late(self) -> bool:
        """It came after the call was ended."""
        ended_at: datetime | None = self.run.ended_at
        return ended_at is not None and self.arrived_at > ended_at


@dataclass(frozen=True)
class Following:
    """What members see of a call that is run: the item it is on, and nothing of what is being written."""

    item: AgendaItem
    number: int
    of: int

    @classmethod
    def of_call(cls, meeting: Meeting) -> Following | None:
        """None while nobody runs the call, and where it has no agenda."""
        run = CallRun.objects.filter(meeting=meeting, ended_at=None).first()
        items = list(meeting.agenda_items.order_by("position", "pk")) if run else []
        if not run or not items:
            return None
        went = run.entries.filter(kind=LogEntry.Kind.ITEM, agenda_item__in=items).in_order().last()
        place = [item.pk for item in items].index(went.agenda_item_id or 0) if went else 0
        return cls(items[place], place + 1, len(items))


DID = {
    LogEntry.Kind.START: _("started the call"),
    LogEntry.Kind.ITEM: _("went to an item"),
    LogEntry.Kind.PAUSE: _("paused"),
    LogEntry.Kind.RESUME: _("went on"),
    LogEntry.Kind.EXTEND: _("gave the item more time"),
    LogEntry.Kind.END: _("ended the call"),
    LogEntry.Kind.NOTE: _("wrote a note"),
    LogEntry.Kind.DECISION: _("recorded a decision"),
    LogEntry.Kind.ACTION: _("wrote an action down"),
    LogEntry.Kind.EDIT: _("changed an entry"),
    LogEntry.Kind.UNDO: _("took an entry back"),
    LogEntry.Kind.RESTORE: _("brought an entry back"),
    LogEntry.Kind.HERE: _("marked somebody as here"),
    LogEntry.Kind.GONE: _("marked somebody as not here"),
}
