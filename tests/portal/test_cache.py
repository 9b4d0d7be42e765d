"""Limits hold and pages answer when Redis dies in the middle, and Redis is used again when it is back."""

import shutil
import time

import pytest
from django.core.cache import caches
from django.test import Client

from portal import cache as failover
from portal import rooms
from portal.cache import FailoverCache
from portal.embedded import Valkey

OPTIONS = {"OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5}}


@pytest.fixture
def valkey():
    room = rooms.passing()
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
    assert (cache.get("a"), cache._memory.get("a")) == (1, None)


def test_a_killed_redis_is_replaced_by_memory_at_once(cache, valkey):
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


def test_redis_is_used_again_when_it_is_back(cache, valkey):
    kill(valkey)
    cache.set("a", 1, 60)
    again = valkey.start()
    time.sleep(0.3)
    cache.set("b", 2, 60)
    assert again and (cache.get("b"), cache._memory.get("b")) == (2, None)


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
