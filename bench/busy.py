"""Do pages stay quick while reminders go out? A network of 20,000 members, 40,000 reminders due at once, two cores.

usage: .venv/bin/python -m bench.busy [--members 20000] [--reminders 40000] [--rate 8] [--quiet 30]

Starts its own PostgreSQL (real fsync), Valkey, an SMTP sink, gunicorn as in production (two processes of four threads), a
worker of two children, a fast worker and a beat. Members open pages and answer calls, `--rate` a second: first while
nothing is sent, then from the moment the reminders are due until the sink has them all. Printed are the medians and the
95th percentiles of both times, in ms, and how long the reminders took. Exit 1 when a page failed.
"""

import argparse
import http.client
import os
import random
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

import psycopg

from bench.mail import sink
from bench.measuring import Browser, Crowd, Page, Site
from bench.run import Server, manage, portal_environment, portal_site, servers
from bench.storm.chaos import beat, worker
from portal.embedded.servers import free_port

PATIENCE = 1200.0  # seconds
DUE = """
from datetime import timedelta
from django.utils import timezone
from committees.models import Committee, Membership
from events.models import Meeting
planned, start = 0, timezone.localtime(timezone.now() + timedelta(minutes={wait}), timezone.get_default_timezone()) + timedelta(hours=24)
committees = list(Committee.objects.order_by("pk"))
while planned < {reminders}:
    for committee in committees:
        seated = Membership.objects.current().filter(committee=committee).count()
        chair = Membership.objects.current().filter(committee=committee, role="chair").first()
        if planned < {reminders} and chair:
            Meeting.schedule(committee, chair.user, title="One of many", local_date=start.date(), local_time=start.time().replace(second=0, microsecond=0), timezone="America/New_York", told_at=timezone.now() - timedelta(days=30), video_url="https://zoom.us/j/1")
            planned += seated
print(planned)
"""
OURS = "FROM members_delivery WHERE kind = 'reminder' AND about_id IN (SELECT id FROM events_meeting WHERE title = 'One of many')"
OPEN = f"SELECT count(*) {OURS} AND state IN ('queued', 'claimed', 'sending') AND due_at <= now()"
SENT = f"SELECT count(*), extract(epoch FROM max(sent_at) - min(sent_at)) {OURS} AND state = 'sent'"


class Visitors(Crowd):
    """Four connections that ask for pages, evenly over time, and note in ms how long each took."""

    def __init__(self, site: Site, rate: float) -> None:
        self.site, self.rate = site, rate
        self.took: dict[str, list[float]] = defaultdict(list)
        self.failed: list[str] = []
        self.phase = "quiet"
        super().__init__(threading.Thread(target=self._come, args=(number,), daemon=True) for number in range(4))

    def _come(self, number: int) -> None:
        browser, chance = Browser(self.site), random.Random(number)
        while not self.over.wait(chance.uniform(0.5, 1.5) * len(self.threads) / self.rate):
            page = chance.choice(self.site.pages)
            phase, began = self.phase, time.perf_counter()
            try:
                status = self._ask(browser, page, chance)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(f"{page.name}: {error!r}")
                browser = Browser(self.site)
                continue
            self.took[phase].append((time.perf_counter() - began) * 1000)
            if status >= 400:
                self.failed.append(f"{page.name}: {status}")

    def _ask(self, browser: Browser, page: Page, chance: random.Random) -> int:
        if page.fields:
            return browser.post(page.url, chance.choice(page.fields))[0]
        return browser.get(page.url, chance.choice(self.site.others) if page.by_others else "")[0]

    def line(self, phase: str) -> str:
        times = sorted(self.took[phase])
        return f"{phase}: {len(times)} pages, half within {_share(times, 0.5):.0f} ms, 95 of 100 within {_share(times, 0.95):.0f} ms, the slowest {times[-1]:.0f} ms"


def _share(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def main() -> int:
    asked = arguments()
    with servers() as (room, database, valkey):
        return measure(asked, room, database, valkey)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pages while reminders go out.")
    parser.add_argument("--members", type=int, default=20000)
    parser.add_argument("--reminders", type=int, default=40000)
    parser.add_argument("--rate", type=float, default=8, help="pages a second")
    parser.add_argument("--quiet", type=float, default=30, help="seconds of pages alone")
    return parser.parse_args()


def measure(asked: argparse.Namespace, room: Path, database: Server, valkey: Server) -> int:
    port, mail_port = free_port(), free_port()
    env = portal_environment(room, database, valkey, port) | {
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "STATIC_ROOT": str(room / "static"),
        "LOG_LEVEL": "ERROR",
    }
    manage(env, "migrate", "--verbosity", "0")
    (room / "static").mkdir()  # or collectstatic would write without names for ever
    manage(env, "collectstatic", "--no-input", "--verbosity", "0")
    manage(env, "demo", "--outside-demo", "--members", str(asked.members))
    os.environ.update(env)
    jobs = [worker("main", "celery", 2, room), worker("fast", "fast", 1, room), beat(1, room)]
    with (
        sink(mail_port, 0) as report,
        portal_site(env, port) as site,
        psycopg.connect(f"host={room / 'run'} user=postgres dbname=portal", autocommit=True) as link,
    ):
        try:
            for job in jobs:
                job.start()
            with Visitors(site, asked.rate) as visitors:
                time.sleep(asked.quiet)
                print(
                    f"{manage(env, 'shell', '-v', '0', '-c', DUE.format(reminders=asked.reminders, wait=2))} reminders come due"
                )
                while not link.execute(OPEN).fetchone()[0]:  # type: ignore[index]
                    time.sleep(0.2)
                visitors.phase = "while they go out"
                settle(link)
        finally:
            for job in jobs:
                job.stop()
        many, took = link.execute(SENT).fetchone() or (0, 1)
        print(f"{many} reminders sent in {took:.0f} s, {many / float(took):.0f} a second")
    print(f"the sink took {report[0].split()[0]} mails, {report[0].split()[1]} distinct")
    for phase in visitors.took:
        print(visitors.line(phase))
    for failure in visitors.failed[:5]:
        print(f"FAILED {failure}")
    return 1 if visitors.failed else 0


def settle(link: psycopg.Connection) -> None:
    """Wait until no reminder that is due is open, for three seconds on end."""
    end, quiet = time.monotonic() + PATIENCE, 0
    while quiet < 3:
        if time.monotonic() > end:
            raise SystemExit("The reminders did not go out.")
        time.sleep(1)
        found = link.execute(OPEN).fetchone()
        quiet = 0 if found and found[0] else quiet + 1


if __name__ == "__main__":
    sys.exit(main())
