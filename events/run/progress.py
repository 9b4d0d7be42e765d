"""Where a call is: worked out from its log, so that two browsers that know the same entries show the same.

The clock of an item stands while the call is paused. Items ahead are cut from the last one backwards where the call
would run over its end, down to a minute each: what can't be cut is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from events.models import AgendaItem, CallRun, LogEntry, Meeting

Kind = LogEntry.Kind
ZERO, SECOND, MINUTE = timedelta(), timedelta(seconds=1), timedelta(minutes=1)


@dataclass
class ItemProgress:
    """An agenda item: when it began or will, how long it took or may take."""

    item: AgendaItem
    planned_at: datetime | None
    state: str = "ahead"  # "done", "current"
    starts_at: datetime | None = None
    spent: timedelta = ZERO  # without pauses
    extended: int = 0  # minutes
    cut_to: int | None = None  # minutes, where there is less time left than planned

    @property
    def pk(self) -> int:
        return self.item.pk

    @property
    def allotted(self) -> int | None:
        """Minutes it may take; None where nobody has said."""
        return None if self.item.minutes is None else self.item.minutes + self.extended

    @property
    def minutes(self) -> int | None:
        """What the list says: taken, or to take."""
        if self.state == "done":
            return minutes_of(self.spent)
        return self.cut_to if self.cut_to is not None else self.allotted

    @property
    def over(self) -> int:
        """Minutes that a finished item took more than planned; less when below 0."""
        if self.state != "done" or self.item.minutes is None:
            return 0
        return minutes_of(self.spent) - self.item.minutes

    @property
    def under(self) -> int:
        return -self.over

    @property
    def moved(self) -> bool:
        """It begins at another minute than planned."""
        if self.starts_at is None or self.planned_at is None:
            return False
        return _minute(self.starts_at) != _minute(self.planned_at)


@dataclass
class Progress:
    """`state` is "not started", "live", "paused", "overrun" or "ended"."""

    meeting: Meeting
    run: CallRun | None
    now: datetime
    rows: list[ItemProgress] = field(default_factory=list)
    current: ItemProgress | None = None
    paused_at: datetime | None = None
    ends_at: datetime | None = None  # as it looks now

    @property
    def state(self) -> str:
        if self.run is None:
            return "not started"
        if self.run.ended_at:
            return "ended"
        if self.paused_at:
            return "paused"
        return "overrun" if self.left is not None and self.left < ZERO else "live"

    @property
    def is_on(self) -> bool:
        return self.state in ("live", "paused", "overrun")

    @property
    def number(self) -> int:
        """Of the current item, from 1; 0 without one."""
        return self.rows.index(self.current) + 1 if self.current else 0

    @property
    def next(self) -> ItemProgress | None:
        return self.rows[self.number] if self.is_on and self.number < len(self.rows) else None

    @property
    def previous(self) -> ItemProgress | None:
        return self.rows[self.number - 2] if self.is_on and self.number > 1 else None

    @property
    def left(self) -> timedelta | None:
        """Of the current item; below zero when it is over its time, None where nobody has said how long."""
        if self.current is None or self.current.allotted is None:
            return None
        return timedelta(minutes=self.current.allotted) - self.current.spent

    @property
    def until(self) -> datetime | None:
        """When the current item is to end, were the call to go on now."""
        return None if self.left is None else self.now + self.left

    # What the clock of the page shows ----------------------------------------------------------

    @property
    def clock_mode(self) -> str:
        """ "down" to the end of the item's time and on from there, or "up" from its start."""
        return "up" if self.left is None else "down"

    @property
    def clock_words(self) -> str:
        """9:42, or +1:05 when the item is over its time."""
        if self.current is None:
            return ""
        shown = self.current.spent if self.left is None else self.left
        seconds = int(abs(shown) // SECOND)
        return f"{'+' if shown < ZERO else ''}{seconds // 60}:{seconds % 60:02}"

    @property
    def turns_at(self) -> int:
        """The moment at which a clock that runs shows nothing, in milliseconds: the same as long as nobody acts."""
        return round((self.now + self._turns_in).timestamp() * 1000)

    @property
    def turns_in(self) -> int:
        """Milliseconds from now until then."""
        return round(self._turns_in / timedelta(milliseconds=1))

    @property
    def _turns_in(self) -> timedelta:
        if self.left is not None:
            return self.left
        return -self.current.spent if self.current else ZERO

    @property
    def allotted_seconds(self) -> int:
        return (self.current.allotted or 0) * 60 if self.current else 0

    @property
    def spent_seconds(self) -> int:
        return int(self.current.spent // SECOND) if self.current else 0

    @property
    def share(self) -> int:
        """Of the current item's time that is used, in hundredths."""
        if self.current is None or not self.current.allotted:
            return 0
        return min(100, int(self.current.spent / timedelta(minutes=self.current.allotted) * 100))

    @property
    def over(self) -> int:
        """Minutes after its planned end that the call will end, as it looks now."""
        return max(0, minutes_of(self.ends_at - self.meeting.ends_at)) if self.ends_at else 0


def progress(
    meeting: Meeting, run: CallRun | None, items: Sequence[AgendaItem], log: Iterable[LogEntry], now: datetime
) -> Progress:
    """`items` in their order, `log` in the order made."""
    found = Progress(meeting, run, run.ended_at if run and run.ended_at else now)
    at: datetime | None = meeting.starts_at
    for item in items:
        found.rows.append(ItemProgress(item, at))
        at = at + timedelta(minutes=item.minutes) if at and item.minutes is not None else None
    if run:
        _replay(found, run, log)
    _look_ahead(found)
    return found


def minutes_of(length: timedelta) -> int:
    """Rounded to whole minutes, halves up."""
    return int((length + MINUTE / 2) // MINUTE)


def _replay(found: Progress, run: CallRun, log: Iterable[LogEntry]) -> None:
    by_key = {row.pk: row for row in found.rows}
    current = found.rows[0] if found.rows else None
    since: datetime | None = run.started_at  # from when the current item's clock runs; None while it stands
    if current:
        current.starts_at = run.started_at
    for entry in log:
        row = by_key.get(entry.agenda_item_id or 0)
        if entry.kind == Kind.ITEM and row and row is not current:
            _spend(current, since, entry.made_at)
            current, since = row, entry.made_at
            row.starts_at, found.paused_at = row.starts_at or entry.made_at, None
        elif entry.kind == Kind.PAUSE and since:
            _spend(current, since, entry.made_at)
            since, found.paused_at = None, entry.made_at
        elif entry.kind == Kind.END and since:
            _spend(current, since, entry.made_at)
            since = None
        elif entry.kind in (Kind.RESUME, Kind.START) and not since:  # started again: it was ended by mistake
            since, found.paused_at = entry.made_at, None
        elif entry.kind == Kind.EXTEND and row:
            row.extended += entry.data.get("minutes", 0)
    _spend(current, since, found.now)
    ended = bool(run.ended_at)
    for row in found.rows:
        visited = row.starts_at is not None
        row.state = "current" if row is current and not ended else "done" if visited else "ahead"
    found.current = None if ended else current
    if ended:
        found.paused_at = None


def _spend(row: ItemProgress | None, since: datetime | None, until: datetime) -> None:
    if row and since:
        row.spent += max(ZERO, until - since)


def _look_ahead(found: Progress) -> None:
    """Times of the items ahead, from now on, and the end of the call."""
    if found.run and found.run.ended_at:
        found.ends_at = found.run.ended_at
        return
    ahead = found.rows[found.number :] if found.run else found.rows
    ahead = [row for row in ahead if row.state == "ahead"]
    start: datetime | None = found.meeting.starts_at
    if found.run:
        start = max(found.now, found.until) if found.until else (None if found.current else found.now)
    if found.run:
        _cut(found, ahead, start)
    for row in ahead:
        row.starts_at = start
        start = start + timedelta(minutes=row.minutes) if start and row.minutes is not None else None
    found.ends_at = start if found.rows else found.meeting.ends_at


def _cut(found: Progress, ahead: list[ItemProgress], start: datetime | None) -> None:
    if start is None or not all(row.item.minutes for row in ahead):
        return
    room = int((found.meeting.ends_at - start + MINUTE / 2) // MINUTE)
    planned = sum(row.allotted or 0 for row in ahead)
    before = sum(row.item.minutes or 0 for row in found.rows)
    too_long = min(planned - room, planned) if before <= found.meeting.duration else 0
    for row in reversed(ahead):
        if too_long <= 0:
            return
        taken = min(too_long, (row.allotted or 1) - 1)
        if taken:
            row.cut_to = (row.allotted or 1) - taken
        too_long -= taken


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
