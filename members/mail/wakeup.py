"""Wakes workers at once instead of at the next tick: best effort, after the commit.

Publishing happens in a thread: with the broker away it takes seconds to give up, and nobody who answers a call should
wait for that. What is lost here, the next tick does.
"""

from __future__ import annotations

import atexit
import logging
import threading

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

DELIVER, DELIVER_FAST = "members.tasks.deliver", "members.tasks.deliver_fast"
# Seconds after which a tick is thrown away. Workers judge it by their own clock: expiring before the next tick would be
# tidier, but a worker whose clock is two hours ahead would then throw away every one. Late ticks find nothing to do.
EXPIRES = 3 * 60 * 60


def wake_on_commit(task: str = DELIVER) -> None:
    """Ask for `task` when the transaction commits, once a transaction."""
    wake = _wake_deliver_fast if task == DELIVER_FAST else _wake_deliver
    if not any(entry[1] is wake for entry in transaction.get_connection().run_on_commit):
        transaction.on_commit(wake, robust=True)


def wake(task: str) -> None:
    """Ask for `task` now, without waiting for the broker."""
    _publisher.publish(task)


def finish(seconds: float = 5) -> None:
    """Wait up to `seconds` until all tasks are published: the publishing thread ends with its process."""
    thread = _publisher.thread
    if thread is not None:
        thread.join(seconds)


def _wake_deliver() -> None:
    _publisher.publish(DELIVER)


def _wake_deliver_fast() -> None:
    _publisher.publish(DELIVER_FAST)


class _Publisher:
    """At most one publishing thread, which ends when nothing is left to publish."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.wanted: set[str] = set()
        self.thread: threading.Thread | None = None

    def publish(self, task: str) -> None:
        with self.lock:
            self.wanted.add(task)
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="wakeup", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        while (task := self._next()) is not None:
            try:
                current_app.send_task(task, expires=EXPIRES, ignore_result=True, retry=False)
            except Exception as error:  # whatever the broker says, the next tick comes
                log.warning("%s waits for the next tick, the broker does not take it: %s", task, error)

    def _next(self) -> str | None:
        with self.lock:
            if not self.wanted:
                self.thread = None
                return None
            return self.wanted.pop()


_publisher = _Publisher()
atexit.register(finish)
