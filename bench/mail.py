"""How fast reminders are planned and handed over: the whole pipeline, each with its calendar part, beside one bare connection.

usage: .venv/bin/python -m bench.mail [--mails 20000] [--sent 4000] [--processes 1,2] [--conversations 4] [--delay 0]

Starts its own PostgreSQL (real fsync), Valkey and SMTP sink on 127.0.0.1, all stopped at the end.

    plan      one sweep that stores `--mails` reminders of one call
    nothing   the same sweep again, with nothing to do
    bare      the same mails, built and sent over one SMTP connection by one process: no claim, no re-check, no record
    pipeline  `manage.py deliver` in 1, 2, ... processes until nothing is due, from the first to the last mail at the sink
    code      a sign-in code asked for meanwhile, until the sink has taken it from the worker of the fast lane
"""

import argparse
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measuring import cpu_ms
from portal.embedded import directories
from portal.embedded.processes import spawn, stop
from portal.embedded.servers import Server, free_port, services

ROOT = Path(__file__).resolve().parents[1]
ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
]

MAKE = f"""
import os, random
from datetime import timedelta
from django.utils import timezone
from committees.models import Committee, Membership
from events.models import AgendaItem, AgendaPublication, Meeting, Rsvp
from members.models import User
zones, many = {ZONES}, int(os.environ["MAILS"])
people = User.objects.bulk_create([User(email=f"person{{n}}@portal.example", name=f"Person {{n}}", given_name="Person", timezone=random.choice(zones), admitted_at=timezone.now(), password="!") for n in range(many)], batch_size=2000)
from members.models import Profile
Profile.objects.bulk_create([Profile(user=person) for person in people], batch_size=2000)
committee = Committee.objects.create(slug="bench", name="Economic Justice", purpose="To measure.", timezone="America/New_York")
Membership.objects.bulk_create([Membership(committee=committee, user=person, started_on="2020-01-01", role="chair" if n < 2 else "member") for n, person in enumerate(people)], batch_size=2000)
start = timezone.localtime(timezone.now() + timedelta(hours=24), timezone.get_default_timezone()) - timedelta(minutes=1)
call = Meeting.schedule(committee, people[0], title="Fair workweek", local_date=start.date(), local_time=start.time().replace(second=0, microsecond=0), timezone="America/New_York", told_at=timezone.now() - timedelta(days=30), video_url="https://zoom.us/j/1", dial_in="669-555-0142")
for n in range(5):
    AgendaItem.add(call, people[0], title=f"Item {{n}} of what is to be decided", minutes=10, presenter=people[n])
AgendaPublication.objects.create(meeting=call, number=1)
Rsvp.objects.bulk_create([Rsvp(meeting=call, user=person, response=random.choice(["accepted", "tentative"]), version=1, answered_at=timezone.now() - timedelta(days=1)) for person in people[: many // 2]], batch_size=2000)
"""
PLAN = """
import time
from members.mail.outgoing.planning import plan
for name in ("plan", "nothing"):
    began = time.perf_counter()
    print(f"{name}: {plan()} rows in {time.perf_counter() - began:.2f} s", flush=True)
"""
PART = """
import os
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("UPDATE members_delivery SET state = 'suppressed', lease = NULL")
    cursor.execute("UPDATE members_delivery SET state = 'queued', next_try_at = now(), sent_at = NULL WHERE id IN (SELECT id FROM members_delivery ORDER BY id LIMIT %s)", [int(os.environ["SENT"])])
"""
BARE = """
import os, time
from django.core.mail import get_connection
from django.conf import settings
from members.models import Delivery
from members.mail.emails import RenderCache
from members.mail.rendering import write_mails
cache = RenderCache()
began, cpu = time.perf_counter(), time.process_time()
with get_connection(**settings.MAILERS["calendar"]) as link:
    rows = Delivery.objects.select_related("recipient").filter(state="queued").order_by("pk")
    for start in range(0, int(os.environ["BARE"]), 50):
        link.send_messages([mail.message() for mail in write_mails(rows[start:start + 50], cache).values()])
print(f"{time.perf_counter() - began:.2f} {time.process_time() - cpu:.2f}")
"""

