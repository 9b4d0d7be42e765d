"""One verb behind running a call: `record`. Every entry lands once, whole or not at all, in the order it was made.

A queue may come late, twice, or from a browser whose clock is wrong. Who may do what is asked for each entry when it
arrives, so that a right that ended at midnight has ended here too. What isn't taken says why, and stays where it was
written. An entry made before the call was ended is taken after it; one made later is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import ActionItem, Attendance, CallRun, Decision, LogEntry, Meeting
from events.models.runs import FORGOTTEN, opens_at
from events.record.quorum import Quorum
from events.run.entries import EntryForm, Landed, Written
from events.run.presence import mark
from members.models import AuditEntry, User
from members.times import formats
from members.web.plain_forms import in_plain_words

Kind = LogEntry.Kind
MOST = 5000  # entries of a call
WRITING = (*LogEntry.CAPTURED, Kind.EDIT)
CORRECTING = (Kind.EDIT, Kind.UNDO, Kind.RESTORE)
ENDED = gettext_lazy("The call was ended at %(time)s, before this was written. It belongs in the minutes.")


def record(meeting: Meeting, by: User, entries: Iterable[Written]) -> list[Landed]:
    """Write these into the log of the call, starting it if they say so; what became of each, in the same order.

    Entries that were sent together are taken as made one after the other, whatever their clock says.
    """
    landed, last = [], None
    for entry in entries:
        outcome = _one(meeting, by, entry, last)
        landed.append(outcome.landed)
        last = outcome.made_at or last
    return landed


@dataclass(frozen=True)
class Outcome:
    landed: Landed
    made_at: datetime | None = None


class Refused(Exception):
    """Not taken, with the reason in a sentence."""


def _one(meeting: Meeting, by: User, written: Written, after: datetime | None) -> Outcome:
    key = written.key
    if key is None or written.kind not in Kind.values:
        return Outcome(Landed(str(written.fields.get("key", ""))[:40], "refused", _("We can’t read this entry.")))
    try:
        with transaction.atomic():
            return _Recorder(meeting, by, written, key, after).record()
    except Refused as refusal:
        return Outcome(Landed(str(key), "refused", str(refusal)))
    except ValidationError as error:
        return Outcome(Landed(str(key), "refused", " ".join(map(str, in_plain_words(error).messages))))


class _Recorder:
    """One entry, under the lock of its call."""

    said = ""

    def __init__(self, meeting: Meeting, by: User, written: Written, key: UUID, after: datetime | None) -> None:
        self.meeting = (
            Meeting.objects.select_for_update(no_key=True, of=("self",)).select_related("committee").get(pk=meeting.pk)
        )
        self.run = CallRun.objects.filter(meeting=meeting).first()
        self.by, self.written, self.key, self.now = by, written, key, timezone.now()
        self.kind = Kind(written.kind)
        self.made_at = self._clamped(after)

    def _clamped(self, after: datetime | None) -> datetime:
        """Within the call and not ahead of us, whatever the browser's clock says."""
        earliest = self.run.started_at if self.run else opens_at(self.meeting)
        if after and after > earliest:
            earliest = after
        return min(max(self.written.made_at or self.now, earliest), self.now)

    def record(self) -> Outcome:
        if self.run and self.run.entries.filter(key=self.key).exists():
            return Outcome(Landed(str(self.key), "kept"))
        self._may()
        self._is_open()
        entry = self._apply()
        return Outcome(Landed(str(entry.key), "kept", self.said), entry.made_at)

    # May it? -----------------------------------------------------------------------------------

    def _may(self) -> None:
        perm = "events.run_meeting" if self.kind in LogEntry.RUNNING else "events.keep_record"
        if not self.by.has_perm(perm, self.meeting):
            raise Refused(_("You can’t run this call any more. Ask a co-chair to put this in."))

    def _is_open(self) -> None:
        if self.meeting.is_draft:
            raise Refused(_("The committee isn’t told of this call yet."))
        if self.meeting.cancelled_at and self.made_at >= self.meeting.cancelled_at:
            raise Refused(_("This call was canceled, so nothing goes into its log."))
        if self.run is None:
            self._may_start()
        elif self.run.ended_at and self._comes_too_late(self.run.ended_at):
            raise Refused(ENDED % {"time": formats.clock(self.run.ended_at)})
        elif self.run.entries.count() >= MOST:
            raise Refused(_("The log of this call is full."))

    def _comes_too_late(self, ended_at: datetime) -> bool:
        if self.made_at <= ended_at or self.kind in CORRECTING:
            return False
        return self.kind != Kind.START or self.now > self.meeting.ends_at + FORGOTTEN

    def _may_start(self) -> None:
        if self.kind != Kind.START:
            raise Refused(_("Nobody has started this call yet. Start it, and this goes in."))
        if self.now < opens_at(self.meeting):
            raise Refused(_("You can start the call half an hour before its time."))
        if self.now > self.meeting.ends_at + FORGOTTEN:
            raise Refused(_("This call is over. What happened on it belongs in the minutes."))

    # Doing it ----------------------------------------------------------------------------------

    def _apply(self) -> LogEntry:
        run = self.run or self._start()
        target = self._target(run)
        form = self._form(target.kind if target and self.kind == Kind.EDIT else self.kind)
        entry = LogEntry(run=run, key=self.key, kind=self.kind, made_at=self.made_at, arrived_at=self.now, by=self.by)
        entry.agenda_item = form.cleaned_data["item"]
        entry.text = form.cleaned_data["text"] if self.kind in WRITING else ""
        entry.data = form.data_of_entry
        self.said = form.unclear
        effect = EFFECTS.get(self.kind)
        if effect:
            effect(self, entry, form, target)
        entry.save()
        CallRun.objects.filter(pk=run.pk).update(version=run.version + 1, ended_at=run.ended_at, ended_by=run.ended_by)
        return entry

    def _form(self, kind: str) -> EntryForm:
        seats = Attendance.seats(self.meeting).select_related("user").order_by("user__name", "user")
        form = EntryForm(
            {**self.written.fields, "kind": kind},
            meeting=self.meeting,
            people=list({seat.user_id: seat.user for seat in seats}.values()),
            on=self.made_at.astimezone(ZoneInfo(self.meeting.timezone)).date(),
        )
        if not form.is_valid():
            raise Refused(" ".join(dict.fromkeys(str(word) for words in form.errors.values() for word in words)))
        return form

    def _start(self) -> CallRun:
        AuditEntry.record(self.by, "started the call", self.meeting)
        return CallRun.objects.create(meeting=self.meeting, started_at=self.made_at, started_by=self.by)

    def _target(self, run: CallRun) -> LogEntry | None:
        if self.kind not in CORRECTING:
            return None
        of = self.written.target
        found = LogEntry.objects.filter(run=run, key=of).select_related("decision", "action").first() if of else None
        if found is None or found.kind not in LogEntry.CAPTURED:
            raise Refused(_("We can’t find the entry that this is about."))
        return found

    def start(self, entry: LogEntry, form: EntryForm, target: LogEntry | None) -> None:
        """Of a call that was ended by mistake: it goes on."""
        if entry.run.ended_at and self.made_at > entry.run.ended_at:
            entry.run.ended_at = entry.run.ended_by = None
            AuditEntry.record(self.by, "went on with the call", self.meeting)

    def end(self, entry: LogEntry, form: EntryForm, target: LogEntry | None) -> None:
        if not entry.run.ended_at:
            entry.run.ended_at, entry.run.ended_by = self.made_at, self.by
            AuditEntry.record(self.by, "ended the call", self.meeting)

    def attend(self, entry: LogEntry, form: EntryForm, target: LogEntry | None) -> None:
        mark(self.meeting, form.cleaned_data["person"], self.by, here=self.kind == Kind.HERE, at=self.made_at)

    def decide(self, entry: LogEntry, form: EntryForm, target: LogEntry | None) -> None:
        quorum = Quorum.of(self.meeting, self.made_at)
        entry.decision = Decision.record(
            self.meeting.committee,
            self.by,
            key=self.key,
            meeting=self.meeting,
            agenda_item=entry.agenda_item,
            mover=form.cleaned_data["mover"],
            seconder=form.cleaned_data["seconder"],
            decided_at=self.made_at,
            here=quorum.here,
            needed=quorum.needed if quorum.has_rule else None,
            **form.decision_facts,
        )

    def assign(self, entry: LogEntry, form: EntryForm, target: LogEntry | None) -> None:
        facts = form.action_facts
        entry.action = ActionItem.assign(
            self.meeting.register_of(facts["owner"]),
            self.by,
            key=self.key,
            meeting=self.meeting,
            agenda_item=entry.agenda_item,
            **facts,
        )

    def take_back(self, entry: LogEntry, form: EntryForm, target: LogEntry | None) -> None:
        assert target
        gone = self.kind == Kind.UNDO
        if target.decision:
            why = _("Taken back while the call was run.") if gone else _("Brought back while the call was run.")
            target.decision.correct(self.by, reason=why, withdrawn=gone)
        if target.action:
            (target.action.drop if gone else target.action.restore)(self.by)
        target.removed_at, target.removed_by = (self.now, self.by) if gone else (None, None)
        target.save(update_fields=["removed_at", "removed_by"])
        entry.data = {"of": str(target.key)}

    def edit(self, entry: LogEntry, form: EntryForm, target: LogEntry | None) -> None:
        assert target
        entry.data = {"of": str(target.key), "earlier": target.text}
        if target.decision:
            facts = form.decision_facts
            if target.decision.method == Decision.Method.ROLL_CALL:
                facts = {"motion": facts["motion"]}
            target.decision.correct(self.by, reason=_("Changed while the call was run."), **facts)
        if target.action:
            target.action.edit(self.by, **form.action_facts)
        target.text = form.cleaned_data["text"]
        target.save(update_fields=["text"])


EFFECTS = {
    Kind.START: _Recorder.start,
    Kind.END: _Recorder.end,
    Kind.HERE: _Recorder.attend,
    Kind.GONE: _Recorder.attend,
    Kind.DECISION: _Recorder.decide,
    Kind.ACTION: _Recorder.assign,
    Kind.UNDO: _Recorder.take_back,
    Kind.RESTORE: _Recorder.take_back,
    Kind.EDIT: _Recorder.edit,
}
