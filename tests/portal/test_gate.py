"""What no column can hold is answered with 400 in one place, whoever asks and whatever they ask for."""

import json
import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils.http import urlencode

from portal.gate import GateMiddleware

PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def _raise_nothing(client):
    """A 500 is an answer to look at, not an exception of the test."""
    client.raise_request_exception = False
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("django.request").setLevel(logging.ERROR)


@pytest.mark.parametrize(
    "path",
    [
        "/places/?q=Austin&prefer=%00",
        "/committees/workers-rights/calls/new/?like=%00",
        "/?%00=1",
        "/people/?q=%00",
        "/people/?q=a%2500%00",
        "/calls/feed/x%00.ics",
        "/account/login/?next=/%00",
        "/search/?q=x%00y",
        "/static/%00",
        "/nowhere/%00/",
    ],
)
def test_a_null_byte_in_an_address_is_400_without_sign_in(path, client):
    """No fixture lets these reach the database."""
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert "couldn’t read that" in response.text and "default-src 'none'" in response["Content-Security-Policy"]


def test_a_null_byte_in_the_address_of_a_post_is_400(client):
    assert client.post("/settings/security/tokens/%00/revoke/").status_code == 400


def test_an_escaped_percent_sign_is_no_null_byte(mo, sign_in):
    assert sign_in(mo).get("/search/?q=%2500").status_code == 200


def test_cookies_and_headers_hold_no_null_byte(client):
    for cookie in ('session="a\\000b"', 'csrftoken="\\000"'):
        assert client.get("/about/", headers={"cookie": cookie}).status_code == 400
    for name in ("Authorization", "User-Agent", "Accept-Language", "HX-Current-URL", "X-Forwarded-For"):
        assert client.get("/about/", headers={name: "a\0b"}).status_code == 400


def test_forms_hold_no_null_byte_in_names_or_values(client):
    for given in ({"email": "a\0b"}, {"em\0ail": "a"}, {"email": ["a", "\0"]}):
        assert client.post("/account/login/", given).status_code == 400
        urlencoded = urlencode(given, doseq=True)
        assert client.post("/account/login/", urlencoded, "application/x-www-form-urlencoded").status_code == 400


def test_names_of_files_hold_no_null_byte_and_files_may(db, client):
    def upload(name: str, filename: str) -> int:
        part = f'--x\r\nContent-Disposition: form-data; name="{name}"; {filename}\r\n\r\n\0\0\r\n--x--\r\n'
        return client.post("/account/login/", part, "multipart/form-data; boundary=x").status_code

    assert upload("file", 'filename="a\0b.pdf"') == 400
    assert upload("file", "filename*=UTF-8''a%00b.pdf") == 400
    assert upload("fi\0le", 'filename="a.pdf"') == 400
    assert upload("file", 'filename="a.pdf"') == 200


def test_a_file_with_null_bytes_reaches_its_form(carla, committee, sign_in):
    paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n\0\0\0")
    response = sign_in(carla).post(
        f"/committees/{committee.slug}/documents/upload/", {"title": "Paper", "audience": "committee", "file": paper}
    )
    assert response.status_code in (200, 302)


@pytest.mark.parametrize(
    "body",
    [
        '{"response": "accepted", "version": 0, "note": "a\\u0000b"}',
        '{"response": "accepted", "ver\\u0000sion": 0}',
        '{"note": [{"deep": ["\\u0000"]}]}',
        '{"note": "\\ud800"}',
        '{"note": "\0"}',
        "[" * 60_000,
    ],
)
def test_json_that_cannot_be_stored_is_400_with_problem_details(body, client):
    response = client.put("/api/meetings/x/rsvp/", body, "application/json")
    assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)
    assert (response.json()["status"], response.json()["title"]) == (400, "Bad Request")


def test_the_api_answers_poisoned_addresses_with_problem_details(client):
    for path in ("/api/meetings/x%00y/", "/api/people/?name=%00", "/api/%00"):
        response = client.get(path)
        assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)


def test_whole_pairs_and_escaped_backslashes_in_json_pass(db, client):
    for body in ({"note": "😀"}, {"note": "\\u0000"}):
        assert client.put("/api/meetings/x/rsvp/", json.dumps(body), "application/json").status_code == 401


def test_mail_from_a_provider_is_not_judged(rf):
    """It's kept as bytes; refusing it would lose somebody's answer."""
    gate = GateMiddleware(lambda request: HttpResponse())
    answers = [
        gate.process_view(rf.post(path, {"body-mime": "a\0b"}))
        for path in ("/webhooks/mail/mailgun/inbound_mime/", "/account/login/")
    ]
    assert [answer and answer.status_code for answer in answers] == [None, 400]
