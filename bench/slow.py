"""Does the portal answer while many send slowly? Posts of which a byte comes every eight seconds, as many as asked for, all the time.

usage: .venv/bin/python -m bench.slow [--connections 64] [--seconds 45] [--proxy] [--one-address]

Starts its own PostgreSQL, Valkey, a small demo network and gunicorn as the image does (`portal.web_server`), and with `--proxy` a
Caddy with the shipped Caddyfile in front. Each slow connection comes from an address of its own (127.0.1.1 and so on), which
is the hardest: of one address the server keeps twenty. One that is cut off is opened again. Meanwhile /healthz and two pages
of a member are asked for, each over a new connection. Exit 1 when one failed or took two seconds or more.
"""

import argparse
import contextlib
import http.client
import os
import re
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bench.measuring import Crowd
from bench.run import CALL, ROOT, SESSIONS, Server, manage, portal_environment, servers
from portal.embedded.processes import spawn, stop
from portal.embedded.servers import free_port

MOST = 2.0  # seconds, for each answer
PAUSE = 8.0  # seconds between two bytes
QUIET = 10.0  # seconds of pages alone
PATIENCE = 20.0  # seconds after which a page counts as not answered
COOKIES = "from django.conf import settings; print(settings.SESSION_COOKIE_NAME)"


class Where(NamedTuple):
    """Where visitors knock."""

    port: int
    host: str
    tls: ssl.SSLContext | None

    def open(self, source: str = "") -> socket.socket:
        link = socket.create_connection(
            ("127.0.0.1", self.port), PATIENCE, source_address=(source, 0) if source else None
        )
        return self.tls.wrap_socket(link, server_hostname="localhost") if self.tls else link


class Slow(Crowd):
    """Many connections, each with a post that never becomes whole."""

    def __init__(self, where: Where, connections: int, one_address: bool) -> None:
        self.where, self.connections, self.one_address = where, connections, one_address
        self.seen: Counter[str] = Counter()
        super().__init__(threading.Thread(target=self._hold, args=(share,), daemon=True) for share in range(8))

    def _hold(self, share: int) -> None:
        held: dict[int, socket.socket] = {}
        numbers = range(share, self.connections, len(self.threads))
        while not self.over.is_set():
            began = time.monotonic()
            for number in numbers:
                if self.over.is_set():
                    break
                try:
                    if number not in held:
                        held[number] = self._begin(number)
                        self.seen["begun"] += 1
                    elif _is_closed(held[number]):
                        raise ConnectionResetError
                    else:
                        held[number].sendall(b"a")
                        self.seen["bytes"] += 1
                except OSError:
                    self.seen["cut off"] += 1
                    if number in held:
                        held.pop(number).close()
            self.over.wait(max(0.0, PAUSE - (time.monotonic() - began)))
        for link in held.values():
            link.close()

    def _begin(self, number: int) -> socket.socket:
        link = self.where.open("127.0.1.1" if self.one_address else f"127.0.{1 + number // 250}.{1 + number % 250}")
        link.sendall(
            f"POST /apply/ HTTP/1.1\r\nHost: {self.where.host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: 1000\r\n\r\na".encode()
        )
        return link


def _is_closed(link: socket.socket) -> bool:
    link.settimeout(0.001)
    try:
        link.recv(4096)
    except (TimeoutError, ssl.SSLWantReadError):
        return False
    finally:
        link.settimeout(PATIENCE)
    return True  # an answer to half a post is its end, too


class Visitor:
    """Asks for one page four times a second, over a new connection each time."""

    def __init__(self, where: Where, page: str, cookie: str = "") -> None:
        self.where, self.page, self.cookie = where, page, cookie
        self.over = threading.Event()
        self.phase = "before"
        self.took: dict[str, list[float]] = {"before": [], "meanwhile": []}
        self.failed: list[str] = []
        self.thread = threading.Thread(target=self._come, daemon=True)

    def _come(self) -> None:
        while not self.over.wait(0.25):
            phase, began = self.phase, time.monotonic()
            try:
                status = self._ask()
            except (OSError, http.client.HTTPException) as error:
                status = repr(error)
            self.took[phase].append(time.monotonic() - began)
            if status != "200":
                self.failed.append(f"{self.page}: {status}")

    def warm_up(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            self._ask()

    def _ask(self) -> str:
        link = http.client.HTTPConnection("127.0.0.1", self.where.port, timeout=PATIENCE)
        link.sock = self.where.open()
        try:
            link.request("GET", self.page, headers={"Host": self.where.host, "Cookie": self.cookie})
            response = link.getresponse()
            response.read()
            return str(response.status)
        finally:
            link.close()

    def line(self, phase: str) -> str:
        times = sorted(self.took[phase])
        return (
            f"{self.page} {phase}: {len(times)} answers, half within {times[len(times) // 2] * 1000:.0f} ms, "
            f"95 of 100 within {times[int(len(times) * 0.95)] * 1000:.0f} ms, the slowest {times[-1] * 1000:.0f} ms"
        )

    @property
    def is_well(self) -> bool:
        return not self.failed and max(self.took["meanwhile"]) < MOST


def main() -> int:
    asked = arguments()
    with servers() as (room, database, valkey):
        return measure(asked, room, database, valkey)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pages while many send slowly.")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--proxy", action="store_true", help="behind Caddy with the shipped Caddyfile")
    parser.add_argument("--one-address", action="store_true", help="all slow connections from the same address")
    return parser.parse_args()


