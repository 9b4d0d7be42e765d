"""PostgreSQL and Valkey for the tests, started before Django reads its settings (`-p tests.services`).

Started once by the process that controls the run; the workers of pytest-xdist inherit the addresses. Throw-away:
no fsync, and everything is removed at the end. DATABASE_URL and REDIS_URL are used when set.
"""

import contextlib
import gc
import os
import shutil
import signal
from pathlib import Path

import pytest

from portal import bundles
from portal.embedded import directories
from portal.embedded.servers import services

WORKER = "PYTEST_XDIST_WORKER"
THROWN_AWAY = "PORTAL_TESTS_OWN_POSTGRESQL"  # set for workers whose PostgreSQL is of this run alone
SETTINGS = {
    "ALLOW_HTTP": "1",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "CALENDAR_EMAIL_URL": "memorymail://",
    "DATABASE_POOL": "0",
    "DEBUG": "0",
    "DEMO": "0",
    "EMAIL_URL": "memorymail://",
    "PGOPTIONS": "-c statement_timeout=240s",  # what outlives its test holds up all that come after
    "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
    "SITE_URL": "http://testserver",
}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    gc.disable()  # until all is collected
    os.environ.update(SETTINGS)
    if WORKER in os.environ:
        os.environ["REDIS_URL"] = _own_database(os.environ["REDIS_URL"], os.environ[WORKER])
    if WORKER not in os.environ:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up and say what failed, as after Ctrl-C
        bundles.write()
        stack = contextlib.ExitStack()
        early_config.add_cleanup(stack.close)
        os.environ.update(stack.enter_context(_throw_away()))


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """What was imported and collected stays to the end. To go over it in every search for garbage was a fifth of all work."""
    collected = yield
    gc.freeze()
    gc.set_threshold(10_000)
    gc.enable()
    return collected


@contextlib.contextmanager
def _throw_away():
    room = directories.passing()
    try:
        with services(lambda: room, durable=False) as servers:
            addresses = {server.variable: server.url for server in servers}
            own = {THROWN_AWAY: "1"} if "DATABASE_URL" in addresses else {}
            yield addresses | own | {"MEDIA_ROOT": str(_media(room))}
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _own_database(url: str, worker: str) -> str:
    """Workers count limits and clear the cache beside each other."""
    return f"{url.rpartition('/')[0]}/{1 + int(worker.removeprefix('gw'))}"


def _media(room: Path) -> Path:
    media = room / "media"
    media.mkdir(mode=0o700)
    return media
