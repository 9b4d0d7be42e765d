"""A cache that outlives Redis: limits live here, and they must hold when Redis is away, never answer 500.

While Redis cannot be reached PostgreSQL keeps what is cached, so all processes go on counting together.
"""

from __future__ import annotations

import pickle
import time
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.apps import apps
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.db import Error, connection, transaction
from django.utils import timezone
from redis.exceptions import RedisError

RETRY_AFTER = 5.0  # seconds without asking Redis after it failed
MOST_IN_MEMORY = 50_000  # entries; Django's 300 would drop counters of limits under an attack
FOR_EVER = timedelta(days=3650)

PUT = """
INSERT INTO members_cacheentry AS kept (key, number, value, expires_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (key) DO UPDATE SET number = EXCLUDED.number, value = EXCLUDED.value, expires_at = EXCLUDED.expires_at
"""
PUT_WHERE_NONE_IS = f"{PUT} WHERE kept.expires_at <= %s"
COUNT_UP = """
UPDATE members_cacheentry SET number = number + %s WHERE key = %s AND expires_at > %s AND number IS NOT NULL
RETURNING number
"""


class DatabaseCache(BaseCache):
    """A row an entry, each written by one statement. (Django's own counts up by reading and then writing.)"""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        row = self._rows().fresh().filter(key=self.make_and_validate_key(key, version=version)).first()
        if row is None:
            return default
        return pickle.loads(row.value) if row.number is None else row.number  # noqa: S301 (we alone write it)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._put(PUT, key, value, timeout, version, [])

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._put(PUT_WHERE_NONE_IS, key, value, timeout, version, [timezone.now()])

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        with connection.cursor() as cursor:
            cursor.execute(COUNT_UP, [delta, self.make_and_validate_key(key, version=version), timezone.now()])
            row = cursor.fetchone()
        if row is None:
            raise ValueError(f"No number is kept as {key!r}")
        return row[0]

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        entry = self._rows().fresh().filter(key=self.make_and_validate_key(key, version=version))
        return bool(entry.update(expires_at=self._end(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._rows().filter(key=self.make_and_validate_key(key, version=version)).delete()[0])

    def clear(self) -> None:
        self._rows().all().delete()

    def _put(self, statement: str, key: str, value: Any, timeout: Any, version: int | None, more: list[Any]) -> bool:
        key = self.make_and_validate_key(key, version=version)
        is_number = type(value) is int
        pickled = None if is_number else pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        with connection.cursor() as cursor:
            cursor.execute(statement, [key, value if is_number else None, pickled, self._end(timeout), *more])
            return bool(cursor.rowcount)

    def _end(self, timeout: Any) -> datetime:
        end = self.get_backend_timeout(timeout)
        return timezone.now() + FOR_EVER if end is None else datetime.fromtimestamp(max(end, 0), UTC)

    @staticmethod
    def _rows() -> Any:
        return apps.get_model("members", "CacheEntry").objects


class KeptClient(RedisCacheClient):
    """As Django's, which makes a client of Redis for each question; one serves them all, and threads may share it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[bool, Any] = {}  # to write with, to read with

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if write not in self._kept:
            self._kept[write] = super().get_client(key, write=write)
        return self._kept[write]


class FailoverCache(RedisCache):
    """Redis; the database while Redis cannot be reached; and this process's memory where the database can't be asked either."""

    _down_until: ClassVar[dict[str, float]] = {}  # by server; one thread's time-out is enough for all

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient
        self._server = server
        self._database = DatabaseCache({name: value for name, value in params.items() if name != "OPTIONS"})
        self._memory = LocMemCache(server, params | {"OPTIONS": {"MAX_ENTRIES": MOST_IN_MEMORY}})

    def _ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._down_until.get(self._server, 0.0):
            try:
                return getattr(super(), name)(*args, **kwargs)
            except (RedisError, OSError):
                self._down_until[self._server] = time.monotonic() + RETRY_AFTER
        return self._without_redis(name, *args, **kwargs)

    def _without_redis(self, name: str, *args: Any, **kwargs: Any) -> Any:
        try:
            with transaction.atomic():
                return getattr(self._database, name)(*args, **kwargs)
        except Error:
            return getattr(self._memory, name)(*args, **kwargs)


def _forward(name: str) -> Any:
    def method(self: FailoverCache, *args: Any, **kwargs: Any) -> Any:
        return self._ask(name, *args, **kwargs)

    method.__name__ = name
    return method


for _name in (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "get_many",
    "has_key",
    "incr",
    "set_many",
    "delete_many",
    "clear",
):
    setattr(FailoverCache, _name, _forward(_name))
