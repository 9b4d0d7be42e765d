# ruff: noqa: PLC0415 (Django is set up before anything of it is imported)
"""Do calendar programs read what we write as we meant it? Feeds of five zones over both nights on which clocks change, invitations, and series.

usage: .venv/bin/python -m bench.calendars [--into DIR]

Installs ical.js and node-ical (npm), khal and Radicale (PyPI) into a folder that is thrown away, or into DIR, and compiles twenty lines
against libical (Debian: libical-dev). Radicale listens on 127.0.0.1 while it is asked. Prints a table, and ends with 1 when something was read otherwise or with a warning.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

HERE = Path(__file__).parent
ZONES = ["America/New_York", "America/Denver", "America/Phoenix", "Pacific/Honolulu", "Pacific/Guam"]
NIGHTS = [datetime(2027, 3, 14, 12, tzinfo=UTC), datetime(2027, 11, 7, 12, tzinfo=UTC)]
AROUND = range(-40, 41)  # half hours
FIVE_WEEKS = [date(2027, 3, 7), date(2027, 11, 7)]  # in which clocks change
Entries = set[tuple[str, int, int]]  # uid, start and end in seconds, of each date


@dataclass
class Read:
    """What a program made of one file."""

    entries: Entries
    warnings: list[str] = field(default_factory=list)


# What is read -----------------------------------------------------------------------------------------


def start_django() -> None:
    os.environ.update(
        DEBUG="1",
        SECRET_KEY=secrets.token_hex(32),
        SITE_URL="http://127.0.0.1:8000",
        DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        REDIS_URL="redis://127.0.0.1:1/0",
        DJANGO_SETTINGS_MODULE="portal.settings",
    )
    import django

    django.setup()


def written(into: Path) -> dict[Path, Entries]:
    """The files, with what was meant."""
    from zoneinfo import ZoneInfo

    from committees.models import Committee
    from events.calendar import ics
    from events.models import Meeting
    from members.models import User

    committee = Committee(name="Económic Justice; “90” days, and more", slug="economic-justice")
    reader = User(email="reader@portal.example", name='Rosa "the, fox"; Núñez')
    calls = []
    for number, start in enumerate(night + timedelta(minutes=30 * half) for night in NIGHTS for half in AROUND):
        call = Meeting(
            committee=committee,
            uid=f"{number}@calls",
            slug=f"call-{number}",
            title=f"Call {number}, budgets; and more",
            summary="Línea uno\nline two, with commas; and semicolons",
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            video_url="https://zoom.us/j/123",
            dial_in="669-555-0142, code 123 456#",
            created_at=start - timedelta(days=40),
            updated_at=start - timedelta(days=30),
            cancelled_at=start - timedelta(days=1) if number % 20 == 0 else None,
        )
        call.my_response = "accepted" if number % 2 else None
        calls.append(call)
    files = {}
    for zone in ZONES:
        path = into / f"feed-{zone.replace('/', '-')}.ics"
        path.write_bytes(ics.feed(calls, "Our calls", ZoneInfo(zone), (2026, 2029), alarm=10))
        files[path] = meant(calls)
    people = ics.organizer("Committee", "calls+1.2@portal.example"), ics.attendee(reader, "needs_action", asks=True)
    for number, call in enumerate(calls[::8]):
        method = ics.CANCEL if call.is_cancelled else ics.REQUEST
        path = into / f"invitation-{number}.ics"
        path.write_text(ics.invite(call, method, *people, alarm=10), newline="")
        files[path] = meant([call])
    return files | series_written(into, committee, people)


def series_written(into: Path, committee, people: tuple[str, str]) -> dict[Path, Entries]:
    """Five Sundays in each zone, the second of them left out and the fourth a day later: as a mail and as a feed."""
    from zoneinfo import ZoneInfo

    from events.calendar import ics
    from events.models import Meeting, MeetingSeries

    files = {}
    said = {
        "title": "Every week, and more",
        "video_url": "https://zoom.us/j/123",
        "created_at": NIGHTS[0],
        "updated_at": NIGHTS[0],
    }
    for number, (zone, first) in enumerate((zone, first) for zone in ZONES for first in FIVE_WEEKS):
        series = MeetingSeries(
            pk=number + 1,
            committee=committee,
            key=f"series-{number}",
            uid=f"{number}@series",
            local_date=first,
            local_time=clock_time(0, 15),  # so that the last hour of a date is one that clocks skip or show twice
            timezone=zone,
            duration=90,
            rule="FREQ=WEEKLY;BYDAY=SU;COUNT=5",
            exceptions={str(first + timedelta(weeks=1)): ""},
            **said,
        )
        calls = [_date_of(Meeting, series, first + timedelta(weeks=week), week) for week in (0, 2, 3, 4)]
        mail, feed = (into / f"series-{number}-{door}.ics" for door in ("mail", "feed"))
        mail.write_text(
            ics.invite_series(series, calls, people[0], lambda _answer: people[1], answers={}, alarm=10), newline=""
        )
        feed.write_bytes(ics.feed(calls, "Our series", ZoneInfo(zone), (2026, 2029), alarm=10))
        files[mail] = files[feed] = {(series.uid, *span[1:]) for span in meant(calls)}
    return files


def _date_of(Meeting, series, day: date, week: int):  # noqa: N803
    call = Meeting(
        committee=series.committee,
        series=series,
        original_start=series.start_on(day),
        uid=f"{day}@calls",
        slug=f"call-{day}",
        title=series.title,
        video_url=series.video_url,
        local_date=day + timedelta(days=week == 3),
        local_time=series.local_time,
        timezone=series.timezone,
        duration=series.duration,
        created_at=series.created_at,
        updated_at=series.updated_at,
    )
    call.derive_instant()
    call.my_response = None
    return call


def meant(calls: Iterable) -> Entries:
    return {(call.uid, int(call.starts_at.timestamp()), int(call.ends_at.timestamp())) for call in calls}


# Who reads --------------------------------------------------------------------------------------------


def run(*command: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout + "".join(f"! {line}\n" for line in done.stderr.splitlines())


def lines(said: str) -> Read:
    rows = [line.split() for line in said.splitlines() if line.strip()]
    entries = {(row[0], int(float(row[1])), int(float(row[2]))) for row in rows if row[0] != "!"}
    return Read(entries, [" ".join(row[1:]) for row in rows if row[0] == "!"])


def icalendar(path: Path) -> Read:
    """With recurring-ical-events, which gives the dates of a series."""
    from icalendar import Calendar
    from recurring_ical_events import of

    calendar = Calendar.from_ical(path.read_bytes())
    dates = of(calendar).between(datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
    entries = {(str(each["UID"]), int(each.start.timestamp()), int(each.end.timestamp())) for each in dates}
    return Read(entries, [str(error) for each in calendar.walk("VEVENT") for error in each.errors])


def khal(tools: Path, path: Path) -> Read:
    """Imported into a calendar, and listed from there in UTC."""
    with tempfile.TemporaryDirectory() as home:
        config = Path(home, "config")
        config.write_text(
            f"[calendars]\n[[calls]]\npath = {home}/calls\n[sqlite]\npath = {home}/khal.db\n[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%dT%H:%M\nlongdatetimeformat = %Y-%m-%dT%H:%M\n"
        )
        Path(home, "calls").mkdir()
        command = [tools / "py/bin/khal", "-c", config]
        env = os.environ | {"HOME": home, "TZ": "UTC"}
        said = run(*command, "import", "--batch", "-a", "calls", path, env=env)
        for start in ("2027-03-01", "2027-11-01"):
            said += run(
                *command,
                "list",
                "--notstarted",
                "--format",
                "{uid} {start-long} {end-long}",
                "--day-format",
                "",
                start,
                "40d",
                env=env,
            )
    rows = [line.split() for line in said.splitlines() if line.strip()]
    entries = {
        (row[0], *(int(datetime.fromisoformat(each + "+00:00").timestamp()) for each in row[1:3]))
        for row in rows
        if row[0] != "!"
    }
    return Read(entries, [" ".join(row[1:]) for row in rows if row[0] == "!"])  # type: ignore[arg-type]


@contextmanager
def radicale(tools: Path):
    """Puts the file as a calendar of a person, as a program does that keeps it on a server, and gets it back."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        log = Path(home, "log")
        command = [
            tools / "py/bin/radicale",
            "--hosts",
            f"127.0.0.1:{port}",
            "--auth-type",
            "none",
            "--storage-filesystem-folder",
            home,
            "--logging-level",
            "warning",
            "--rights-type",
            "authenticated",
        ]
        server = subprocess.Popen([str(word) for word in command], stdout=log.open("w"), stderr=subprocess.STDOUT)

        def ask(method: str, address: str, body: bytes = b"") -> bytes:
            request = urllib.request.Request(f"http://127.0.0.1:{port}{address}", body or None, method=method)
            request.add_header("Content-Type", "text/calendar; charset=utf-8")
            request.add_header("Authorization", "Basic bWU6bWU=")
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.read()

        def read(path: Path) -> Read:
            before = len(log.read_text())
            kept = b"".join(
                line for line in path.read_bytes().splitlines(keepends=True) if not line.startswith(b"METHOD")
            )
            ask("PUT", f"/me/{path.stem}/", kept)
            copy = Path(home, path.name)
            copy.write_bytes(ask("GET", f"/me/{path.stem}/"))
            found = icalendar(copy)
            return Read(found.entries, log.read_text()[before:].splitlines())

        try:
            for _try in range(100):
                try:
                    ask("MKCOL", "/me/")
                    break
                except OSError:
                    time.sleep(0.1)
            log.write_text("")
            yield read
        finally:
            server.terminate()
            server.wait()


