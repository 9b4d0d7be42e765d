"""Fixtures of every test. (tests.services starts the servers before Django reads its settings.)"""

import uuid

import pytest
from django.core.cache import cache, caches

from tests.cast import ada, ana, carla, chet, committee, elsewhere, meeting, mo, olga, sign_in, stu
from tests.quick import (
    _checked_questions,
    _static_files_are_found_once,
    django_db_modify_db_settings,
    django_db_setup,
    once_a_file,
)
from tests.smtp_sink import smtp

__all__ = [
    "_checked_questions",
    "_static_files_are_found_once",
    "ada",
    "ana",
    "carla",
    "chet",
    "committee",
    "django_db_modify_db_settings",
    "django_db_setup",
    "elsewhere",
    "meeting",
    "mo",
    "olga",
    "once_a_file",
    "sign_in",
    "smtp",
    "stu",
]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What may take long starts first, whatever order chance gave: else one worker ends alone with it."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


@pytest.fixture(autouse=True)
def _own_cache():
    """Each test counts and keeps for itself: all workers of a run share one Valkey, so nobody may clear it."""
    cache.key_prefix = caches.settings["default"]["KEY_PREFIX"] = (
        uuid.uuid4().hex
    )  # the second is for threads of a live server
