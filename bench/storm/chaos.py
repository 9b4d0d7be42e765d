"""Starts the servers and the processes of the pipeline, kills them at random with SIGKILL, and starts them again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.measuring import process_tree
from portal.embedded.processes import spawn, stop
from portal.embedded.servers import Server

ROOT = Path(__file__).resolve().parents[2]
PF_EXITING = 0x4
KINDS = {"pool child": 78, "worker": 43, "beat": 12, "Redis": 11, "PostgreSQL": 7}  # how often each is hit


class Job:
    """A command that runs all the time: one that ended starts again a moment later."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log: Path,
        environment: dict[str, str] | None = None,
        root: Path = ROOT,
    ) -> None:
        """`environment` is added to our own; `root` is the directory of the code it runs."""
        self.name, self.argv, self.log, self.environment, self.root = name, argv, log, environment or {}, root
        self.child: subprocess.Popen[bytes] | None = None
        self.due = 0.0

    def look(self) -> None:
        if self.child and self.child.poll() is None:
            return
        if not self.due:
            self.kill()  # what it left behind of its session
            self.due = time.monotonic() + 0.3
        elif time.monotonic() >= self.due:
            self.start()

    def start(self) -> None:
        self.due = 0.0
        with self.log.open("ab") as log:
            self.child = spawn(
                self.argv,
                cwd=self.root,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> bool:
        """Its first process alone, as the kernel would when memory is short; the rest is found by `look`."""
        return bool(self.child) and _kill(self.child.pid)

    def children(self) -> list[int]:
        return process_tree(self.child.pid)[1:] if self.child and self.child.poll() is None else []

    def stop(self) -> None:
        if self.child:
            stop(self.child, patience=10)


def celery(name: str, room: Path, *arguments: str, environment: dict[str, str] | None = None, root: Path = ROOT) -> Job:
    argv = [sys.executable, "-m", "celery", "-A", "portal", *arguments, "--loglevel", "WARNING"]
    return Job(name, argv, room / f"{name}.log", environment, root)


def worker(
    name: str, queue: str, children: int, room: Path, environment: dict[str, str] | None = None, root: Path = ROOT
) -> Job:
    options = ("-Q", queue, "-c", str(children), "-n", f"{name}@%h", "--without-gossip", "--without-mingle")
    return celery(f"worker-{name}", room, "worker", *options, environment=environment, root=root)


def beat(number: int, room: Path, root: Path = ROOT) -> Job:
    return celery(f"beat-{number}", room, "beat", "-s", str(room / f"beat-{number}.schedule"), root=root)


def jobs(room: Path, beats: int = 2, environment: dict[str, str] | None = None, root: Path = ROOT) -> list[Job]:
    """Two workers for everything, one for sign-in codes, and beats, of which more than one must not matter."""
    workers = [
        worker("one", "celery", 2, room, environment, root),
        worker("two", "celery", 2, room, environment, root),
        worker("fast", "fast", 1, room, environment, root),
    ]
    return workers + [beat(number, room, root) for number in range(1, beats + 1)]


class Chaos:
    def __init__(self, servers: Sequence[Server], running: Sequence[Job], seed: int = 0) -> None:
        self.postgres, self.redis = servers
        self.jobs, self.chance = running, random.Random(seed)
        self.killed: Counter[str] = Counter()
        self.deaths: list[float] = []  # of senders, by the machine's clock: from then on they heard nothing

    def storm(self, seconds: float, kills: int) -> None:
        """So many kills within the time, at random moments; longer if starting servers again takes its time."""
        left = self._deck(kills)
        end = time.monotonic() + seconds
        while left or time.monotonic() < end:
            pause = max(0.05, (end - time.monotonic()) / (len(left) + 1)) * self.chance.uniform(0.4, 1.6)
            self.watch(pause)
            if left and self._kill(left[-1]):
                self.killed[left.pop()] += 1

    def watch(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            for job in self.jobs:
                job.look()
            if time.monotonic() >= end:
                return
            time.sleep(0.05)

    def _deck(self, kills: int) -> list[str]:
        """Each kind by its share, shuffled; every kind at least once."""
        total = sum(KINDS.values())
        deck = [kind for kind, share in KINDS.items() for _number in range(max(1, round(kills * share / total)))]
        self.chance.shuffle(deck)
        return deck

    def _kill(self, kind: str) -> bool:
        if kind in ("PostgreSQL", "Redis"):
            return self._kill_server(self.postgres if kind == "PostgreSQL" else self.redis)
        prefix = "beat" if kind == "beat" else "worker"
        alive = [job for job in self.jobs if job.name.startswith(prefix) and job.child and job.child.poll() is None]
        if not alive:
            return False
        job = self.chance.choice(alive)
        if kind == "beat":
            return job.kill()
        children = job.children()
        if kind == "worker":
            return job.kill() and self._note_deaths(children)
        return bool(children) and _kill(self.chance.choice(children)) and self._note_deaths([])

    def fell_workers(self) -> None:
        """Kill each worker, with whatever it has in hand."""
        for job in self.jobs:
            children = job.children()
            if job.name.startswith("worker") and job.kill():
                self._note_deaths(children)

    def _note_deaths(self, heirs: list[int]) -> bool:
        """Now, or when the children of the process that was killed follow it."""
        end = time.monotonic() + 1
        while any(map(_lives, heirs)) and time.monotonic() < end:
            time.sleep(0.0005)
        self.deaths.append(time.time())
        return True

    def _kill_server(self, server: Server) -> bool:
        """It comes back after a moment: PostgreSQL recovers from its log, Redis has lost everything."""
        if not server.child:
            return False
        _kill(server.child.pid)
        server.child.wait()
        self.watch(self.chance.uniform(0.1, 1.5))
        server.start()
        return True


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _lives(pid: int) -> bool:
    """Whether a process has not begun to exit: PF_EXITING of its flags (proc_pid_stat(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX" and not int(fields[6]) & PF_EXITING
