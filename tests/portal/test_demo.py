"""Demo mode: one tap signs in, mails can be read; nothing of it exists elsewhere."""

import http.client
import os
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client

from members.accounts import sessions
from members.models import StaffAppointment
from portal.demo.mailbox import Mailbox
from portal.embedded.servers import free_port
from portal.middleware import AtHomeMiddleware

ROOT = Path(__file__).resolve().parents[2]
PATHS = [
    "/demo/",
    "/demo/mail/",
    "/demo/mail/1700000000000000000-00000000/",
    "/demo/mail/1700000000000000000-00000000/raw",
    "/demo/mail/1700000000000000000-00000000/html",
]


@pytest.fixture
def demo(settings, tmp_path, monkeypatch) -> Mailbox:
    settings.DEMO = True
    monkeypatch.setenv("DEMO_MAIL", str(tmp_path / "mail"))
    return Mailbox.of_the_demo()


def keep(mailbox: Mailbox, to: str, subject: str, html: str = "") -> str:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "calls@portal.example", to, subject
    message.set_content("Plain words: http://testserver/calls/\n")
    if html:
        message.add_alternative(html, subtype="html")
    return mailbox.add("calls@portal.example", [to], message.as_bytes())


@pytest.mark.parametrize("path", PATHS)
def test_without_demo_mode_there_is_nothing(path, db, client):
    assert client.get(path).status_code == 404
    assert client.post("/demo/sign-in/", {"email": "mo@portal.example"}).status_code == 404


def test_the_people_are_listed_with_what_they_are(demo, carla, mo, ana, stu, client):
    page = client.get("/demo/")
    words = page.content.decode()
    for said in (
        "Carla Núñez-O&#x27;Hara",
        "Co-chairs Economic Justice",
        "In Economic Justice",
        "Has applied and waits for an answer",
        "Membership staff",
    ):
        assert said in words
    assert page["X-Robots-Tag"] == "noindex, nofollow"


