"""The organization's calendar day: terms and roles begin and end at its midnight, whoever asks from wherever.

Questions to the database ask this clock, so that they can be compiled once (members.prepared).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.db.models.functions import Now, TruncDate
from django.utils import timezone

_stopped: ContextVar[tuple[date, datetime] | None] = ContextVar("stopped", default=None)


def today() -> date:
    """Today in the organization's zone (settings.TIME_ZONE), not in the reader's."""
    stopped = _stopped.get()
    return stopped[0] if stopped else timezone.localdate(timezone=timezone.get_default_timezone())


def database_today() -> TruncDate:
    """The same day by the database's clock, for the pipeline of messages."""
    return TruncDate(Now(), tzinfo=timezone.get_default_timezone())


def now() -> datetime:
    stopped = _stopped.get()
    return stopped[1] if stopped else timezone.now()


@contextmanager
def stopped(day: date, moment: datetime) -> Iterator[None]:
    token = _stopped.set((day, moment))
    try:
        yield
    finally:
        _stopped.reset(token)