# The whole --------------------------------------------------------------------------------------------


def install(tools: Path) -> None:
    if not (tools / "node_modules/ical.js").exists():
        run("npm", "install", "--silent", "--prefix", tools, "ical.js", "node-ical")
    if not (tools / "py/bin/khal").exists():
        run(sys.executable, "-m", "venv", tools / "py")
        run(tools / "py/bin/pip", "install", "--quiet", "--disable-pip-version-check", "khal", "radicale")
    for name in ("icaljs.mjs", "nodeical.mjs"):
        shutil.copy(HERE / name, tools / name)
    run("cc", "-O1", "-o", tools / "libical", HERE / "libical.c", "-lical")


def measure(name: str, read: Callable[[Path], Read], files: dict[Path, Entries]) -> bool:
    right = total = 0
    warnings = []
    for path, entries in files.items():
        found = read(path)
        total += len(entries)
        right += len(found.entries & entries)
        warnings += [f"{path.name}: {each}" for each in found.warnings]
        warnings += [f"{path.name}: {len(found.entries)} entries"] * (len(found.entries) != len(entries))
    print(f"| {name} | {right} of {total} | {len(warnings)} |", flush=True)
    for each in warnings[:3]:
        print(f"<!-- {each} -->", file=sys.stderr)
    return right == total and not warnings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, help="a folder for the programs that is kept")
    into = parser.parse_args().into
    start_django()
    with tempfile.TemporaryDirectory() as folder:
        tools = into or Path(folder, "tools")
        tools.mkdir(exist_ok=True)
        install(tools)
        files = written(Path(folder))
        print("| program | entries read as meant | warnings |\n|---|---|---|")
        good = [measure("icalendar", icalendar, files)]
        for name, *command in (
            ("ical.js", "node", "icaljs.mjs"),
            ("node-ical", "node", "nodeical.mjs"),
            ("libical", "./libical"),
        ):
            good.append(measure(name, lambda path, command=command: lines(run(*command, path, cwd=tools)), files))  # type: ignore[misc]
        good.append(measure("khal", lambda path: khal(tools, path), files))
        with radicale(tools) as read:
            good.append(measure("Radicale", read, files))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
