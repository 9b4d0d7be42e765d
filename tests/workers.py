"""A real Celery worker on the database of a test, to be killed."""

import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as project
from django.db import connection
from django.db.models.functions import Now

from members.models import Delivery
from portal.celery import app
from portal.embedded.processes import spawn

PATIENCE = 60  # seconds


@pytest.fixture
def start_worker(smtp, settings) -> Iterator[Callable[..., int]]:
    """`start_worker()` starts a real worker on the database of the test, asks it to deliver or for another task, and gives
    its process group.
    """
    queue, groups = f"test-{uuid.uuid4()}", []
    port = settings.MAILERS["default"]["port"]
    environment = os.environ | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "CALENDAR_EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_CONVERSATIONS": "1",
    }

    def start(task: str = "members.tasks.deliver") -> int:
        argv = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "portal",
            "worker",
            "-Q",
            queue,
            "-c",
            "1",
            "--without-gossip",
            "--without-mingle",
            "-n",
            f"{queue}@%h",
        ]
        groups.append(spawn(argv, cwd=project.BASE_DIR, env=environment))
        app.send_task(task, queue=queue)
        return groups[-1].pid

    yield start
    for group in groups:
        try:
            os.killpg(group.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        group.wait()


def kill(group: int, before: set[int]) -> None:
    """With SIGKILL; back when the database lost it too, so that `before` are all who are left in it."""
    os.killpg(group, signal.SIGKILL)
    wait_for(lambda: sessions() <= before)


def leases_end() -> None:
    Delivery.objects.filter(state__in=Delivery.HELD).update(next_try_at=Now())


def sessions() -> set[int]:
    """Who is at work in this database, by process id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)
