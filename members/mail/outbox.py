"""Collects the messages that an act enqueues, so that they can be counted and shown before, and undone after.

Verbs know nothing of it. `members.mail.bulk.sending` opens an outbox, and `Notice.enqueue` stores into it; without one
a message goes at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from members.models import BulkSend, User


@dataclass
class Outbox:
    by: User
    sendings: list[BulkSend] = field(default_factory=list)

    def store(
        self,
        kind: str,
        people: Iterable[User] | models.QuerySet[User],
        about: str,
        *,
        dedupe_key: str,
        scope: Any,
        due_at: datetime | None = None,
    ) -> None:
        sending = BulkSend.begin(
            kind, people, about, dedupe_key=dedupe_key, scope=scope, sent_by=self.by, goes_at=due_at
        )
        if sending:
            self.sendings.append(sending)


_open: ContextVar[Outbox | None] = ContextVar("outbox", default=None)


def current() -> Outbox | None:
    return _open.get()


@contextmanager
def collecting(by: User) -> Iterator[Outbox]:
    """While this is open, what is enqueued belongs to bulk sends by `by`, who may undo them."""
    outbox = Outbox(by)
    token = _open.set(outbox)
    try:
        yield outbox
    finally:
        _open.reset(token)