def measure(asked: argparse.Namespace, room: Path, database: Server, valkey: Server) -> int:
    port, door = free_port(), free_port()
    env = portal_environment(room, database, valkey, port)
    if asked.proxy:
        env |= {"SITE_URL": f"https://localhost:{door}", "ALLOWED_HOSTS": "localhost", "TRUSTED_PROXY_COUNT": "1"}
        del env["ALLOW_HTTP"]
    env["STATIC_ROOT"] = str(room / "static")
    manage(env, "migrate", "--verbosity", "0")
    (room / "static").mkdir()
    manage(env, "collectstatic", "--no-input", "--verbosity", "0")
    manage(env, "demo", "--outside-demo")
    session = manage(env, "shell", "--verbosity", "0", "--command", SESSIONS).split()[0]
    cookie = f"{manage(env, 'shell', '--verbosity', '0', '--command', COOKIES)}={session}"
    call = manage(env, "shell", "--verbosity", "0", "--command", CALL)
    with web(env, port), caddy(room, door, port) if asked.proxy else direct(port) as where:
        visitors = [Visitor(where, "/healthz"), Visitor(where, "/", cookie), Visitor(where, f"/calls/{call}/", cookie)]
        for visitor in visitors:
            for _both_processes in range(6):
                visitor.warm_up()
            visitor.thread.start()
        time.sleep(QUIET)
        with Slow(where, asked.connections, asked.one_address) as slow:
            for visitor in visitors:
                visitor.phase = "meanwhile"
            time.sleep(asked.seconds)
        for visitor in visitors:
            visitor.over.set()
            visitor.thread.join()
    print(
        f"{asked.connections} slow connections for {asked.seconds:.0f} s: {dict(slow.seen)}; load {os.getloadavg()[0]:.1f}"
    )
    for visitor in visitors:
        print(visitor.line("before"), visitor.line("meanwhile"), *visitor.failed[:3], sep="\n")
    return 0 if all(visitor.is_well for visitor in visitors) else 1


@contextlib.contextmanager
def web(env: dict[str, str], port: int) -> Iterator[None]:
    """The command of the Dockerfile, on a port of ours."""
    command = [sys.executable, "-m", "gunicorn", "--config", "python:portal.web_server", "portal.wsgi"]
    child = spawn(
        [*command, "--bind", f"127.0.0.1:{port}", "--access-logfile", "/dev/null", "--log-level", "warning"],
        env=env,
        cwd=ROOT,
    )
    try:
        _wait_for(port)
        yield
    finally:
        stop(child)


@contextlib.contextmanager
def direct(port: int) -> Iterator[Where]:
    yield Where(port, f"127.0.0.1:{port}", None)


@contextlib.contextmanager
def caddy(room: Path, door: int, port: int) -> Iterator[Where]:
    """The shipped file; changed are the ports, which are ours, and the names of the other containers."""
    text = (ROOT / "docs" / "deploy" / "Caddyfile").read_text()
    text = text.replace("web:8000", f"127.0.0.1:{port}").replace("mail:8025", f"127.0.0.1:{free_port()}")
    text = re.sub(r"(?m)^:8025 ", f"http://127.0.0.1:{free_port()} ", text)
    options = f"admin off\nskip_install_trust\nhttp_port {free_port()}\nhttps_port {door}\n"
    (room / "Caddyfile").write_text(text.replace("{\n", "{\n" + options, 1))  # its first block has the options
    home = {
        "SITE_HOST": f"localhost:{door}",
        "XDG_DATA_HOME": str(room / "caddy"),
        "XDG_CONFIG_HOME": str(room / "caddy"),
    }
    with (room / "caddy.log").open("wb") as log:
        child = spawn(
            ["caddy", "run", "--config", str(room / "Caddyfile"), "--adapter", "caddyfile"],
            env=os.environ | home,
            stderr=log,
        )
        try:
            _wait_for(door)
            root = room / "caddy" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
            yield Where(door, f"localhost:{door}", ssl.create_default_context(cafile=str(root)))
        finally:
            stop(child)


def _wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.1)
    raise SystemExit("A server did not start.")


if __name__ == "__main__":
    sys.exit(main())
