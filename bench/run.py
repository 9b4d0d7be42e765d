"""What each page costs at several sizes of the network, beside a minimal Django page in the same run.

usage: .venv/bin/python -m bench.run [--sizes 500,5000,20000] [--rounds 3] [--seconds 2] [--only home,call] [--out FILE]

Starts its own PostgreSQL (with pg_stat_statements), Valkey and two gunicorns, all stopped at the end. README.md has
the method.
"""

import argparse
import contextlib
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.measuring import Browser, Cost, Page, Site, Statements, measure
from portal.embedded import directories
from portal.embedded.processes import spawn, stop
from portal.embedded.servers import PostgreSQL, Server, Valkey, free_port

ROOT = Path(__file__).resolve().parents[1]
EMAIL, STAFF = "teresa@portal.example", "jonah@portal.example"
SESSIONS = f"""
import time
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from members.accounts import sessions
from members.models import User
from members.session_store import SessionStore
others = User.objects.members().filter(memberships__committee__slug="economic-justice").exclude(email="{EMAIL}").order_by("pk")
staff = User.objects.get(email="{STAFF}")
for user in [User.objects.get(email="{EMAIL}"), *others[:30], staff]:
    session = SessionStore()
    session.update({{SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: "members.auth.StandingBackend", HASH_SESSION_KEY: user.get_session_auth_hash()}})
    if user == staff:
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{{"method": "mfa", "at": time.time()}}]
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
        session[sessions.OPEN] = sessions.digest_of_open("open")
    session.create()
    print(session.session_key)
print(sessions.OPEN)
"""
CALL = "from events.models import Meeting; print(Meeting.objects.upcoming().filter(title__startswith='Fair workweek')[0].slug)"
GUNICORN = [
    "--worker-class",
    "portal.web_worker.PatientWorker",
    "--pythonpath",
    str(ROOT),
    "--workers",
    "2",
    "--threads",
    "4",
    "--no-control-socket",
    "--log-level",
    "warning",
]


def main() -> None:
    asked = arguments()
    with servers() as (room, database, valkey):
        measure_all(asked, room, database, valkey)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What each page costs.")
    parser.add_argument("--sizes", default="500,5000,20000", help="members, ascending")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="for each page and round")
    parser.add_argument("--only", default="", help="names of pages")
    parser.add_argument("--out", type=Path, help="write the table there too")
    return parser.parse_args()


@contextlib.contextmanager
def servers() -> Iterator[tuple[Path, Server, Server]]:
    """A passing directory, and PostgreSQL and Valkey in it: with real fsync, and every statement counted."""
    room = directories.passing()
    database, valkey = PostgreSQL(room, durable=True), Valkey(room, durable=True)
    try:
        database.start()
        with psycopg.connect(_dsn(room, "postgres"), autocommit=True) as link:
            link.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
            link.execute("CREATE DATABASE unit")
        database.stop()
        database.start()
        with psycopg.connect(_dsn(room, "portal"), autocommit=True) as link:
            link.execute("CREATE EXTENSION pg_stat_statements")
        yield room, database, valkey.start()
    finally:
        database.stop()
        valkey.stop()
        shutil.rmtree(room, ignore_errors=True)


def _dsn(room: Path, database: str) -> str:
    return f"host={room / 'run'} user=postgres dbname={database}"


def measure_all(asked: argparse.Namespace, room: Path, database: Server, valkey: Server) -> None:
    port = free_port()
    env = portal_environment(room, database, valkey, port)
    manage(env, "migrate", "--verbosity", "0")
    costs: dict[tuple[int, str], Cost] = {}
    sizes = [int(size) for size in asked.sizes.split(",")]
    with unit_site(room) as unit:
        for size in sizes:
            began = time.monotonic()
            manage(env, "demo", "--outside-demo", "--members", str(size))
            print(f"{size:,} members loaded in {time.monotonic() - began:.1f} s", file=sys.stderr)
            with portal_site(env, port) as portal:
                costs |= {(size, name): cost for name, cost in one_size(asked, room, database, [unit, portal]).items()}
    table = "\n".join(lines(costs, sizes))
    print(table)
    if asked.out:
        asked.out.write_text(table + "\n")


def portal_environment(room: Path, database: Server, valkey: Server, port: int) -> dict[str, str]:
    """As in production, but for http."""
    media = room / "media"
    media.mkdir(mode=0o700)
    return os.environ | {
        "DATABASE_URL": database.url,
        "REDIS_URL": valkey.url,
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "ALLOW_HTTP": "1",
        "DEBUG": "0",
        "DEMO": "0",
        "MEDIA_ROOT": str(media),
    }


