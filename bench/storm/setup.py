"""The stage of a storm or a trial: settings, the mail server, the people, and waiting for the calm."""

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.storm.chaos import ROOT, Chaos, Job
from portal.embedded.processes import spawn, stop
from portal.embedded.servers import PostgreSQL, Valkey

PATIENCE = 240.0  # seconds, until a queue that does not empty is given up
SWEEPS = 20.0  # seconds within which what is missing is planned
UNDER_WAY = "SELECT count(*) FROM members_delivery WHERE state IN ('queued', 'claimed', 'sending') AND due_at < to_timestamp(%s)"


def dsn_of(database: PostgreSQL) -> str:
    return f"host={database.sockets} user=postgres dbname=portal"


def prepare(servers: tuple[PostgreSQL, Valkey], port: int, people: int, calls: int, conversations: int = 4) -> None:
    """An empty database with everybody and every call in it; this process's environment is that of the portal from now on."""
    os.environ.update(settings(port, conversations) | {server.variable: server.url for server in servers})
    run("manage.py", "migrate", "--verbosity", "0")
    run(*shell(f"from bench.storm.fixtures import build; build({people}, {calls})"))


def settings(port: int, conversations: int) -> dict[str, str]:
    """Leases are short, so that what a killed worker held comes back within the minute."""
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOW_HTTP": "1",
        "SITE_URL": "https://portal.example",
        "ALLOWED_HOSTS": "portal.example",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "CALENDAR_EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_CONVERSATIONS": str(conversations),
        "SMTP_TIMEOUT": "4",
        "MAIL_PATIENCE": "10",
        "MAIL_LEASE": "32",
        "MAIL_REFUSED_FOR": "20",
        "LOG_LEVEL": "WARNING",
    }


def settle(chaos: Chaos, dsn: str, calm: float) -> float | None:
    """Seconds from the calm until nothing that was due by then is under way and stays so for a few sweeps, or None."""
    began, quiet_since = time.monotonic(), None
    while time.monotonic() - began < PATIENCE:
        chaos.watch(0.5)
        if _under_way(dsn, calm):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > SWEEPS:
            return quiet_since - began
    return None


def _under_way(dsn: str, calm: float) -> bool:
    try:
        with psycopg.connect(dsn, connect_timeout=5) as link:
            return link.execute(UNDER_WAY, [calm]).fetchone() != (0,)
    except psycopg.Error:
        return True


@contextlib.contextmanager
def mail_server(port: int, ledger: Path, seed: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-m", "bench.storm.sink", str(port), str(ledger), "--seed", str(seed), *options]
    server = spawn(argv, cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout is not None
    server.stdout.readline()
    try:
        yield server
    finally:
        stop(server)


@contextlib.contextmanager
def actors(log: Path, room: Path, seed: int, rate: float, root: Path = ROOT) -> Iterator[None]:
    words = f"from bench.storm.actors import change; change({str(log)!r}, {seed}, {rate})"
    job = Job("actors", [sys.executable, *shell(words)], room / "actors.log", root=root)
    job.start()
    try:
        yield
    finally:
        job.stop()


def shell(words: str) -> list[str]:
    return ["manage.py", "shell", "-v", "0", "-c", words]


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout
