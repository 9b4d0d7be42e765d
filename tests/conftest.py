"""Fixtures of every test. (tests.services starts the servers before Django reads its settings.)"""

import os
import re
import uuid
from itertools import islice

import pytest
from django.core.cache import cache, caches

from tests.cast import ada, ana, carla, chet, committee, elsewhere, meeting, mo, olga, sign_in, stu
from tests.demo_network import load_demo
from tests.quick import (
    _checked_questions,
    _contexts_are_kept_of_pages,
    _middleware_is_made_once,
    _static_files_are_found_once,
    django_db_modify_db_settings,
    django_db_setup,
    once_a_file,
)
from tests.smtp_sink import smtp

__all__ = [
    "_checked_questions",
    "_contexts_are_kept_of_pages",
    "_middleware_is_made_once",
    "_static_files_are_found_once",
    "ada",
    "ana",
    "carla",
    "chet",
    "committee",
    "django_db_modify_db_settings",
    "django_db_setup",
    "elsewhere",
    "load_demo",
    "meeting",
    "mo",
    "olga",
    "once_a_file",
    "sign_in",
    "smtp",
    "stu",
]


def pytest_ignore_collect(collection_path, config):
    """What drives Firefox and WebKit is loaded where it was asked for: its libraries cost each start a second."""
    asked = re.search(r"(?<!not )\bengines\b", config.option.markexpr)
    return True if collection_path.name == "engines" and not asked else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """What may take longest starts first, whatever order chance gave, and is dealt to all workers.

    At first xdist hands each of them an equal run of this list, an eighth for two: one would have got all that is long.
    Every other worker begins at the other end, lest two wait for what is made once: the demo network.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    run = max(min(len(items) // workers // 4, config.getoption("maxschedchunk", None) or len(items)), 2)
    long = sorted(filter(_may_take, items), key=_may_take, reverse=True)
    short = iter([item for item in items if not _may_take(item)])
    hands = [long[: run * workers][worker::workers][:: -1 if worker % 2 else 1] for worker in range(workers)]
    begin = [each for hand in hands for each in (*hand, *islice(short, run - len(hand)))]
    items[:] = [*begin, *long[run * workers :], *short]


def _may_take(item):
    """Seconds, where a test asks for more than the usual."""
    marker = item.get_closest_marker("timeout")
    return marker.args[0] if marker else 0


@pytest.fixture(autouse=True)
def _own_cache():
    """Each test counts and keeps for itself: all workers of a run share one Valkey, so nobody may clear it."""
    cache.key_prefix = caches.settings["default"]["KEY_PREFIX"] = (
        uuid.uuid4().hex
    )  # the second is for threads of a live server
