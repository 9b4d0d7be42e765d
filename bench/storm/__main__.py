"""Do messages survive a storm?

usage: .venv/bin/python -m bench.storm [--people 2500] [--calls 4] [--seconds 180] [--kills 150] [--seed N] [--keep]

Starts its own PostgreSQL (real fsync), Valkey (no persistence), two workers, a fast worker, two beats and a mail server that
errs, on 127.0.0.1. While people change their minds it kills them with SIGKILL, then lets all calm down and reckons up.
Exit 1 when something was lost, stale, doubled without excuse or wrongly given up, or did not settle within a minute.
"""

import argparse
import contextlib
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.storm.reckoning import Reckoning, reckon
from bench.storm.weather import ROOT, Job, Weather, jobs
from portal import rooms
from portal.embedded import PostgreSQL, Valkey, free_port
from portal.processes import spawn, stop

SETTLES_WITHIN = 60.0  # seconds after the calm
PATIENCE = 240.0  # seconds, until a queue that does not empty is given up
UNDER_WAY = "SELECT count(*) FROM members_delivery WHERE state IN ('pending', 'leased', 'handing') AND due_at < to_timestamp(%s)"


def main() -> int:
    asked = arguments()
    room = rooms.passing()
    servers = (PostgreSQL(room, durable=True), Valkey(room, durable=False))
    try:
        for server in servers:
            server.start()
        return weather_the_storm(asked, room, servers)
    finally:
        for server in servers:
            server.stop()
        if asked.keep:
            print(f"Logs are in {room}.")
        else:
            shutil.rmtree(room, ignore_errors=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Kills everything at random while messages go out, and counts.")
    parser.add_argument("--people", type=int, default=2500)
    parser.add_argument("--calls", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=180, help="how long it storms")
    parser.add_argument("--kills", type=int, default=150)
    parser.add_argument("--changes", type=float, default=11, help="of mind, a second")
    parser.add_argument("--conversations", type=int, default=4, help="with the mail server, in each pool child")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--keep", action="store_true", help="leave the logs of all processes")
    return parser.parse_args()


def weather_the_storm(asked: argparse.Namespace, room: Path, servers: tuple[PostgreSQL, Valkey]) -> int:
    ledger, log = room / "ledger.jsonl", room / "minds.jsonl"
    port = free_port()
    os.environ.update(settings(asked, port) | {server.variable: server.url for server in servers})
    dsn = f"host={servers[0].sockets} user=postgres dbname=portal"
    _run("manage.py", "migrate", "--verbosity", "0")
    _run(*_shell(f"from bench.storm.world import build; build({asked.people}, {asked.calls})"))
    running = jobs(room)
    weather = Weather(servers, running, asked.seed)
    with _sink(port, ledger, asked.seed) as sink:
        try:
            with _minds(log, room, asked):
                began = time.monotonic()
                weather.storm(asked.seconds, asked.kills)
                stormed = time.monotonic() - began
            sink.send_signal(signal.SIGUSR1)
            calm = time.time()
            settled = settle(weather, dsn, calm)
        finally:
            for job in running:
                job.stop()
    return report(asked, weather, stormed, settled, reckon(dsn, ledger, log, calm))


def settings(asked: argparse.Namespace, port: int) -> dict[str, str]:
    """Leases are short, so that what a killed worker held comes back within the minute."""
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOW_HTTP": "1",
        "SITE_URL": "https://portal.example",
        "ALLOWED_HOSTS": "portal.example",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "CALENDAR_EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_CONVERSATIONS": str(asked.conversations),
        "SMTP_TIMEOUT": "4",
        "MAIL_PATIENCE": "10",
        "MAIL_LEASE": "32",
        "LOG_LEVEL": "WARNING",
    }


def settle(weather: Weather, dsn: str, calm: float) -> float | None:
    """Seconds from the calm until nothing that was due by then is under way, or None."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        weather.watch(0.5)
        with contextlib.suppress(psycopg.Error), psycopg.connect(dsn, connect_timeout=5) as link:
            found = link.execute(UNDER_WAY, [calm]).fetchone()
            if found == (0,):
                return time.monotonic() - began
    return None


def report(
    asked: argparse.Namespace, weather: Weather, stormed: float, settled: float | None, result: Reckoning
) -> int:
    kills = sum(weather.killed.values())
    killed = ", ".join(f"{kind} {number}" for kind, number in sorted(weather.killed.items()))
    print(f"storm {stormed:.0f} s, seed {asked.seed}, {kills} kills: {killed}")
    print(f"planned {result.planned} deliveries; the sink took {result.taken} mails; {result.expected} had to come")
    print(f"lost {len(result.lost)}, stale {len(result.stale)}, dead letters {result.dead}")
    print(f"doubled {result.doubled}, of which {result.excused} had been taken while the answer got lost")
    print("settled: " + (f"{settled:.0f} s after the calm" if settled is not None else "never"))
    complaints = result.complaints(kills)
    if settled is None or settled > SETTLES_WITHIN:
        complaints.append(f"did not settle within {SETTLES_WITHIN:.0f} s")
    for complaint in complaints:
        print(f"NOT STOOD: {complaint}")
    return 1 if complaints else 0


@contextlib.contextmanager
def _sink(port: int, ledger: Path, seed: int) -> Iterator[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-m", "bench.storm.sink", str(port), str(ledger), "--seed", str(seed)]
    server = spawn(argv, cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout is not None
    server.stdout.readline()
    try:
        yield server
    finally:
        stop(server)


@contextlib.contextmanager
def _minds(log: Path, room: Path, asked: argparse.Namespace) -> Iterator[None]:
    words = f"from bench.storm.minds import change; change({str(log)!r}, {asked.seed}, {asked.changes})"
    job = Job("minds", [sys.executable, *_shell(words)], room / "minds.log")
    job.start()
    try:
        yield
    finally:
        job.stop()


def _shell(words: str) -> list[str]:
    return ["manage.py", "shell", "-v", "0", "-c", words]


def _run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)


if __name__ == "__main__":
    sys.exit(main())
