"""Firefox and WebKit on the live portal: the fixture `engine` is each of them in turn."""

import os

import pytest
from django.conf import settings
from django.test.utils import override_settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import _database_beside_the_event_loop, _requests_are_over
from tests.engines import listening
from tests.engines.driving import ENGINES, PHONE, missing

__all__ = ["_database_beside_the_event_loop", "_requests_are_over"]


def pytest_collection_modifyitems(items):
    for item in items:
        if "/tests/engines/" in item.path.as_posix():
            item.add_marker(pytest.mark.engines)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def live_server():
    listener = "tests.engines.listening.ListeningMiddleware"
    with override_settings(MIDDLEWARE=[listener, *settings.MIDDLEWARE]):
        server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture(scope="session", params=ENGINES)
def running(request, tmp_path_factory):
    if why := missing(request.param):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param)) as engine:
        yield engine


@pytest.fixture
def engine(running, live_server, transactional_db):
    """Of the width of a phone, signed out, and with nothing kept from before."""
    running.home = live_server.url
    running.resize(PHONE)
    running.open(listening.EMPTY)
    running.driver.delete_all_cookies()
    running.run("sessionStorage.clear(); localStorage.clear()")
    running.forget()
    yield running
    running.open(listening.EMPTY)


@pytest.fixture
def enter(engine, sign_in):
    """`enter(user, "/people/")`: signed in, and there."""

    def go(user, address):
        engine.sign_in(sign_in(user))
        engine.forget()
        engine.open(address)

    return go
