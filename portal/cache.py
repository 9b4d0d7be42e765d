"""A cache that outlives Redis: limits live here, and they must hold when Redis is away, never answer 500."""

import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

RETRY_AFTER = 5.0  # seconds without asking Redis after it failed


class FailoverCache(RedisCache):
    """Redis, or this process's memory while Redis cannot be reached."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache(server, {key: value for key, value in params.items() if key != "OPTIONS"})
        self._down_until = 0.0

    def _ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._down_until:
            try:
                return getattr(super(), name)(*args, **kwargs)
            except (RedisError, OSError):
                self._down_until = time.monotonic() + RETRY_AFTER
        return getattr(self._memory, name)(*args, **kwargs)


def _forward(name: str) -> Any:
    def method(self: FailoverCache, *args: Any, **kwargs: Any) -> Any:
        return self._ask(name, *args, **kwargs)

    method.__name__ = name
    return method


for _name in ("add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many", "clear"):
    setattr(FailoverCache, _name, _forward(_name))
