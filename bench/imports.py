"""What an import costs: a list of invented officials with bad rows of a dozen kinds, on servers of its own (real fsync).

usage: .venv/bin/python -m bench.imports [--rows 20000]

    plan      the list is read and compared with the members
    commit    it is carried out
    again     brought once more: nobody would be added or changed
    undo      the first import is taken back

Each is a process of its own, as a worker's. Memory is the most it had (resident).
"""

import argparse
import os
import random
import secrets
import shutil
from pathlib import Path

from bench.mail import manage
from portal.embedded import directories
from portal.embedded.servers import services

PLACES = """
from members.models import Jurisdiction
for name, state in Jurisdiction.objects.filter(kind="place", population__gt=20000).order_by("pk").values_list("name", "state")[:3000]:
    print(name, state, sep="|")
"""
STEP = """
import os, resource, time
from collections import Counter
from django.core.files.base import File
from members.models import Import
from members.roster.importing import worker
name, began = os.environ["STEP"], time.monotonic()
if name in ("plan", "again"):
    imported = Import.begin(None, File(open(os.environ["LIST"], "rb")), "officials.csv")
elif name == "commit":
    imported = Import.objects.latest("pk")
    imported.confirm(None, imported.version)
else:
    imported = Import.objects.earliest("pk")
    imported.undo(None)
while imported.is_running:
    worker.work_or_wait()
    imported.refresh_from_db()
seconds, memory = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
what = imported.rows_of.count_done() if name == "commit" else imported.counts
if name == "undo":
    what = dict(Counter(imported.rows_of.exclude(undone_at=None).values_list("undo_reason", flat=True)))
print(f"{name:>7} {seconds:6.1f} s {time.process_time():6.1f} s CPU {memory:4.0f} MiB, load {os.getloadavg()[0]:.1f}: {imported.state.label}, {what}")
"""
FIRST = "Ada Ben Cleo Dan Eva Finn Gia Hugo Ines Jon Kira Liam Mona Nils Olga Paul Rosa Sven Tara Uma Vera Will Xena Yara Zoe"
LAST = "Abbott Boyle Cruz Diaz Ellis Flores Grant Hayes Ibarra Jones Klein Lopez Meyer Nash Ortiz Perez Quinn Reyes Stone Tran"
TITLES = ("Council Member", "Mayor", "Alderperson", "Vice Mayor", "City Clerk")
HEADINGS = "First Name,Last Name,Email,Phone,Office,Place,State,Term Ends"


def rows(number: int, places: list[tuple[str, str]]) -> list[str]:
    """One in twenty is bad, in a dozen ways; the same list for the same number."""
    chance, lines = random.Random(7), []
    for at in range(number):
        first, last = chance.choice(FIRST.split()), f"{chance.choice(LAST.split())}{chance.choice('abcdefgh')}{at % 97}"
        place, state = chance.choice(places)
        good = [first, last, f"{first}.{last}.{at}@list.example".lower(), f"719-555-{at % 10000:04d}"]
        good += [chance.choice(TITLES), place, state, f"12/31/{2027 + at % 4}"]
        lines.append(",".join(_spoiled(good, at // 20 % 12, lines) if at % 20 == 19 else good))
    return lines


def _spoiled(good: list[str], kind: int, lines: list[str]) -> list[str]:
    first, last, email, phone, title, place, state, ends = good
    return [
        ["", "", email, phone, title, place, state, ends],
        [first, last, "", phone, title, place, state, ends],
        [first, last, "no-email", phone, title, place, state, ends],
        [f"{first} and Bo", last, email, phone, title, place, state, ends],
        [first, last, email, phone, title, "Nowhere at All", state, ends],
        [first, last, email, phone, title, place, state, "13/31/2029"],
        lines[-3].split(",") if len(lines) > 3 else good,
        [first, "Otherwise", lines[-2].split(",")[2], phone, title, place, state, ends],
        [first, last, email, phone, title, place, state, ends, "one", "two", "too many"],
        [""] * 8,
        ["Total", "412", "", "", "", "", "", ""],
        [first, last, f"info@{last.lower()}.example", phone, title, place, state, ends],
    ][kind]


def main() -> None:
    parser = argparse.ArgumentParser(description="What an import costs.")
    parser.add_argument("--rows", type=int, default=20_000)
    asked = parser.parse_args()
    room = directories.passing()
    try:
        with services(lambda: room) as servers:
            os.environ.update({server.variable: server.url for server in servers})
            os.environ.update(
                {
                    "DJANGO_SETTINGS_MODULE": "portal.settings",
                    "SECRET_KEY": secrets.token_hex(32),
                    "ALLOW_HTTP": "1",
                    "ALLOWED_HOSTS": "portal.example",
                    "SITE_URL": "https://portal.example",
                    "EMAIL_URL": "memorymail://",
                    "CALENDAR_EMAIL_URL": "memorymail://",
                    "LOG_LEVEL": "WARNING",
                    "MEDIA_ROOT": str(room),
                    "LIST": str(Path(room) / "officials.csv"),
                }
            )
            manage("migrate", "--verbosity", "0")
            manage("load_jurisdictions")
            places = [
                (line.split("|")[0], line.split("|")[1])
                for line in manage("shell", "-v", "0", "-c", PLACES).split("\n")
                if line
            ]
            Path(os.environ["LIST"]).write_text("\n".join([HEADINGS, *rows(asked.rows, places)]))
            for name in ("plan", "commit", "again", "undo"):
                os.environ["STEP"] = name
                print(manage("shell", "-v", "0", "-c", STEP), end="", flush=True)
    finally:
        shutil.rmtree(room, ignore_errors=True)


if __name__ == "__main__":
    main()
