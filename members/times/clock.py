"""The organization's calendar day: terms and roles begin and end at its midnight, whoever asks from wherever.

Questions to the database take day and moment from here, so that they can be compiled once (members.queries.prepared).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from django.db.models.functions import Now, TruncDate
from django.utils import timezone

_stopped: ContextVar[tuple[date, datetime] | None] = ContextVar("stopped", default=None)


def today() -> date:
    """Today in the organization's zone (settings.TIME_ZONE), not in the reader's."""
    stopped_at = _stopped.get()
    return stopped_at[0] if stopped_at else timezone.localdate(timezone=timezone.get_default_timezone())


def day_of(moment: datetime) -> date:
    """The organization's day in which a moment falls."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def now() -> datetime:
    stopped_at = _stopped.get()
    return stopped_at[1] if stopped_at else timezone.now()


def database_today() -> Any:
    """The same day by the database’s clock, as an expression for the pipeline of messages."""
    return TruncDate(Now(), tzinfo=timezone.get_default_timezone())


@contextmanager
def stopped(day: date, moment: datetime) -> Iterator[None]:
    """Let the clock show these within the block."""
    token = _stopped.set((day, moment))
    try:
        yield
    finally:
        _stopped.reset(token)