CODE = """
import time
from members.models import Delivery
from members.accounts.messages import send_sign_in_code
from members.mail.outgoing.worker import deliver_fast
waiting = Delivery.objects.filter(state="queued").count()
began = time.perf_counter()
send_sign_in_code("stranger@portal.example", None, "48172046")
deliver_fast()
print(f"code: taken {1000 * (time.perf_counter() - began):.0f} ms after it was asked for, with {waiting} reminders waiting")
"""


def main() -> None:
    asked = arguments()
    room = directories.passing()
    try:
        with services(lambda: room) as servers:
            measure(asked, servers)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast reminders are planned and handed over.")
    parser.add_argument("--mails", type=int, default=20000, help="planned")
    parser.add_argument("--sent", type=int, default=4000, help="of them handed over in each round")
    parser.add_argument("--bare", type=int, help="of them over the one connection (default: as many)")
    parser.add_argument("--processes", default="1,2")
    parser.add_argument("--conversations", type=int, default=4, help="with the mail server, in each process")
    parser.add_argument("--delay", type=float, default=0, help="seconds by which the sink holds back each answer")
    asked = parser.parse_args()
    asked.bare = asked.bare or asked.sent
    return asked


def measure(asked: argparse.Namespace, servers: list[Server]) -> None:
    port = free_port()
    addresses = {server.variable: server.url for server in servers}
    database = servers[0].child
    settings = {
        "DJANGO_SETTINGS_MODULE": "portal.settings", "SECRET_KEY": secrets.token_hex(32), "ALLOW_HTTP": "1", "SITE_URL": "https://portal.example",
        "ALLOWED_HOSTS": "portal.example", "EMAIL_URL": f"smtp://127.0.0.1:{port}", "CALENDAR_EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_CONVERSATIONS": str(asked.conversations), "MAILS": str(asked.mails), "SENT": str(asked.sent), "BARE": str(asked.bare), "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    os.environ.update(settings | addresses)
    manage("migrate", "--verbosity", "0")
    manage("shell", "-v", "0", "-c", MAKE)
    print(manage("shell", "-v", "0", "-c", PLAN), end="")
    manage("shell", "-v", "0", "-c", PART)
    with sink(port, asked.delay):
        seconds, cpu = map(float, manage("shell", "-v", "0", "-c", BARE).split())
        bare = asked.bare / seconds
        print(
            f"bare: {asked.bare} mails in {seconds:.2f} s, {bare:.0f} a second, {1000 * cpu / asked.bare:.2f} ms of CPU a mail"
        )
    for processes in map(int, asked.processes.split(",")):
        manage("shell", "-v", "0", "-c", PART)
        with sink(port, asked.delay) as report:
            before = cpu_ms(database.pid) if database else 0.0
            cpu = deliver(processes, asked.conversations)
            database_cpu = cpu_ms(database.pid) - before if database else 0.0
        came, distinct, span = report[0].split()
        rate = int(came) / float(span)
        print(
            f"pipeline, {processes} process(es) x {asked.conversations} conversations: {came} mails, {distinct} distinct, in {float(span):.2f} s, "
            f"{rate:.0f} a second, {1000 * cpu / int(came):.2f} ms of CPU a mail and {database_cpu / int(came):.2f} in the database, {rate / bare:.2f} of bare"
        )


def deliver(processes: int, conversations: int) -> float:
    """CPU seconds of all of them together."""
    before = os.times()
    argv = [sys.executable, "manage.py", "deliver", "--seconds", "600", "--conversations", str(conversations)]
    running = [subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.DEVNULL) for _number in range(processes)]
    time.sleep(3)
    print(manage("shell", "-v", "0", "-c", CODE), end="")
    for process in running:
        if process.wait():
            raise SystemExit("deliver failed")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@contextlib.contextmanager
def sink(port: int, delay: float) -> Iterator[list[str]]:
    """Its report is there when the block has ended."""
    server = spawn(
        [sys.executable, "-m", "bench.smtp_sink", str(port), "--delay", str(delay)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    server.stdout.readline()
    report: list[str] = []
    try:
        yield report
        server.send_signal(signal.SIGTERM)
        report.append(server.stdout.readline().decode())
    finally:
        stop(server)


def manage(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"{time.monotonic() - began:.0f} s in all")