def test_the_list_of_people_costs_the_same_for_few_and_many(demo, mo, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        client.get("/demo/")


def test_one_tap_signs_in_with_a_second_step(demo, stu, client):
    response = client.post("/demo/sign-in/", {"email": "Stu@portal.example"})
    assert response.url == "/"
    assert client.get("/staff/").status_code == 200
    assert sessions.devices_of(stu).count() == 1


def test_signing_in_as_somebody_else_begins_a_new_session(demo, mo, carla, client):
    client.post("/demo/sign-in/", {"email": mo.email})
    before = client.session.session_key
    client.post("/demo/sign-in/", {"email": carla.email})
    assert client.session.session_key != before
    assert client.get("/settings/details/").context["user"] == carla


def test_next_leads_on_but_never_elsewhere(demo, mo, client):
    assert client.post("/demo/sign-in/", {"email": mo.email, "next": "/calls/"}).url == "/calls/"
    assert client.post("/demo/sign-in/", {"email": mo.email, "next": "//evil.example"}).url == "/"


def test_somebody_unknown_is_not_found(demo, db, client):
    assert client.post("/demo/sign-in/", {"email": "nobody@portal.example"}).status_code == 404
    assert client.post("/demo/sign-in/").status_code == 404


def test_signing_in_needs_the_csrf_token_and_is_no_get(demo, mo):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/demo/sign-in/", {"email": mo.email}).status_code == 403
    assert client.get("/demo/sign-in/")["Location"] == "/demo/"


def test_a_role_that_ended_is_not_shown(demo, stu, client):
    StaffAppointment.objects.update(ended_on="2020-01-02", started_on="2020-01-01")
    assert "Membership staff" not in client.get("/demo/").content.decode()


def test_mails_are_listed_newest_first_and_by_address(demo, db, client):
    for to, subject in (("a@portal.example", "First"), ("b@portal.example", "Second"), ("a@portal.example", "Third")):
        keep(demo, to, subject)
    page = client.get("/demo/mail/").content.decode()
    assert page.index("Third") < page.index("Second") < page.index("First")
    only = client.get("/demo/mail/", {"to": "A@portal.example"}).content.decode()
    assert ("First" in only, "Second" in only) == (True, False)


def test_a_mail_shows_its_head_and_its_text_with_links(demo, db, client):
    pk = keep(demo, "a@portal.example", "See <b>you</b>")
    page = client.get(f"/demo/mail/{pk}/").content.decode()
    assert (
        "See &lt;b&gt;you&lt;/b&gt;" in page
        and '<a href="http://testserver/calls/"' in page
        and "calls@portal.example" in page
    )


def test_the_raw_mail_is_plain_text_as_it_came(demo, db, client):
    pk = keep(demo, "a@portal.example", "Hello")
    response = client.get(f"/demo/mail/{pk}/raw")
    assert response["Content-Type"].startswith("text/plain")
    assert response.content == demo.get(pk).raw and b"Subject: Hello" in response.content


def test_the_html_of_a_mail_is_shut_in(demo, db, client):
    pk = keep(demo, "a@portal.example", "Hello", html="<p>Hi</p><script>alert(1)</script>")
    response = client.get(f"/demo/mail/{pk}/html")
    policy = response["Content-Security-Policy"]
    assert (
        policy.startswith("sandbox ")
        and "default-src 'none'" in policy
        and "script-src" not in policy
        and "allow-scripts" not in policy
    )
    assert "<p>Hi</p>" in response.content.decode()
    assert f'src="/demo/mail/{pk}/html"' in client.get(f"/demo/mail/{pk}/").content.decode()


@pytest.mark.parametrize("pk", ["x", "..", "1700000000000000000-zzzzzzzz", "1700000000000000000-00000000"])
def test_there_is_no_other_file_behind_a_mail(pk, demo, db, client):
    assert client.get(f"/demo/mail/{pk}/").status_code == 404


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    production = {
        "SECRET_KEY": "x" * 50,
        "SITE_URL": "https://portal.example.org",
        "ALLOWED_HOSTS": "portal.example.org",
        "DEBUG": "0",
        "DEMO": "0",
    }
    kept = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL")}
    return subprocess.run(
        [sys.executable, "-c", "import django.conf; django.conf.settings.DEMO"],
        cwd=ROOT,
        env=kept | {"DJANGO_SETTINGS_MODULE": "portal.settings"} | production | environment,
        capture_output=True,
        text=True,
    )


def test_a_production_start_is_accepted():
    assert start().stderr == ""


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DEMO": "1"}, "DEMO=1"),
        ({"DEMO": "1", "SITE_URL": "http://portal.example.org"}, "DEMO=1"),
        ({"DEMO": "1", "SITE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"DEMO": "1", "SITE_URL": "http://demo.example.org", "ALLOWED_HOSTS": "127.0.0.1"}, "DEMO=1"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "portal.example.org,*"}, "ALLOWED_HOSTS"),
        ({"DEBUG": "1", "SITE_URL": "http://portal.example.org"}, "DEBUG=1"),
        ({"DEBUG": "1", "SITE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": "127.0.0.1,dev.example"}, "DEBUG=1"),
        ({"DEBUG": "1", "SITE_URL": "http://127.0.0.1", "ALLOWED_HOSTS": "", "TRUSTED_PROXY_COUNT": "1"}, "DEBUG=1"),
        ({"WEBHOOK_SECRET": "provider:twenty-four-characters-or-more"}, "WEBHOOK_PROVIDER"),
        ({"DEMO": "1", "SITE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": "127.0.0.1,.example.org"}, "DEMO=1"),
        (
            {
                "DEMO": "1",
                "SITE_URL": "http://127.0.0.1:8000",
                "ALLOWED_HOSTS": "127.0.0.1",
                "TRUSTED_PROXY_COUNT": "1",
            },
            "DEMO=1",
        ),
        ({"DEBUG": "1"}, "DEBUG=1"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SITE_URL": "http://portal.example.org"}, "https://"),
    ],
)
def test_a_start_that_would_open_the_portal_to_anybody_is_refused(environment, words):
    refused = start(**environment)
    assert refused.returncode != 0
    assert words in refused.stderr.splitlines()[-1]


def test_debugging_on_this_machine_starts():
    assert start(DEBUG="1", SITE_URL="http://127.0.0.1:8000", ALLOWED_HOSTS="").stderr == ""


# Through something that passes requests on ----------------------------------------------------------

PASSED_ON = [
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "CF-Ray",
    "CF-Connecting-IP",
    "CDN-Loop",
    "X-Original-Host",
    "Tailscale-User-Login",
]


@pytest.fixture(scope="module")
def port():
    """The demo's web server as it runs."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:portal.web_server", "portal.wsgi"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2", "--log-level", "error"]
    env = os.environ | {"DEMO": "1", "SITE_URL": f"http://127.0.0.1:{port}", "ALLOWED_HOSTS": "127.0.0.1"}
    server = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 60
    try:
        while answer_of(port)[0] != 200:
            assert server.poll() is None and time.monotonic() < end
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def answer_of(port: int, **headers: str) -> tuple[int, str]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request("GET", "/healthz", headers=headers)
        answer = link.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        link.close()


def test_a_proxy_that_rewrites_host_does_not_reach_the_demo(port):
    refused = {header: answer_of(port, **{header: "1"}) for header in PASSED_ON}
    assert {status for status, _words in refused.values()} == {403}
    assert refused["X-Real-IP"][1] == (
        "The demo is only for the machine that it runs on, and this came through a proxy (X-Real-Ip).\n"
    )
    assert answer_of(port, **{"X-Requested-With": "y", "CF": "x", "Viable": "x"}) == (200, "ok\n")


@pytest.mark.parametrize(
    ("address", "status"),
    [("127.0.0.1", 200), ("127.9.9.9", 200), ("::1", 200), ("::ffff:127.0.0.1", 200)]
    + [(each, 403) for each in ("192.168.1.7", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "203.0.113.7", "", "unix:")],
)
def test_only_this_machine_reaches_the_demo(rf, address, status):
    guard = AtHomeMiddleware(lambda request: HttpResponse("ok"))
    assert guard(rf.get("/", REMOTE_ADDR=address)).status_code == status


@pytest.mark.parametrize("hosts", ["127.0.0.1,localhost", "[::1]", "demo.localhost"])
def test_a_demo_on_this_machine_starts(hosts):
    assert start(DEMO="1", SITE_URL="http://127.0.0.1:8000", ALLOWED_HOSTS=hosts).stderr == ""
