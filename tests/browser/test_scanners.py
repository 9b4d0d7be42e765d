"""The scanner that runs scripts: links of mails are opened in a browser, and nothing is another afterwards."""

from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Error

from tests.scanning import differences, digest, links_by_kind, ours
from tests.story import everything

__all__ = ["everything"]


@pytest.fixture
def mails(live_server, settings, request):
    """Everything that is sent, with links that lead to the live portal."""
    settings.SITE_URL = live_server.url
    return request.getfixturevalue("everything")


def page_of(link: str) -> tuple[str, str]:
    """What opens it, and with what answer: links that lead there load the same scripts."""
    path, query = urlsplit(link)[2:4]
    try:
        return resolve(path).view_name, query
    except Resolver404:  # a file
        return path, query


@pytest.mark.timeout(180)
@pytest.mark.parametrize("each", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["pages", "links"])
def test_a_scanner_that_runs_scripts_changes_nothing(mails, browser, live_server, each):
    """The plain suite opens one link to each page, the thorough one every link."""
    links = ours(set().union(*links_by_kind(mails).values()), live_server.url)
    if not each:
        links = list({page_of(link): link for link in links}.values())
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
