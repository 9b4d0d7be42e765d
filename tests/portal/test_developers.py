"""The page for developers: each example on it is typed as it stands, and does what its heading says."""

import io
import json
import shlex
from argparse import ArgumentParser, Namespace
from contextlib import redirect_stdout
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from knox.models import AuthToken

from committees.models import Committee
from events.models import AgendaItem, Meeting, Rsvp
from portal import developers
from tests.access_world import make_document
from tests.factories import MeetingFactory, publish_quietly

NUMBER_OF_EXAMPLES = 10


@pytest.fixture
def shown(client, db) -> BeautifulSoup:
    return BeautifulSoup(client.get(reverse("developers")).content, "html.parser")


@pytest.fixture
def call(mo, carla, committee, settings, tmp_path) -> Meeting:
    """What the examples name."""
    settings.MEDIA_ROOT = tmp_path
    Committee.objects.filter(pk=committee.pk).update(slug=developers.COMMITTEE)
    call = MeetingFactory(committee=committee, by=carla, title="Fair workweek")
    Meeting.objects.filter(pk=call.pk).update(slug=developers.CALL)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('committees_document', 'id'), %s, false)", [developers.PAPER]
        )
    paper = make_document(committee, carla)
    AgendaItem.objects.create(meeting=call, title="Decide", presenter=carla).papers.add(paper)
    publish_quietly(call)
    call.refresh_from_db()
    return call


@pytest.fixture
def token(mo) -> str:
    return AuthToken.objects.create(mo)[1]


def typed(line: str, token: str) -> Namespace:
    """A line of curl as a shell and curl read it; whatever curl would not know, or we don't, is an error."""
    program, *words = shlex.split(line.replace("$PORTAL_TOKEN", token))
    assert program == "curl"
    curl = ArgumentParser(exit_on_error=False)
    curl.add_argument("-H", dest="headers", action="append", default=[])
    curl.add_argument("-X", dest="method", default="GET")
    curl.add_argument("-d", dest="body", default="")
    curl.add_argument("-o", dest="file")
    curl.add_argument("address")
    return curl.parse_args(words)


def send(line: str, token: str) -> HttpResponse:
    given = typed(line, token)
    assert given.address.startswith(settings.SITE_URL)
    headers = dict(header.split(": ", 1) for header in given.headers)
    target = urlsplit(given.address)
    path = target.path + (f"?{target.query}" if target.query else "")
    kind = headers.pop("Content-Type", "application/x-www-form-urlencoded")
    return Client().generic(given.method, path, given.body, content_type=kind, headers=headers)


def run(python: str, token: str, monkeypatch, address: str) -> str:
    """What the lines print, asked of a real server."""
    monkeypatch.setenv("PORTAL_TOKEN", token)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(python.replace(settings.SITE_URL, address), "example", "exec"), {})
    return printed.getvalue()


def body(response: HttpResponse) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_each_line_of_curl_does_what_it_says(shown, call, mo, carla, token):
    lines = [each.get_text() for each in shown.select("pre[data-curl]")]
    assert len(lines) == NUMBER_OF_EXAMPLES
    answers = [send(line, token) for line in lines]
    assert [answer.status_code for answer in answers] == [200] * NUMBER_OF_EXAMPLES
    me, ahead, changed, agenda, going, taken, papers, paper, people, feed = map(body, answers)
    assert json.loads(me)["name"] == mo.name
    for found in (ahead, changed):
        assert [row["slug"] for row in json.loads(found)["results"]] == [call.slug]
    assert json.loads(agenda)[0]["papers"] == [developers.PAPER]
    assert (json.loads(going)["response"], json.loads(taken)["response"]) == ("accepted", "needs_action")
    assert [row["id"] for row in json.loads(papers)["results"]] == [developers.PAPER]
    assert paper == b"A plain paper."
    assert carla.name in [row["name"] for row in json.loads(people)["results"]]
    assert Client().get(urlsplit(json.loads(feed)["feed_url"]).path).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_each_example_in_python_prints_what_it_says(shown, call, mo, carla, token, monkeypatch, live_server, tmp_path):
    monkeypatch.chdir(tmp_path)
    first = shown.select_one("#python").get_text()
    examples = [each.get_text() for each in shown.select("pre[data-python]")]
    assert len(examples) == NUMBER_OF_EXAMPLES
    printed = [run(f"{first}\n{example}\n", token, monkeypatch, live_server.url) for example in examples]
    me, ahead, changed, agenda, going, taken, papers, paper, people, feed = printed
    assert me == f"{mo.name}\n"
    assert call.title in ahead and f"/calls/{call.slug}/join" in ahead and call.title in changed
    assert f"Decide {carla.name} [{developers.PAPER}]" in agenda
    assert (going, taken) == ("accepted\n", "needs_action\n")
    assert Rsvp.objects.get(user=mo).version == 2
    assert f"/api/documents/{developers.PAPER}/file/" in papers
    assert (paper, (tmp_path / "paper").read_bytes()) == ("", b"A plain paper.")
    assert f"chair {carla.name}" in people
    assert "/calendar/" in feed


def test_the_examples_would_notice(shown, call, token):
    """The control: a mistyped parameter, and an option that curl may know and this test does not."""
    line = shown.select("pre[data-curl]")[1].get_text()
    assert send(line.replace("upcoming", "upcomming"), token).status_code == 400
    assert send(line.replace("$PORTAL_TOKEN", "x"), token).status_code == 401
    with pytest.raises(SystemExit):
        typed(line.replace("curl", "curl --request-target x"), token)


def test_the_page_says_the_numbers_that_hold(shown):
    words = shown.get_text(" ", strip=True)
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    for number in (rates["user"].removesuffix("/min"), rates["people"].removesuffix("/min"), "50 rows", "100"):
        assert number in words
    assert shown.select_one("#base").get_text() == f"{settings.SITE_URL}/api/"


def test_whoever_makes_a_token_and_whoever_reads_the_description_finds_the_page(client, sign_in, mo):
    address = reverse("developers")
    assert f'href="{address}"' in sign_in(mo).get(reverse("settings_security")).content.decode()
    assert f"{settings.SITE_URL}{address}" in client.get(reverse("api_schema")).json()["info"]["description"]


def test_every_field_and_parameter_that_the_page_names_exists(shown, client, call):
    described = json.dumps(client.get(reverse("api_schema")).json())
    for name in [
        "starts_at",
        "local_starts_at",
        "my_starts_at",
        "timezone",
        "my_response",
        "updated_since",
        "limit",
        "next",
        "count",
        "cancelled",
        "version",
        "my_version",
        "code",
        "detail",
        "errors",
        "join_url",
    ]:
        assert f'"{name}"' in described, name
        assert f"<code>{name}</code>" in str(shown), name


def test_a_moved_call_waits_for_an_answer_as_the_page_says(call, mo, carla, token):
    headers = {"Authorization": f"Bearer {token}"}
    Rsvp.objects.create(meeting=call, user=mo, response="accepted")
    address = f"/api/meetings/{call.slug}/"
    assert Client().get(address, headers=headers).json()["my_response"] == "accepted"
    day = (now() + timedelta(days=9)).date()
    call.move(carla, local_date=day, local_time=call.local_time, timezone=call.timezone, reason="Hearings")
    assert Client().get(address, headers=headers).json()["my_response"] is None