def manage(env: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@contextlib.contextmanager
def portal_site(env: dict[str, str], port: int) -> Iterator[Site]:
    *sessions, opened = manage(env, "shell", "--verbosity", "0", "--command", SESSIONS).split()
    call = manage(env, "shell", "--verbosity", "0", "--command", CALL)
    with gunicorn("portal.wsgi", port, env, ROOT) as pid:
        cookies = {"session": sessions[0], "csrftoken": secrets.token_hex(16), opened: "open"}
        site = Site(
            "portal",
            port,
            pid,
            "portal",
            cookies,
            portal_pages(call, cookies["csrftoken"], staff=sessions[-1]),
            tuple(sessions[1:-1]),
        )
        check_signed_in(site)
        yield site


def portal_pages(call: str, token: str, staff: str) -> tuple[Page, ...]:
    answers = tuple(
        {"csrfmiddlewaretoken": token, "answer": answer, "next": "/calls/"}
        for answer in ("accepted", "tentative", "declined")
    )
    return (
        Page("home", "/", "Fair workweek"),
        Page("calls", "/calls/", "Fair workweek"),
        Page("call", f"/calls/{call}/", "Statehouse watch"),
        Page("committee", "/committees/economic-justice/", "Denise Whitfield"),
        Page("people", "/people/", "Council", by_others=True),
        Page("people search", "/people/?q=villanueva", "Villanueva", by_others=True),
        Page("search", "/search/?q=villanueva", "Villanueva", by_others=True),
        Page("search in vain", "/search/?q=villanuefa", "Did you mean", by_others=True),
        Page("people API", "/api/people/?name=villanueva", "Villanueva", by_others=True),
        Page("staff members search", "/staff/members/?q=villanueva", "Villanueva", session=staff),
        Page("staff members", "/staff/members/", "people", session=staff),
        Page(
            "staff members narrowed",
            "/staff/members/?state=TX&state=CA&ends=120&standing=everybody",
            "match",
            session=staff,
        ),
        Page("staff members by term", "/staff/members/?sort=ends", "people", session=staff),
        Page("staff members by sign-in", "/staff/members/?sort=-seen&level=city", "people", session=staff),
        Page("library", "/library/", "pages", by_others=True),
        Page("committees", "/committees/", "Housing Justice"),
        Page("issue", "/issues/economic-justice/", "What local governments have done"),
        Page("RSVP (POST)", f"/calls/{call}/rsvp", fields=answers),
    )


def check_signed_in(site: Site) -> None:
    status, raw = Browser(site).get("/settings/")
    if status not in (200, 302) or b"Sign in" in raw:
        raise SystemExit("The session was not accepted.")


@contextlib.contextmanager
def unit_site(room: Path) -> Iterator[Site]:
    port = free_port()
    env = os.environ | {"DATABASE_HOST": str(room / "run"), "DATABASE_NAME": "unit"}
    made = subprocess.run(
        [sys.executable, "unit_site.py"], env=env, cwd=ROOT / "bench", check=True, stdout=subprocess.PIPE, text=True
    )
    pages = (
        Page("unit", "/unit/", "Steering committee call"),
        Page("write", "/write/", fields=({"answer": "yes"}, {"answer": "no"})),
    )
    with gunicorn("unit_site", port, env, ROOT / "bench") as pid:
        yield Site("unit", port, pid, "unit", {"sessionid": made.stdout.strip()}, pages)


@contextlib.contextmanager
def gunicorn(application: str, port: int, env: dict[str, str], directory: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", *GUNICORN]
    child = spawn(command, env=env, cwd=directory)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.1)
        yield child.pid
    finally:
        stop(child)


def one_size(asked: argparse.Namespace, room: Path, database: Server, sites: list[Site]) -> dict[str, Cost]:
    """Medians over rounds in which the sites take turns."""
    assert database.child is not None
    only = set(filter(None, asked.only.split(",")))
    found: dict[str, list[Cost]] = {}
    for _ in range(asked.rounds):
        for site in sites:
            statements = Statements(_dsn(room, "portal"), site.database)
            for page in site.pages:
                if not only or page.name in only or site.name == "unit":
                    found.setdefault(page.name, []).append(
                        measure(site, page, asked.seconds, database.child.pid, statements)
                    )
    return {name: _median(costs) for name, costs in found.items()}


def _median(costs: list[Cost]) -> Cost:
    middle = {
        name: statistics.median(getattr(cost, name) for cost in costs)
        for name in ("queries", "cpu", "database_cpu", "wall")
    }
    return Cost(**middle, compressed=costs[-1].compressed)


def lines(costs: dict[tuple[int, str], Cost], sizes: list[int]) -> Iterator[str]:
    """A Markdown table: a line a page; for each size queries, CPU and its ratio to the unit of the same size."""
    yield (
        "| page | "
        + " | ".join(f"{size:,}: queries | CPU ms | × unit | PostgreSQL ms" for size in sizes)
        + " | gzip kB |"
    )
    yield "|---" * (len(sizes) * 4 + 2) + "|"
    for name in dict.fromkeys(name for _, name in costs):
        cells = []
        for size in sizes:
            cost, unit = costs[size, name], costs[size, "write" if "POST" in name else "unit"]
            cells.append(f"{cost.queries:.1f} | {cost.cpu:.2f} | {cost.cpu / unit.cpu:.1f} | {cost.database_cpu:.2f}")
        yield f"| {name} | " + " | ".join(cells) + f" | {costs[sizes[-1], name].compressed / 1000:.1f} |"


if __name__ == "__main__":
    main()
