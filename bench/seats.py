"""Many answers at once to a call with few seats: is it ever overfull, and is what was confirmed what stands?

usage: .venv/bin/python -m bench.seats [--people 10000] [--seats 500] [--connections 32] [--kill 1.0] [--change 0.3]

Starts its own PostgreSQL (real fsync), Valkey and gunicorn as in production (two processes of four threads). Everybody on a
large committee says going once, through the link of a mail, over kept connections. First quietly; then to another call,
while the number of seats changes every `--change` seconds between four fifths of it and all, and a process of the web server
is killed every `--kill` seconds. A connection that breaks without an answer is no confirmation: the same is posted again, as
a browser would, until it is confirmed. Exit 1 when an answer was refused, one that was confirmed does not stand, the line is
out of order, or more people had a seat at any change than could.
"""

import argparse
import http.client
import os
import queue
import random
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from bench.measuring import Crowd
from bench.run import ROOT, gunicorn, manage, portal_environment, servers
from portal.embedded.servers import free_port

ENOUGH = 50  # refusals: then the trial has failed
AGAIN = 25  # answers between two kills
SETUP = """
from datetime import timedelta
from django.utils import timezone
from committees.models import Committee, Membership
from events.models import Meeting
from members.mail import links
from members.models import Profile, User
committee = Committee.objects.create(name="Everybody", slug="everybody", timezone="America/New_York")
now = timezone.now()
people = User.objects.bulk_create([User(email=f"p{n}@portal.example", name=f"Person {n}", admitted_at=now) for n in range(PEOPLE)], batch_size=1000)
Profile.objects.bulk_create([Profile(user=person) for person in people], batch_size=1000, ignore_conflicts=True)
day = timezone.localdate()
Membership.objects.bulk_create([Membership(committee=committee, user=person, started_on=day - timedelta(days=30)) for person in people], batch_size=1000)
when = {"local_date": day + timedelta(days=9), "local_time": now.time().replace(hour=15, minute=0, second=0, microsecond=0), "timezone": "America/New_York"}
for title in ("Quiet", "Stormy"):
    call = Meeting.schedule(committee, people[0], title=title, told_at=now, seats=SEATS, **when)
    print(call.pk)
    for person in people:
        print(links.rsvp_token(person.pk, call.pk))
"""
SEATED = """
    SELECT count(*) FILTER (WHERE response = 'accepted' OR (response = 'waiting' AND offered_until > clock_timestamp()))
    FROM events_rsvp WHERE meeting_id = %s
"""
LINE = "SELECT user_id, response, in_line_since FROM events_rsvp WHERE meeting_id = %s ORDER BY in_line_since"


