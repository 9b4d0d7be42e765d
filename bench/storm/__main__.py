"""Do messages survive a storm?

usage: .venv/bin/python -m bench.storm [--people 2500] [--calls 4] [--seconds 180] [--kills 150] [--seed N] [--keep]

Starts its own PostgreSQL (real fsync), Valkey (no persistence), two workers, a fast worker, two beats and a mail server that
errs, on 127.0.0.1. While people change their minds it kills them with SIGKILL, then lets all calm down and reckons up.
Exit 1 when something was lost, stale, doubled without excuse or wrongly given up, or did not settle within a minute.
"""

import argparse
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from bench.storm.audit import Audit, audit
from bench.storm.chaos import Chaos, jobs
from bench.storm.setup import actors, dsn_of, mail_server, prepare, settle
from portal.embedded import directories
from portal.embedded.servers import PostgreSQL, Valkey, free_port

SETTLES_WITHIN = 60.0  # seconds after the calm


def main() -> int:
    asked = arguments()
    room = directories.passing()
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
    parser.add_argument("--delay", type=float, default=0, help="seconds before each answer of the mail server")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--keep", action="store_true", help="leave the logs of all processes")
    return parser.parse_args()


def weather_the_storm(asked: argparse.Namespace, room: Path, servers: tuple[PostgreSQL, Valkey]) -> int:
    ledger, log = room / "ledger.jsonl", room / "actors.jsonl"
    port = free_port()
    dsn = dsn_of(servers[0])
    prepare(servers, port, asked.people, asked.calls, asked.conversations)
    running = jobs(room)
    chaos = Chaos(servers, running, asked.seed)
    with mail_server(port, ledger, asked.seed, "--delay", str(asked.delay)) as sink:
        try:
            with actors(log, room, asked.seed, asked.changes):
                began = time.monotonic()
                chaos.storm(asked.seconds, asked.kills)
                stormed = time.monotonic() - began
            sink.send_signal(signal.SIGUSR1)
            calm = time.time()
            settled = settle(chaos, dsn, calm)
        finally:
            for job in running:
                job.stop()
    return report(asked, chaos, stormed, settled, audit(dsn, ledger, log, calm, chaos.deaths))


def report(asked: argparse.Namespace, chaos: Chaos, stormed: float, settled: float | None, result: Audit) -> int:
    kills = sum(chaos.killed.values())
    killed = ", ".join(f"{kind} {number}" for kind, number in sorted(chaos.killed.items()))
    print(f"storm {stormed:.0f} s, seed {asked.seed}, {kills} kills: {killed}")
    print(
        f"planned {result.planned} deliveries; the sink took {result.taken} mails, {result.reminders} of them reminders; {result.expected} had to come"
    )
    print(f"lost {len(result.lost)}, stale {len(result.stale)}, given up {result.dead} after {result.tries} tries")
    print(
        f"doubled {result.doubled}: {result.excused} whose answer the server lost, {result.orphaned} whose sender was dead before "
        f"the answer left, {result.unheard} whose sender was cut off after it, {result.without_excuse - result.unheard} others"
    )
    print("settled: " + (f"{settled:.0f} s after the calm" if settled is not None else "never"))
    complaints = result.complaints(kills)
    if settled is None or settled > SETTLES_WITHIN:
        complaints.append(f"did not settle within {SETTLES_WITHIN:.0f} s")
    for complaint in complaints:
        print(f"NOT STOOD: {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
