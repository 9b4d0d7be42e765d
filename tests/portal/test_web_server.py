"""The real server, started as in production: who sends slowly holds no thread, and bodies have an end."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.urls import reverse
from waitress.adjustments import Adjustments

from members.web.body_limits import FORM, LONG_TEXT, UPLOAD, body_limit
from portal.embedded.servers import free_port
from portal.web_worker import HEADER_SECONDS, WAITING_REQUESTS, PatientChannel, PatientParser, PatientServer

SLOW = (
    b"POST /apply/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 203.0.113.%d\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na"
)


@pytest.fixture(scope="module")
def web():
    """One process of two threads behind one proxy; /healthz needs no database."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:portal.web_server", "portal.wsgi"]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2", "--log-level", "error"]
    env = os.environ | {"ALLOWED_HOSTS": "127.0.0.1", "TRUSTED_PROXY_COUNT": "1"}
    server = subprocess.Popen(command, env=env, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        assert server.wait(30) == 0


def test_sixty_four_slow_posts_hold_no_thread(web):
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", web))) for _ in range(64)]
        for number, connection in enumerate(slow):
            connection.sendall(SLOW % number)
        for letter in (b"b", b"c", b"d"):
            for connection in slow:
                connection.sendall(letter)
            began = time.monotonic()
            assert _ask(web, "GET", "/healthz") == 200
            assert time.monotonic() - began < 2


def test_one_address_has_few_unfinished_requests(web):
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", web))) for _ in range(WAITING_REQUESTS + 5)]
        for connection in slow:
            connection.sendall(SLOW % 250)
        slow[-1].settimeout(10)
        assert slow[-1].recv(100) == b""
        slow[0].settimeout(0.01)
        with pytest.raises(TimeoutError):
            slow[0].recv(100)


def test_one_line_of_ipv6_has_few_unfinished_requests_whatever_its_addresses(web):
    """It has 2**64 of them."""
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", web))) for _ in range(WAITING_REQUESTS + 5)]
        for number, connection in enumerate(slow):
            connection.sendall(SLOW.replace(b"203.0.113.%d", b"2001:db8:7:7::%x") % number)
        slow[-1].settimeout(10)
        assert slow[-1].recv(100) == b""
        slow[0].settimeout(0.01)
        with pytest.raises(TimeoutError):
            slow[0].recv(100)


def test_a_body_that_its_address_does_not_take_is_refused_in_words(web):
    link = http.client.HTTPConnection("127.0.0.1", web, timeout=10)
    link.request("POST", "/apply/", b"a" * (FORM + 1), {"Content-Type": "application/x-www-form-urlencoded"})
    answer = link.getresponse()
    assert answer.status == 413
    assert b"more than this page can take" in answer.read()


def _wait_for(port):
    for _ in range(300):
        with contextlib.suppress(OSError):
            if _ask(port, "GET", "/healthz") == 200:
                return
        time.sleep(0.1)
    pytest.fail("the server did not start")


def _ask(port, method, path):
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request(method, path)
        return link.getresponse().status
    finally:
        link.close()


@pytest.mark.parametrize(
    ("name", "arguments", "most"),
    [
        ("apply", [], FORM),
        ("document_upload", ["economic-justice"], UPLOAD),
        ("document_new_version", [1], UPLOAD),
        ("staff_publication_picture", [1], UPLOAD),
        ("staff_publication_pdf", [1], UPLOAD),
        ("announcement_edit", [1], LONG_TEXT),
        ("meeting_rsvp", ["fair-workweek"], FORM),
    ],
)
def test_each_address_says_how_much_it_takes(name, arguments, most):
    assert body_limit(reverse(name, args=arguments)) == most


def test_an_unknown_address_takes_a_form():
    assert body_limit("/nowhere/") == FORM


def test_the_portal_itself_refuses_a_large_body_behind_any_server(client):
    answer = client.post("/apply/", "a" * (FORM + 1), content_type="text/plain")
    assert answer.status_code == 413
    answer = client.post("/api/meetings/", "a" * (FORM + 1), content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")


def test_a_chunked_body_ends_at_the_limit_of_its_address():
    parser = PatientParser(Adjustments())
    parser.received(b"POST /apply/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(5):
        parser.received(b"4000\r\n" + b"a" * 0x4000 + b"\r\n")
    assert parser.error.code == 413


@pytest.mark.parametrize(
    ("sent", "after", "overdue"),
    [
        (b"POST /apply/ HTTP/1.1\r\n", HEADER_SECONDS - 1, False),
        (b"POST /apply/ HTTP/1.1\r\n", HEADER_SECONDS + 1, True),
        (b"POST /apply/ HTTP/1.1\r\nContent-Length: 100\r\n\r\na", 19, False),
        (b"POST /apply/ HTTP/1.1\r\nContent-Length: 100\r\n\r\na", 21, True),
        (b"POST /committees/x/documents/upload/ HTTP/1.1\r\nContent-Length: 16000000\r\n\r\na", 1000, False),
        (b"POST /committees/x/documents/upload/ HTTP/1.1\r\nContent-Length: 16000000\r\n\r\na", 1030, True),
    ],
)
def test_a_request_may_take_the_time_that_its_size_takes_on_a_poor_line(sent, after, overdue):
    parser = PatientParser(Adjustments())
    parser.received(sent)
    assert parser.is_overdue(parser.began + after) is overdue


def test_the_largest_unfinished_bodies_go_when_all_together_fill_the_disk(monkeypatch):
    monkeypatch.setattr("portal.web_worker.WAITING_BYTES", 100)
    channels = [SimpleNamespace(waiting_bytes=size, is_waiting=True, will_close=False) for size in (90, 5, 4)]
    server = PatientServer.__new__(PatientServer)
    server.active_channels = dict(enumerate(channels))
    server._keep_room()
    assert [each.will_close for each in channels] == [False, False, False]
    channels.append(SimpleNamespace(waiting_bytes=80, is_waiting=True, will_close=False))
    server.active_channels = dict(enumerate(channels))
    server._keep_room()
    assert [each.will_close for each in channels] == [True, False, False, False]


class Waiting(SimpleNamespace):
    """A connection of which so many bytes came within ten seconds."""

    will_close, holds_a_place, has_just_begun, address = False, True, False, "203.0.113.9"

    @property
    def is_waiting(self):
        return not self.will_close

    @property
    def pace(self):
        return self.waiting_bytes / 10

    def is_overdue(self, now):
        return now > self.until


def test_whose_time_is_over_is_closed():
    late, early = (Waiting(until=time.monotonic() + seconds, waiting_bytes=1, opened=1) for seconds in (-1, 60))
    late.requests, late.last_activity = early.requests, early.last_activity = [], time.time()
    server = PatientServer.__new__(PatientServer)
    server.active_channels, server.adj = {1: late, 2: early}, Adjustments()
    server.maintenance(time.time())
    assert (late.will_close, early.will_close) == (True, False)


def test_when_very_many_wait_the_slowest_make_room(monkeypatch):
    """Whoever has many networks held every connection that a process takes in."""
    monkeypatch.setattr("portal.web_worker.MOST_PLACES", 2)
    sizes = (5, 90_000, 0, 4)
    channels = [Waiting(waiting_bytes=size) for size in sizes]
    busy, new = Waiting(waiting_bytes=0, holds_a_place=False), Waiting(waiting_bytes=0, has_just_begun=True)
    server = PatientServer.__new__(PatientServer)
    server.active_channels = dict(enumerate([*channels, busy, new]))
    server._keep_places()
    assert {size: each.will_close for size, each in zip(sizes, channels, strict=True)} == {
        5: False,
        90_000: False,
        0: True,
        4: True,
    }
    assert not busy.will_close and not new.will_close


def test_connections_that_say_nothing_close_out_nobody(monkeypatch):
    """The loop itself, with places for five and as many connections that never ask."""
    monkeypatch.setattr("portal.web_worker.MOST_PLACES", 5)
    monkeypatch.setattr("portal.web_worker.JUST_BEGUN", 0)
    sockets, ends = {}, [socket.socketpair() for _ in range(8)]
    server = PatientServer.__new__(PatientServer)
    server.active_channels, server.adj = {}, Adjustments()
    channels = [PatientChannel(server, ours, ("127.0.0.1", 1), server.adj, map=sockets) for ours, _theirs in ends]
    server.active_channels = dict(enumerate(channels))
    server._keep_places()
    assert sum(each.will_close for each in channels) == 3
    for channel, (_ours, theirs) in zip(channels, ends, strict=True):
        channel.close()
        theirs.close()
