"""Do messages survive an upgrade in the middle of a storm?

usage: .venv/bin/python -m bench.storm.upgrade BEFORE [--people 400] [--calls 3] [--seconds 30] [--kills 25] [--seed N]

BEFORE is the commit whose code plans and sends first, from a tree of its own that has bench.storm.actors and .fixtures. In its storm some messages are put aside for
a digest and the rest held for staff, the workers are killed with mails in their hands and stopped, the database is
migrated, and the workers of this tree go on. What staff held is let go, all calms down, and the reckoning is the same as
for a storm: nothing lost, nothing stale, and no copy without an excuse.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.storm.__main__ import report
from bench.storm.audit import audit
from bench.storm.chaos import ROOT, Chaos, jobs
from bench.storm.setup import actors, dsn_of, mail_server, settings, settle, shell
from portal.embedded import directories
from portal.embedded.servers import PostgreSQL, Valkey, free_port

PUT_ASIDE = """
from members.models import Delivery, NotificationPreference, User
from committees.models import Announcement, Committee
from committees.announcements import announcing
people = User.objects.order_by("pk")
NotificationPreference.objects.bulk_create(NotificationPreference(user=person, kind="announcement", cadence="weekly") for person in people)
words = {"headline": "We are hiring", "body": "Know somebody?"}
announcing.announce(Announcement.begin(people[0], Committee.objects.get(), by_staff=False, **words), people[0])
"""
LET_GO = """
from members.mail.outgoing import restore_hold
from members.models import User
print(restore_hold.let_go(User.objects.order_by("pk")[0], restore_hold.held_before()))
"""
STATES = "SELECT state, count(*) FROM members_delivery GROUP BY state ORDER BY state"


def main() -> int:
    asked = arguments()
    room = directories.passing()
    servers = (PostgreSQL(room, durable=True), Valkey(room, durable=False))
    try:
        with tree_of(asked.before, room) as before:
            for server in servers:
                server.start()
            return upgrade_in_a_storm(asked, room, servers, before)
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(room, ignore_errors=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Storms over the code of before, upgrades, and counts.")
    parser.add_argument("before", help="the commit to upgrade from")
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--calls", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30, help="how long it storms before the upgrade, and after it")
    parser.add_argument("--kills", type=int, default=25, help="before, and after")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    return parser.parse_args()


@contextlib.contextmanager
def tree_of(commit: str, room: Path) -> Iterator[Path]:
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--detach", str(room / "before"), commit], check=True, capture_output=True)
    try:
        yield room / "before"
    finally:
        subprocess.run([*git, "remove", "--force", str(room / "before")], check=False, capture_output=True)


def upgrade_in_a_storm(asked: argparse.Namespace, room: Path, servers: tuple[PostgreSQL, Valkey], before: Path) -> int:
    ledger, log, port, dsn = room / "ledger.jsonl", room / "actors.jsonl", free_port(), dsn_of(servers[0])
    os.environ.update(settings(port, 4) | {server.variable: server.url for server in servers})
    run(before, "manage.py", "migrate", "--verbosity", "0")
    run(before, *shell(f"from bench.storm.fixtures import build; build({asked.people}, {asked.calls})"))
    chaos = Chaos(servers, jobs(room, root=before), asked.seed)
    with mail_server(port, ledger, asked.seed) as sink:
        try:
            with actors(log, room, asked.seed, 11, root=before):
                chaos.storm(asked.seconds, asked.kills)
                run(before, *shell(PUT_ASIDE))
                chaos.watch(5)
                run(before, "manage.py", "hold_messages", "--reason", "An upgrade")
                chaos.watch(3)
                chaos.fell_workers()
            stop(chaos)
            upgrade(dsn)
            chaos.jobs = jobs(room)
            with actors(log, room, asked.seed + 1, 11):
                chaos.watch(5)
                print("let go:", run(ROOT, *shell(LET_GO)).strip())
                began = time.monotonic()
                chaos.storm(asked.seconds, asked.kills)
                stormed = time.monotonic() - began
            sink.send_signal(signal.SIGUSR1)
            calm = time.time()
            settled = settle(chaos, dsn, calm)
        finally:
            stop(chaos)
    return report(asked, chaos, stormed, settled, audit(dsn, ledger, log, calm, chaos.deaths))


def upgrade(dsn: str) -> None:
    print("before:", states(dsn))
    began = time.monotonic()
    run(ROOT, "manage.py", "migrate", "--verbosity", "0")
    print(f"after {time.monotonic() - began:.0f} s of migrating:", states(dsn))


def states(dsn: str) -> str:
    with psycopg.connect(dsn) as link:
        return ", ".join(f"{state} {count}" for state, count in link.execute(STATES))


def stop(chaos: Chaos) -> None:
    for job in chaos.jobs:
        job.stop()


def run(root: Path, *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
