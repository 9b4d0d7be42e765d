"""A cache that outlives Redis: limits live here, and they must hold when Redis is away, never answer 500."""

import time
from typing import Any, ClassVar

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

RETRY_AFTER = 5.0  # seconds without asking Redis after it failed
MOST_IN_MEMORY = 50_000  # entries; Django's 300 would drop counters of limits under an attack


class FailoverCache(RedisCache):
    """Redis, or this process's memory while Redis cannot be reached. Memory is shared by the threads of the process."""

    _down_until: ClassVar[dict[str, float]] = {}  # by server; one thread's time-out is enough for all

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._server = server
        self._memory = LocMemCache(server, params | {"OPTIONS": {"MAX_ENTRIES": MOST_IN_MEMORY}})

    def _ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._down_until.get(self._server, 0.0):
            try:
                return getattr(super(), name)(*args, **kwargs)
            except (RedisError, OSError):
                self._down_until[self._server] = time.monotonic() + RETRY_AFTER
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
