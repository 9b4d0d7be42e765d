"""A real Chromium on the live portal. Use the fixtures `page` (pytest-playwright) and `live_server` (pytest-django)."""

import os
import shutil
import time

import pytest
from django.db import connection

# The first is the same browser without what it never shows here; a test takes half of the work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE = {"width": 390, "height": 844}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(items):
    for item in items:
        if "/tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if chromium() is None:
                item.add_marker(pytest.mark.skip(reason=f"no Chromium on PATH (looked for {', '.join(NAMES)})"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": chromium(), "args": FLAGS}


@pytest.fixture(scope="session", autouse=True)
def _database_beside_the_event_loop():
    """Playwright's synchronous API runs an event loop in this thread, which Django takes for asynchronous code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def base_url(live_server):
    """`page.goto("/issues/")` opens the live portal."""
    return live_server.url


@pytest.fixture(autouse=True)
def _requests_are_over(transactional_db):
    """The tables are emptied after each test: a request that still runs then would stand in the way, and be stood in the way of."""
    yield
    end = time.monotonic() + 10
    while time.monotonic() < end and _others_at_work():
        time.sleep(0.05)


def _others_at_work() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND (state <> 'idle' OR now() - state_change < interval '0.1 s'))"
        )
        return bool(cursor.fetchone()[0])


def cookies_of(client, url):
    return [{"name": name, "value": each.value, "url": url} for name, each in client.cookies.items()]


@pytest.fixture
def open_page(browser, live_server, sign_in):
    """`open_page(address, user)` at phone width; what the console says lands in `page.said`."""
    contexts = []

    def open_it(address, user=None, **options):
        options = {"viewport": PHONE, "reduced_motion": "reduce"} | options
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        if user:
            context.add_cookies(cookies_of(sign_in(user), live_server.url))
        page = context.new_page()
        page.said = []
        page.on(
            "console", lambda message: page.said.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def come_back(sign_in, live_server):
    """The same browser, signed in again without the pages of signing in."""

    def become(page, user):
        page.context.add_cookies(cookies_of(sign_in(user), live_server.url))

    return become