@dataclass
class Trial:
    """One call, the tokens that answer it, and what came of each."""

    port: int
    call: int
    tokens: list[str]
    confirmed: dict[str, tuple[float, float]] = field(default_factory=dict)  # by token, when it was sent and confirmed
    refused: list[str] = field(default_factory=list)
    broken: int = 0  # connections without an answer
    taken: list[float] = field(default_factory=list)  # seconds an answer took
    overfull: list[str] = field(default_factory=list)
    changes: int = 0
    kills: int = 0

    def run(self, connections: int) -> float:
        """How many seconds it took to confirm all."""
        todo: queue.SimpleQueue[str] = queue.SimpleQueue()
        for token in random.sample(self.tokens, len(self.tokens)):
            todo.put(token)
        began = time.monotonic()
        threads = [threading.Thread(target=self._answer_all, args=[todo]) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.monotonic() - began

    def _answer_all(self, todo: "queue.SimpleQueue[str]") -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not todo.empty() and len(self.refused) < ENOUGH:
            try:
                token = todo.get_nowait()
            except queue.Empty:
                return
            first = time.monotonic()
            while not self._answer(link, token, first):
                link.close()
                time.sleep(0.05)
                link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.close()

    def _answer(self, link: http.client.HTTPConnection, token: str, first: float) -> bool:
        """Whether it was answered at all."""
        fields = urlencode({"answer": "accepted", "version": 0, "edition": 0})
        began = time.monotonic()
        try:
            head = {"Content-Type": "application/x-www-form-urlencoded"}
            link.request("POST", f"/r/{token}/", fields, head)
            response = link.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            self.broken += 1
            return False
        self.taken.append(time.monotonic() - began)
        if response.status == 302 and "saved=1" in (response.getheader("Location") or ""):
            self.confirmed[token] = (first, time.monotonic())
        else:
            self.refused.append(f"{response.status} {response.getheader('Location')}")
        return True

    def change_seats(self, over: threading.Event, database: str, seats: int, every: float) -> None:
        """Between four fifths and all of them. At each change as many have a seat as could since the last one."""
        with psycopg.connect(database) as link:
            most = seats
            while not over.wait(every):
                link.execute("SELECT FROM events_meeting WHERE id = %s FOR NO KEY UPDATE", [self.call])
                (seated,) = link.execute(SEATED, [self.call]).fetchone() or (0,)
                if seated > most:
                    self.overfull.append(f"{seated} of {most}")
                now = random.randint(seats * 4 // 5, seats)
                most = max(now, seated)
                link.execute("UPDATE events_meeting SET seats = %s WHERE id = %s", [now, self.call])
                link.commit()
                self.changes += 1

    def kill_processes(self, over: threading.Event, master: int, every: float) -> None:
        """Not before as many were confirmed since the last one that the server must be up again."""
        heard = 0
        while not over.wait(every):
            if len(self.confirmed) < heard + AGAIN:
                continue
            heard = len(self.confirmed)
            children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
            if children:
                os.kill(int(random.choice(children)), signal.SIGKILL)
                self.kills += 1

    def faults(self, database: str, seats: int, *, full: bool) -> list[str]:
        """What is not as it must be, in words."""
        with psycopg.connect(database) as link:
            rows = link.execute(LINE, [self.call]).fetchall()
            (twice,) = link.execute(
                "SELECT count(*) FROM events_rsvpanswer a JOIN events_rsvp r ON r.id = a.rsvp_id"
                " WHERE r.meeting_id = %s AND r.version <> 1",
                [self.call],
            ).fetchone() or (0,)
        going = [since for _person, response, since in rows if response == "accepted"]
        waiting = [since for _person, response, since in rows if response == "waiting"]
        found = [*self.overfull]
        if len(going) > seats or (full and len(going) != min(seats, len(self.tokens))):
            found.append(f"{len(going)} are going where {seats} seats are")
        if len(going) + len(waiting) != len(self.tokens):
            found.append(f"{len(self.tokens) - len(going) - len(waiting)} answers do not stand")
        if full and going and waiting and max(going) > min(waiting):
            found.append("somebody waits who came before one who goes")
        if len(self.confirmed) != len(self.tokens):
            found.append(f"{len(self.refused)} refused: {self.refused[:3]}")
        if twice:
            found.append(f"{twice} answers were written twice")
        return found + self._out_of_order(rows)

    def _out_of_order(self, rows: list[tuple[int, str, object]]) -> list[str]:
        """Whoever was confirmed before another began to ask is before them in line."""
        places = {person: number for number, (person, _response, _since) in enumerate(rows)}
        asked = sorted((times, places[person_of(token)]) for token, times in self.confirmed.items())
        done = sorted((times[1], place) for times, place in asked)
        last, number, wrong = -1, 0, 0
        for (sent, _confirmed), place in asked:
            while number < len(done) and done[number][0] < sent:
                last = max(last, done[number][1])
                number += 1
            wrong += place < last
        return [f"{wrong} are in line before somebody who was confirmed before they asked"] if wrong else []


PEOPLE: dict[str, int] = {}


def person_of(token: str) -> int:
    return PEOPLE[token]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--seats", type=int, default=500)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--kill", type=float, default=1.0, help="seconds between two kills")
    parser.add_argument("--change", type=float, default=0.3, help="seconds between two changes of the number of seats")
    sys.exit(run(parser.parse_args()))


def run(asked: argparse.Namespace) -> int:
    with servers() as (room, database, valkey):
        port, dsn = free_port(), f"host={room / 'run'} user=postgres dbname=portal"
        env = portal_environment(room, database, valkey, port) | {"LOG_LEVEL": "ERROR"}
        manage(env, "migrate", "--verbosity", "0")
        program = SETUP.replace("PEOPLE", str(asked.people)).replace("SEATS", str(asked.seats))
        lines = manage(env, "shell", "--verbosity", "0", "--command", program).split()
        with psycopg.connect(dsn) as link:
            ids = [
                pk
                for (pk,) in link.execute(
                    "SELECT id FROM members_user WHERE email LIKE 'p%%@portal.example' ORDER BY id"
                )
            ]
        half = asked.people + 1
        trials = [Trial(port, int(part[0]), part[1:]) for part in (lines[:half], lines[half:])]
        for trial in trials:
            PEOPLE.update(zip(trial.tokens, ids, strict=True))
        with gunicorn("portal.wsgi", port, env, ROOT) as master:
            quiet, stormy = trials
            faults = _told("quiet", quiet, quiet.run(asked.connections), quiet.faults(dsn, asked.seats, full=True))
            changes = threading.Thread(target=lambda: stormy.change_seats(crowd.over, dsn, asked.seats, asked.change))
            kills = threading.Thread(target=lambda: stormy.kill_processes(crowd.over, master, asked.kill))
            crowd = Crowd([changes, kills])
            with crowd:
                seconds = stormy.run(asked.connections)
            faults += _told("stormy", stormy, seconds, stormy.faults(dsn, asked.seats, full=False))
    return 1 if faults else 0


def _told(name: str, trial: Trial, seconds: float, faults: list[str]) -> list[str]:
    times = sorted(trial.taken)
    print(
        f"{name}: {len(trial.confirmed):,} answers in {seconds:.1f} s ({len(trial.confirmed) / seconds:.0f}/s), "
        f"median {times[len(times) // 2] * 1000:.0f} ms, p95 {times[len(times) * 95 // 100] * 1000:.0f} ms; "
        f"{trial.changes} changes of the seats, {trial.kills} kills, {trial.broken} broken connections; "
        f"{len(faults)} faults"
    )
    for fault in faults:
        print(f"  {fault}")
    return faults


if __name__ == "__main__":
    main()
