"""Reading what a page costs from outside: CPU from process accounting, statements from pg_stat_statements.

CPU time of the server's process tree is far less noisy than wall time on a shared machine. Its clock ticks a
hundred times a second, so a page is asked for many times and the total divided.
"""

import gzip
import http.client
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

import psycopg

TICK = os.sysconf("SC_CLK_TCK")
NOT_COUNTED = (
    r"^\s*(begin|commit|rollback|set |show |savepoint|release|start|deallocate|close|declare|fetch|select set_config)"
)
STATEMENTS = """
    SELECT coalesce(sum(calls) FILTER (WHERE query !~* %s), 0), coalesce(sum(total_exec_time + total_plan_time), 0)
    FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid WHERE datname = %s
"""


class Crowd:
    """Threads that run between entering and leaving; each looks at `over`."""

    def __init__(self, threads: Iterable[threading.Thread]) -> None:
        self.over, self.threads = threading.Event(), list(threads)

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()


@dataclass(frozen=True)
class Page:
    """`expect` is text that must be in the body, so that an empty page cannot win. With `fields` it is POSTed by htmx, each in turn."""

    name: str
    url: str
    expect: str = ""
    fields: tuple[dict[str, str], ...] = ()
    session: str = ""  # of the person who asks, when that is somebody else
    by_others: bool = False  # asked for by many people in turn, because one person may not so often


@dataclass(frozen=True)
class Site:
    name: str
    port: int
    pid: int  # of the server's first process
    database: str
    cookies: dict[str, str]
    pages: tuple[Page, ...]
    others: tuple[str, ...] = ()  # sessions of further members


@dataclass(frozen=True)
class Cost:
    """Per request: SQL statements, ms of CPU in the web server and in PostgreSQL, ms in the median, bytes compressed."""

    queries: float
    cpu: float
    database_cpu: float
    wall: float
    compressed: int


def process_tree(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.parent.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def cpu_ms(pid: int) -> float:
    """User and system time of the tree, with that of children it waited for."""
    ticks = 0
    for process in process_tree(pid):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(value) for value in fields[11:15])
    return ticks * 1000 / TICK


class Statements:
    def __init__(self, dsn: str, database: str) -> None:
        self.link = psycopg.connect(dsn, autocommit=True)
        self.database = database

    def count(self) -> float:
        return float(self.link.execute(STATEMENTS, [NOT_COUNTED, self.database]).fetchone()[0])


class Browser:
    """One kept connection, one cookie jar, gzip: what a proxy in front would be."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.link = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)

    def get(self, url: str, session: str = "") -> tuple[int, bytes]:
        return self._ask("GET", url, None, {"session": session} if session else {})

    def post(self, url: str, fields: dict[str, str]) -> tuple[int, bytes]:
        return self._ask("POST", url, urlencode(fields), {})

    def _ask(self, method: str, url: str, body: str | None, cookies: dict[str, str]) -> tuple[int, bytes]:
        headers = {
            "Host": f"127.0.0.1:{self.site.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in (self.site.cookies | cookies).items()),
        }
        if body is not None:
            headers |= {
                "HX-Request": "true",
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://127.0.0.1:{self.site.port}",
            }
        self.link.request(method, url, body, headers)
        response = self.link.getresponse()
        raw = response.read()
        if response.getheader("Connection") == "close":
            self.link.close()
        return response.status, raw


def measure(site: Site, page: Page, seconds: float, database_pid: int, statements: Statements) -> Cost:
    browser = Browser(site)
    for number in range(10):  # both workers, their templates and their plans
        raw = _ask(browser, page, number)
    before = statements.count(), cpu_ms(site.pid), cpu_ms(database_pid)
    times: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        _ask(browser, page, len(times))
        times.append((time.perf_counter() - began) * 1000)
    after = statements.count(), cpu_ms(site.pid), cpu_ms(database_pid)
    queries, cpu, database_cpu = ((late - early) / len(times) for early, late in zip(before, after, strict=True))
    return Cost(queries, cpu, database_cpu, sorted(times)[len(times) // 2], len(gzip.compress(raw, 6)))


def _ask(browser: Browser, page: Page, number: int) -> bytes:
    if page.fields:
        status, raw = browser.post(page.url, page.fields[number % len(page.fields)])
    else:
        others = browser.site.others
        status, raw = browser.get(page.url, others[number % len(others)] if page.by_others else page.session)
    if status not in ((200, 302, 303) if page.fields else (200,)) or page.expect.encode() not in raw:
        raise SystemExit(
            f"{browser.site.name} {page.name} {page.url} answered {status} without {page.expect!r}: {raw[:400]!r}"
        )
    return raw
