"""What no column can hold is answered with 400 in one place, whoever asks and whatever they ask for."""

import io
import json
import logging
import time
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils.http import urlencode

from portal.gate import GateMiddleware, Handler

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


# In what characters it is written ---------------------------------------------------------------------

FORM = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n%s\r\n--b--\r\n'
CODECS = ["punycode", "idna", "undefined", "zlib", "hex", "rot13", "utf-7", "utf-16", "latin-1", "unicode_escape"]
KINDS = {
    "multipart/form-data; boundary=b": ("POST", "/apply/", FORM % b"xn--\xe4..a"),
    "application/json": ("PUT", "/api/meetings/x/rsvp/", b'"xn--\xe4..a"'),
    "text/plain": ("GET", "/account/login/", b""),
}


def served(method: str, path: str, body: bytes, kind: str, query: str = "") -> tuple[str, bytes]:
    """As the web server asks."""
    environ: dict = {"REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_TYPE": kind, "QUERY_STRING": query}
    environ |= {"HTTP_HOST": "testserver", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    setup_testing_defaults(environ)
    said: list[str] = []
    answer = Handler()(environ, lambda status, headers: said.append(status))
    return said[0], b"".join(answer)


@pytest.mark.django_db  # the server looks after its connections
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_request_names_a_codec_of_its_own(kind, codec):
    """With some of them the server broke before any page of ours."""
    method, path, body = KINDS[kind]
    status, answer = served(method, path, body, f"{kind}; charset={codec}", "next=%E4..a")
    assert status == "400 Bad Request"
    assert not path.startswith("/api/") or json.loads(answer)["detail"] == "Send text in UTF-8."


@pytest.mark.parametrize("charset", ["ISO-8859-1", "punycode", "zlib", "undefined", "no-such"])
def test_a_plain_form_has_no_charset_and_is_read_as_browsers_write_it(charset):
    """Java's programs name ISO-8859-1 by themselves, and some of them unsubscribe people with one post."""
    body = b"name=%C3%A4"
    environ: dict = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    environ["CONTENT_TYPE"] = f"application/x-www-form-urlencoded; charset={charset}"
    setup_testing_defaults(environ)
    answer = GateMiddleware(lambda asked: HttpResponse(asked.POST["name"]))(Handler.request_class(environ))
    assert answer.content.decode() == "ä"


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "us-ascii"])
def test_utf_8_may_be_named(db, client, charset):
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    assert client.generic("POST", "/apply/", FORM % "Núñez".encode(), content_type=kind).status_code == 302


def test_a_form_of_two_megabytes_in_punycode_costs_a_stranger_nothing(db, client):
    """It took minutes, in C, where no other thread of the process runs, and before anybody asked who it is."""
    words = b"z" * 250_000 + b"-" + b"a" * 250_000
    began = time.process_time()
    kind = "multipart/form-data; boundary=b; charset=punycode"
    assert client.generic("POST", "/committees/x/documents/upload/", FORM % words, content_type=kind).status_code == 400
    assert time.process_time() - began < 1


def test_mail_from_a_provider_is_read_as_utf_8_whatever_it_names(rf):
    request = rf.post(
        "/webhooks/mail/mailgun/inbound_mime/", b"x", content_type="multipart/form-data; charset=punycode"
    )
    assert GateMiddleware(lambda asked: HttpResponse(asked.encoding))(request).content == b"utf-8"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind",
    [
        "text/plain; charset*=nosuch''x",
        "text/plain; a*=undefined''%E4",
        "text/plain; a*=punycode''" + "z" * 30_000,
        "text/plain; a*0*=nosuch''x; a*1=5; a*0=7",
        "multipart/form-data; boundary*=idna''%E4..",
    ],
)
def test_a_content_type_that_cannot_be_read_is_none(kind):
    assert served("GET", "/healthz", b"", kind) == ("200 OK", b"ok\n")
