"""Proof that messages are neither lost nor doubled nor late: what became of all that was due in a time, from two statements.

Lateness counts from when a message could go: its due time, or the end of quiet hours, a decision of staff, a repeat by
hand (`ready_at`). What waited on purpose is counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from django.core.cache import cache
from django.db import connection

from members.models import Delivery, InboundMail
from members.queries.sql import load, members_of

State = Delivery.State
DAY = timedelta(days=1)
KEPT = 15  # seconds, for those who ask again and again

MAIL = {f"mail_{name}": value for name, value in members_of(InboundMail.State).items()}
KNOWN = members_of(State) | MAIL | {"open": Delivery.OPEN, "fast": Delivery.Lane.FAST}
DUE = load(__file__, "due", **KNOWN)
NOW = load(__file__, "now", **KNOWN)


@dataclass
class Tally:
    """What became of messages, of one kind or of all."""

    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)  # (state, words)
    lateness: Counter[int] = field(default_factory=Counter)  # tenths of a second
    waited: int = 0  # on purpose
    repeats: int = 0

    def add(self, state: str, reason: str, waited: bool | None, late: int | None, count: int, repeats: int) -> None:
        self.states[state] += count
        self.repeats += repeats
        self.waited += count if waited else 0
        if reason:
            self.reasons[state, reason] += count
        if late is not None:
            self.lateness[max(0, late)] += count

    @property
    def planned(self) -> int:
        return self.states.total()

    @property
    def under_way(self) -> int:
        return sum(self.states[state] for state in Delivery.OPEN)

    def late(self, share: float) -> float | None:
        """Seconds within which this share of the sent ones went; None when none did."""
        place, seen = ceil(share * self.lateness.total()), 0
        for tenths in sorted(self.lateness):
            seen += self.lateness[tenths]
            if seen >= place:
                return tenths / 10
        return None


@dataclass
class Backlog:
    """How the pipeline stands now.

    `refused` are those that nobody looked after yet, `stopped` addresses, `unread` mails of the last week that came in and
    could not be read, and those that nobody looked at for ten minutes.
    """

    waiting: int
    held: int
    unknown: int
    refused: int
    oldest_at: datetime | None
    at: datetime
    stopped: int
    unread: int

    @property
    def oldest_seconds(self) -> int:
        """How long the message that could go for longest has waited. Minutes of it mean that no worker works."""
        return max(0, int((self.at - self.oldest_at).total_seconds())) if self.oldest_at else 0


@dataclass
class Statistics:
    """What became of all that was due in the time."""

    period: timedelta
    all: Tally
    kinds: dict[str, Tally]
    now: Backlog


def backlog() -> Backlog:
    with connection.cursor() as cursor:
        cursor.execute(NOW)
        return Backlog(*cursor.fetchone())


def statistics(period: timedelta = DAY) -> Statistics:
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"period": f"{period.total_seconds()} seconds"})
        kinds = _by_kind(cursor.fetchall())
    return Statistics(period, _together(kinds.values()), kinds, backlog())


def recent_statistics(period: timedelta = DAY) -> Statistics:
    """At most a quarter of a minute old: health checks and metrics ask again and again."""
    key = f"statistics:{int(period.total_seconds())}"
    found: Statistics | None = cache.get(key)
    if found is None:
        found = statistics(period)
        cache.set(key, found, KEPT)
    return found


def _by_kind(rows: Iterable[tuple]) -> dict[str, Tally]:
    kinds: dict[str, Tally] = {}
    for kind, *counted in rows:
        kinds.setdefault(kind, Tally()).add(*counted)
    return kinds


def _together(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for each in tallies:
        whole.states += each.states
        whole.reasons += each.reasons
        whole.lateness += each.lateness
        whole.waited += each.waited
        whole.repeats += each.repeats
    return whole
