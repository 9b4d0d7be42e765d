"""Is the portal well? /healthz answers while the process lives, /readyz when it can serve people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from members.mail_desk.statistics import recent_statistics

PATIENCE = 2  # seconds
HOUR = timedelta(hours=1)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 without the database or with migrations to come. Redis may be away: limits and messages go on without it."""
    state: dict[str, Any] = {"database": _database_answers(), "redis": _redis_answers()}
    if state["database"]:
        state["migrated"] = _is_migrated()
    if state.get("migrated"):
        state |= _messages()
    ready = state["database"] and state["migrated"]
    return JsonResponse({"ready": ready} | state, status=200 if ready else 503)


def _database_answers() -> bool:
    """Asked on a connection of its own: the pool would wait longer than a health check does."""
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in ("dbname", "user", "password", "host", "port", "service")
    }
    try:
        with psycopg.connect(**parameters, connect_timeout=PATIENCE) as link:
            link.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def _redis_answers() -> bool:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as redis:
            return bool(redis.ping())
    except (RedisError, OSError):
        return False


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _messages() -> dict[str, Any]:
    """In short what /staff/messages/proof/ shows of the last hour. Minutes of the first mean that no worker works."""
    found = recent_statistics(HOUR)
    return {
        "oldest_due_delivery_seconds": found.now.oldest_seconds,
        "messages": {
            "waiting": found.now.waiting,
            "held": found.now.held,
            "unknown": found.now.unknown,
            "refused": found.now.refused,
            "sent": found.all.states["sent"],
            "second_copies": found.all.repeats,
            "late_p50_seconds": found.all.late(0.5),
            "late_p99_seconds": found.all.late(0.99),
        },
    }
