"""Keeps jobs running: one that ends is started again, later each time it fails soon. Standard library only.

A Celery worker ends when Redis goes away, so this is needed even when nothing is wrong with the code.
"""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from portal.embedded.processes import spawn, stop

SETTLED = 30.0  # seconds after which a start counts as good
LONGEST_PAUSE = 15.0  # seconds


class Runs(Protocol):
    name: str

    def start(self) -> object: ...
    def poll(self) -> int | None: ...
    def stop(self) -> None: ...


class Job:
    """A command that should run all the time; what it says goes to a log file."""

    def __init__(self, name: str, argv: Sequence[str], *, log: Path, env: dict[str, str], cwd: Path) -> None:
        self.name, self.argv, self.log, self.env, self.cwd = name, argv, log, env, cwd
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = spawn(
                self.argv,
                env=self.env,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def poll(self) -> int | None:
        return self.child.poll() if self.child else 0

    def ask_to_stop(self) -> None:
        if self.child and self.child.poll() is None:
            self.child.terminate()

    def stop(self) -> None:
        if self.child:
            stop(self.child, patience=10)

    def last_words(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Watched:
    def __init__(self, job: Runs) -> None:
        self.job = job
        self.failures = 0
        self.began = time.monotonic()
        self.due: float | None = None

    def look(self, say: Callable[[str], None]) -> None:
        now = time.monotonic()
        if self.due is not None:
            if now >= self.due:
                self._start()
        elif self.job.poll() is None:
            if now - self.began > SETTLED:
                self.failures = 0
        else:
            self._postpone(say)

    def _start(self) -> None:
        self.due, self.began = None, time.monotonic()
        try:
            self.job.start()
        except (OSError, RuntimeError):
            pass  # the next look finds it not running

    def _postpone(self, say: Callable[[str], None]) -> None:
        pause = min(0.5 * 2**self.failures, LONGEST_PAUSE)
        self.failures += 1
        self.due = time.monotonic() + pause
        say(f"{self.job.name} ended ({self.job.poll()}); it starts again in {pause:g} s.")


class Supervisor:
    def __init__(self, jobs: Sequence[Runs], say: Callable[[str], None]) -> None:
        self.watched = [Watched(job) for job in jobs]
        self.say = say

    def run(self) -> None:
        """Until an exception, such as the one a signal raises."""
        while True:
            for watched in self.watched:
                watched.look(self.say)
            time.sleep(0.25)
