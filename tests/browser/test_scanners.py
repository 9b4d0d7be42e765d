"""The scanner that runs scripts: every link of every mail is opened in a browser, and nothing is another afterwards."""

import pytest
from playwright.sync_api import Error

from tests.scanning import differences, digest, links_by_kind, ours
from tests.story import everything

__all__ = ["everything"]


@pytest.fixture
def mails(live_server, settings, request):
    """Everything that is sent, with links that lead to the live portal."""
    settings.SITE_URL = live_server.url
    return request.getfixturevalue("everything")


@pytest.mark.timeout(180)
def test_a_scanner_that_runs_scripts_changes_nothing(mails, browser, live_server):
    links = ours(set().union(*links_by_kind(mails).values()), live_server.url)
    before = digest()
    context = browser.new_context()
    page = context.new_page()
    for link in links:
        try:
            page.goto(link, wait_until="load")
        except Error as error:  # a file: it was fetched all the same
            if "Download is starting" not in str(error):
                raise
    context.close()
    assert list(differences(before, digest())) == []
