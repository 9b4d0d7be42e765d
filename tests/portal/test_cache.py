"""Limits hold and pages answer when Redis dies in the middle, and Redis is used again when it is back."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
import uuid
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone

from members.models import CacheEntry
from members.web.rate_limits import within_limit
from portal import cache as failover
from portal.cache import DatabaseCache, FailoverCache
from portal.embedded import directories
from portal.embedded.servers import Valkey

OPTIONS = {"OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5}}


@pytest.fixture
def valkey():
    room = directories.passing()
    server = Valkey(room, durable=False)
    yield server.start()
    server.stop()
    shutil.rmtree(room, ignore_errors=True)


@pytest.fixture
def cache(valkey, monkeypatch) -> FailoverCache:
    monkeypatch.setattr(failover, "RETRY_AFTER", 0.2)
    return FailoverCache(valkey.url, dict(OPTIONS))


def kill(server: Valkey) -> None:
    server.child.kill()
    server.child.wait(10)


def test_values_go_to_redis_while_it_is_there(cache):
    cache.set("a", 1, 60)
    assert (cache.get("a"), cache._memory.get("a")) == (
        1,
        None,
    )  # and no question to the database, which this test may not ask


def test_a_killed_redis_is_replaced_by_the_database_at_once(db, cache, valkey):
    cache.set("a", 1, 60)
    kill(valkey)
    started = time.monotonic()
    cache.set("b", 2, 60)
    assert (cache.get("b"), cache.get("a"), cache.add("b", 3), cache.incr("b"), cache.get_many(["b"])) == (
        2,
        None,
        False,
        3,
        {"b": 3},
    )
    assert time.monotonic() - started < 1


def test_redis_is_used_again_when_it_is_back(db, cache, valkey):
    kill(valkey)
    cache.set("a", 1, 60)
    again = valkey.start()
    time.sleep(0.3)
    cache.set("b", 2, 60)
    assert again and (cache.get("b"), cache._database.get("b")) == (2, None)


@pytest.fixture
def stored(db) -> DatabaseCache:
    return DatabaseCache({})


@pytest.mark.parametrize("value", [0, 7, -1, 2**40, True, None, "words", [1.5, 2.5], {"a": ("b",)}])
def test_the_database_gives_back_what_was_kept(stored, value):
    stored.set("a", value, 60)
    assert (stored.get("a", "none"), type(stored.get("a"))) == (value, type(value))
    assert (stored.add("a", "another"), stored.touch("a", 9), stored.delete("a"), stored.delete("a")) == (
        False,
        True,
        True,
        False,
    )
    assert (stored.get("a", "none"), stored.touch("a"), stored.add("a", value), stored.has_key("a")) == (
        "none",
        False,
        True,
        True,
    )


def test_what_the_database_kept_ends(stored, time_machine):
    stored.set_many({"a": 1, "b": "words"}, 60)
    stored.set("for ever", 1, None)
    time_machine.move_to(timezone.now() + timedelta(seconds=61))
    assert stored.get_many(["a", "b", "for ever"]) == {"for ever": 1}
    with pytest.raises(ValueError, match="No number"):
        stored.incr("a")
    assert (stored.add("a", 5, 60), stored.incr("a", 2), stored.get("a")) == (True, 7, 7)


def test_counting_up_keeps_the_end(stored, time_machine):
    stored.add("a", 0, 900)
    time_machine.move_to(timezone.now() + timedelta(seconds=600))
    assert stored.incr("a") == 1
    time_machine.move_to(timezone.now() + timedelta(seconds=299))
    assert stored.incr("a") == 2


def test_where_the_database_cannot_be_asked_either_memory_counts(db, no_redis):
    """As in a transaction that failed already: no 500, and never without limits."""
    connection.set_rollback(True)
    assert [within_limit("x", 1, 2, 600) for _time in range(3)] == [True, True, False]
    connection.set_rollback(False)


BROWSER = """
import sys, django
django.setup()
from django.core.cache import cache
from django.test import Client
cache.key_prefix = sys.argv[1]
print("ready", flush=True)
for line in sys.stdin:
    codes = [Client().post("/account/login/", {"email": line.strip()}).status_code for _time in range(3)]
    print(*codes, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_count_together_while_valkey_is_stopped(valkey):
    environment = os.environ | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "REDIS_URL": valkey.url,
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    argv = [sys.executable, "-W", "ignore", "-c", BROWSER, uuid.uuid4().hex]
    with contextlib.ExitStack() as stack:
        two = [stack.enter_context(subprocess.Popen(argv, env=environment, **pipes)) for _each in range(2)]
        for each in two:
            stack.callback(each.kill)
            assert each.stdout.readline() == "ready\n"

        def ask(process, email: str) -> list[str]:
            process.stdin.write(f"{email}\n")
            return process.stdout.readline().split()

        assert [ask(each, "one@portal.example") for each in two] == [["302"] * 3, ["429"] * 3]
        kill(valkey)
        assert [ask(each, "two@portal.example") for each in two] == [["302"] * 3, ["429"] * 3]
        assert CacheEntry.objects.exists()


@pytest.fixture
def no_redis():
    """The whole portal on a cache whose Redis is away: nobody listens at this address."""
    before = caches["default"]
    caches["default"] = FailoverCache("redis://127.0.0.1:1/0", dict(OPTIONS))
    yield
    caches["default"] = before


def test_sign_in_answers_and_its_limit_holds_without_redis(db, no_redis):
    statuses = [Client().post("/account/login/", {"email": "nobody@portal.example"}).status_code for _ in range(4)]
    assert statuses == [302, 302, 302, 429]
