"""One thing at a time goes wrong, and people go on: does anything get lost or doubled, and does a page ever fail?

usage: .venv/bin/python -m bench.storm.single_faults [--only NAME,...] [--away SECONDS] [--people 300] [--calls 2]

Each trial has servers, workers, a mail server without errors, a web server and visitors of its own: they ask for sign-in codes,
open the call page and answer, all the time. Clocks are bent with libfaketime (Debian: apt install faketime).
"""

import argparse
import contextlib
import http.client
import itertools
import os
import secrets
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from redis import Redis

from bench.measuring import Crowd
from bench.storm.audit import audit
from bench.storm.chaos import Chaos, Job, jobs
from bench.storm.setup import actors, dsn_of, mail_server, prepare, run, settle, shell
from portal.embedded import directories
from portal.embedded.servers import PostgreSQL, Valkey, free_port

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
BEFORE = 10.0  # seconds of fair weather
SESSION = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from events.models import Meeting
from members.models import User
from members.session_store import SessionStore
user = User.objects.order_by("-pk").filter(email__startswith="person")[0]
session = SessionStore()
session.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: "members.auth.StandingBackend", HASH_SESSION_KEY: user.get_session_auth_hash()})
session.create()
print(session.session_key, Meeting.objects.order_by("pk")[0].slug)
"""


@dataclass
class Scene:
    room: Path
    postgres: PostgreSQL
    redis: Valkey
    chaos: Chaos
    away: float  # seconds for which something is away

    @property
    def beats(self) -> list[Job]:
        return [job for job in self.chaos.jobs if job.name.startswith("beat")]


@dataclass(frozen=True)
class Trial:
    name: str
    trouble: Callable[[Scene], None]
    beats: int = 1
    worker_clock: str = ""  # as faketime writes it
    database_clock: bool = False


class Visitors(Crowd):
    """Three people who come again and again; `seen` counts the statuses of their answers."""

    def __init__(self, port: int, session: str, slug: str) -> None:
        self.port, self.slug, self.seen = port, slug, Counter[str]()
        self.token = secrets.token_hex(16)
        self.cookies = f"session={session}; csrftoken={self.token}"
        super().__init__(
            threading.Thread(target=self._come, args=(visit, pause), daemon=True)
            for visit, pause in ((self._sign_in, 4.0), (self._look, 0.7), (self._answer, 0.7))
        )

    def failures(self) -> list[str]:
        return sorted(what for what in self.seen if what.split()[1] >= "5")

    def _come(self, visit: Callable[[int], tuple[str, int]], pause: float) -> None:
        for number in itertools.count():
            if self.over.is_set():
                return
            try:
                what, status = visit(number)
                self.seen[f"{what} {status}"] += 1
            except (OSError, http.client.HTTPException) as error:
                self.seen[f"visit failed {type(error).__name__}"] += 1
            self.over.wait(pause)

    def _sign_in(self, number: int) -> tuple[str, int]:
        fields = {"email": f"person{number}@portal.example", "csrfmiddlewaretoken": self.token}
        return "sign-in", self._ask("POST", "/account/login/", fields, f"csrftoken={self.token}")

    def _look(self, number: int) -> tuple[str, int]:
        return "page", self._ask("GET", f"/calls/{self.slug}/", None, self.cookies)

    def _answer(self, number: int) -> tuple[str, int]:
        fields = {"answer": ("accepted", "tentative")[number % 2], "csrfmiddlewaretoken": self.token}
        return "RSVP", self._ask("POST", f"/calls/{self.slug}/rsvp", fields, self.cookies)

    def _ask(self, method: str, url: str, fields: dict[str, str] | None, cookies: str) -> int:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        origin = f"http://127.0.0.1:{self.port}"
        headers = {"Cookie": cookies, "Origin": origin, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            link.request(method, url, urlencode(fields) if fields else None, headers)
            return link.getresponse().status
        finally:
            link.close()


# What goes wrong ------------------------------------------------------------------------------------


def nothing(scene: Scene) -> None:
    scene.chaos.watch(30)


def no_beat(scene: Scene) -> None:
    beats = scene.beats
    scene.chaos.jobs = [job for job in scene.chaos.jobs if job not in beats]
    for job in beats:
        job.stop()
    scene.chaos.watch(scene.away)
    scene.chaos.jobs = [*scene.chaos.jobs, *beats]


def redis_killed(scene: Scene) -> None:
    for _time in range(6):
        assert scene.redis.child
        scene.redis.child.kill()
        scene.redis.child.wait()
        scene.chaos.watch(2)
        scene.redis.start()
        scene.chaos.watch(4)


def redis_flushed(scene: Scene) -> None:
    with Redis.from_url(scene.redis.url) as redis:
        for _time in range(30):
            redis.flushall()
            scene.chaos.watch(1)


def redis_read_only(scene: Scene) -> None:
    with Redis.from_url(scene.redis.url) as redis:
        redis.replicaof("127.0.0.1", "1")
        scene.chaos.watch(30)
        redis.replicaof("NO", "ONE")


def redis_away(scene: Scene) -> None:
    assert scene.redis.child
    scene.redis.child.kill()
    scene.redis.child.wait()
    scene.chaos.watch(scene.away)
    scene.redis.start()


def database_clock(change: str) -> Callable[[Scene], None]:
    def jump(scene: Scene) -> None:
        (scene.room / "clock").write_text(f"{change}\n")
        scene.chaos.watch(30)

    return jump


TRIALS = (
    Trial("fair", nothing),
    Trial("two-beats", nothing, beats=2),
    Trial("three-beats", nothing, beats=3),
    Trial("beat-away", no_beat),
    Trial("worker-2h-ahead", nothing, worker_clock="+2h"),
    Trial("worker-2h-behind", nothing, worker_clock="-2h"),
    Trial("database-30min-ahead", database_clock("+30m"), database_clock=True),
    Trial("database-30min-behind", database_clock("-30m"), database_clock=True),
    Trial("redis-killed", redis_killed),
    Trial("redis-flushed", redis_flushed),
    Trial("redis-read-only", redis_read_only),
    Trial("redis-away", redis_away),
)


def main() -> int:
    parser = argparse.ArgumentParser(description="One thing at a time goes wrong.")
    parser.add_argument("--only", default="", help=", ".join(trial.name for trial in TRIALS))
    parser.add_argument("--away", type=float, default=300, help="seconds for which a beat or Redis is away")
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--calls", type=int, default=2)
    parser.add_argument("--keep", action="store_true", help="leave the logs of all processes")
    asked = parser.parse_args()
    chosen = [trial for trial in TRIALS if not asked.only or trial.name in asked.only.split(",")]
    return 1 if [trial.name for trial in chosen if not stood(trial, asked)] else 0


def stood(trial: Trial, asked: argparse.Namespace) -> bool:
    room = directories.passing()
    postgres, redis = PostgreSQL(room, durable=True), Valkey(room, durable=False)
    if trial.database_clock:
        (room / "clock").write_text("+0\n")
        bent = {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(room / "clock"),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        postgres.environment = postgres.environment | bent
    try:
        postgres.start(), redis.start()
        return perform(trial, asked, room, postgres, redis)
    finally:
        for server in (postgres, redis):
            server.stop()
        if asked.keep:
            print(f"Logs are in {room}.")
        else:
            shutil.rmtree(room, ignore_errors=True)


def perform(trial: Trial, asked: argparse.Namespace, room: Path, postgres: PostgreSQL, redis: Valkey) -> bool:
    port, ledger, log = free_port(), room / "ledger.jsonl", room / "actors.jsonl"
    prepare((postgres, redis), port, asked.people, asked.calls)
    clock = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": trial.worker_clock} if trial.worker_clock else {}
    running = jobs(room, trial.beats, clock)
    chaos = Chaos((postgres, redis), running)
    with mail_server(port, ledger, 0, "--calm"), web(room, running, chaos) as (site, session, slug):
        with Visitors(site, session, slug) as visitors, actors(log, room, 0, 3):
            chaos.watch(BEFORE)
            trial.trouble(Scene(room, postgres, redis, chaos, asked.away))
        calm = database_time(postgres)
        settled = settle(chaos, dsn_of(postgres), calm)
    result = audit(dsn_of(postgres), ledger, log, calm)
    complaints = [*result.complaints(kills=0), *visitors.failures()]
    if settled is None:
        complaints.append("did not settle")
    print(
        f"{trial.name}: {result.taken} mails, {result.expected} had to come, lost {len(result.lost)}, doubled {result.doubled}, "
        f"stale {len(result.stale)}, settled {'never' if settled is None else f'after {settled:.0f} s'}; answers {dict(sorted(visitors.seen.items()))}"
        + "".join(f"\n  NOT STOOD: {complaint}" for complaint in complaints),
        flush=True,
    )
    return not complaints


@contextlib.contextmanager
def web(room: Path, running: list[Job], chaos: Chaos) -> Iterator[tuple[int, str, str]]:
    """The portal itself, whose people are the visitors; stops it and the jobs."""
    port = free_port()
    os.environ.update({"SITE_URL": f"http://127.0.0.1:{port}", "ALLOWED_HOSTS": "127.0.0.1"})
    session, slug = run(*shell(SESSION)).split()
    options = [
        "--bind",
        f"127.0.0.1:{port}",
        "--worker-class",
        "portal.web_worker.PatientWorker",
        "--workers",
        "2",
        "--threads",
        "4",
    ]
    argv = [sys.executable, "-m", "gunicorn", "portal.wsgi", *options, "--no-control-socket", "--log-level", "warning"]
    site = Job("web", argv, room / "web.log")
    chaos.jobs = [site, *running]
    chaos.watch(8)
    try:
        yield port, session, slug
    finally:
        for job in chaos.jobs:
            job.stop()


def database_time(postgres: PostgreSQL) -> float:
    with psycopg.connect(dsn_of(postgres)) as link:
        found = link.execute("SELECT extract(epoch FROM now())").fetchone()
    assert found
    return float(found[0])


if __name__ == "__main__":
    sys.exit(main())
