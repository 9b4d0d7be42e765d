"""A web worker whose threads see a request only when it has arrived whole.

gunicorn forks, supervises and restarts the processes; in each of them waitress reads all connections on one loop and hands
complete requests to its threads. Somebody who sends a byte every few seconds holds a connection, never a thread, and is
cut off when the time is over that a request of its size may take.
"""

from __future__ import annotations

import copy
import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

from members.text.networks import line_of
from members.web.body_limits import TOO_LARGE, body_limit

HEADER_SECONDS = 15
BODY_SECONDS = 20  # and one more for each SLOWEST bytes of it
SLOWEST = 16_000  # bytes a second: a poor phone connection
IDLE_SECONDS = 150  # longer than the proxy keeps a connection that it means to use again
CONNECTIONS = 900  # a process; most systems allow it 1,024 open files
WAITING_BYTES = 200 * 1024 * 1024  # a process, of bodies that are not whole yet
WAITING_REQUESTS = 20  # a process and address (of IPv6 the /64 of one line); a form is whole within milliseconds
MOST_PLACES = 600  # a process: of CONNECTIONS, for those that wait, so that there is always room for others
JUST_BEGUN = 3  # seconds in which nobody is called slow
HEADER_BYTES = 32 * 1024


class PatientParser(HTTPRequestParser):
    """Knows when it began, and leaves a body out that its address does not take."""

    adj: Adjustments
    content_length: int

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.began = time.monotonic()

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.chunked:
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = body_limit(self.path)
        elif self.content_length > body_limit(self.path):
            self._leave_out_body()

    def _leave_out_body(self) -> None:
        """The portal says so in words, and the connection ends with that."""
        self.headers[TOO_LARGE] = str(self.content_length)
        self.headers["CONTENT_LENGTH"] = "0"
        self.content_length, self.body_rcv = 0, None
        self.connection_close, self.expect_continue = True, False

    def is_overdue(self, now: float) -> bool:
        if not self.headers_finished:
            return now - self.began > HEADER_SECONDS
        return now - self.began > BODY_SECONDS + max(self.content_length, self.body_bytes_received) / SLOWEST


class LoggedTask(WSGITask):
    def execute(self) -> None:
        began = time.monotonic()
        super().execute()
        answer = SimpleNamespace(status=self.status, headers=self.response_headers, sent=self.content_bytes_written)
        asked = {"RAW_URI": self.request.request_uri} | self.environ
        self.channel.server.log_access(answer, self.request, asked, timedelta(seconds=time.monotonic() - began))


class PatientChannel(HTTPChannel):
    parser_class = PatientParser
    task_class = LoggedTask

    def __init__(self, *args: Any, **options: Any) -> None:
        self.opened = self.heard = time.monotonic()
        self.has_asked = False
        super().__init__(*args, **options)

    def received(self, data: bytes) -> bool:
        self.has_asked, self.heard = True, time.monotonic()
        return bool(super().received(data))

    def is_overdue(self, now: float) -> bool:
        if self.request is None:
            return not self.has_asked and now - self.opened > HEADER_SECONDS
        return bool(self.request.is_overdue(now))

    @property
    def is_waiting(self) -> bool:
        return self.request is not None and not self.will_close

    @property
    def waiting_bytes(self) -> int:
        return self.request.body_bytes_received if self.request else 0

    @property
    def holds_a_place(self) -> bool:
        """With nothing that we could answer: half a request, or none."""
        return not (self.will_close or self.requests or self.total_outbufs_len)

    @property
    def pace(self) -> float:
        """Bytes a second of the body that is coming in."""
        return self.waiting_bytes / max(self._waited(), 1)

    @property
    def has_just_begun(self) -> bool:
        return self._waited() < JUST_BEGUN

    def _waited(self) -> float:
        return time.monotonic() - (self.request.began if self.request else self.heard)

    @property
    def address(self) -> str:
        """Of the client, as far as the proxies in front can be believed: whoever has one of IPv6 has 2**64 of them."""
        proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
        named = self.request.headers.get("X_FORWARDED_FOR", "").split(",") if self.request else []
        return line_of(named[-proxies].strip() if 0 < proxies <= len(named) else str(self.addr[0]))


class PatientServer(BaseWSGIServer):
    channel_class = PatientChannel
    active_channels: dict[int, PatientChannel]
    log_access: Callable[..., None]

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        moment = time.monotonic()
        for channel in self.active_channels.values():
            if channel.is_overdue(moment):
                channel.will_close = True
        self._keep_shares()
        self._keep_room()
        self._keep_places()

    def _keep_shares(self) -> None:
        """Nobody has many unfinished requests at once; their newest are closed."""
        waiting: Counter[str] = Counter()
        for channel in self._waiting(lambda each: each.opened):
            waiting[channel.address] += 1
            channel.will_close = waiting[channel.address] > WAITING_REQUESTS

    def _keep_room(self) -> None:
        """All of them together leave the disk alone; the largest are closed."""
        room = WAITING_BYTES
        for channel in self._waiting(lambda each: each.waiting_bytes):
            room -= channel.waiting_bytes
            channel.will_close = room < 0

    def _keep_places(self) -> None:
        """However many come to wait, others get in; the slowest are closed, and those that say nothing."""
        held = [each for each in self.active_channels.values() if each.holds_a_place and not each.has_just_begun]
        for channel in sorted(held, key=lambda each: each.pace)[: max(len(held) - MOST_PLACES, 0)]:
            channel.will_close = True

    def _waiting(self, order: Callable[[PatientChannel], float]) -> list[PatientChannel]:
        return sorted((each for each in self.active_channels.values() if each.is_waiting), key=order)


class PatientTcpServer(PatientServer, TcpWSGIServer):
    pass


class PatientUnixServer(PatientServer, UnixWSGIServer):
    pass


class PatientWorker(Worker):
    """`gunicorn --worker-class portal.web_worker.PatientWorker`."""

    def run(self) -> None:
        sockets: dict[int, Any] = {}  # of waitress: by file number
        threads = ThreadedTaskDispatcher()
        threads.set_thread_count(self.cfg.threads)
        servers = [self._server(each.sock, sockets, threads) for each in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self._turn(sockets)
        for server in servers:
            server.del_channel()  # takes in nothing more
        self._finish(sockets)
        threads.shutdown()

    def _server(self, listener: Any, sockets: dict[int, Any], threads: ThreadedTaskDispatcher) -> PatientServer:
        adjustments = Adjustments(
            sockets=[listener],
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE_SECONDS,
            cleanup_interval=2,
            max_request_header_size=HEADER_BYTES,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,  # TRUSTED_PROXY_COUNT says how many of them are believed
            ident=None,
            log_socket_errors=False,
        )
        family = (listener.family, listener.type, listener.proto, listener.getsockname())
        kind = PatientUnixServer if isinstance(listener.getsockname(), str) else PatientTcpServer
        server = kind(self.wsgi, sockets, True, listener, threads, adjustments, sockinfo=family, bind_socket=False)
        server.log_access = self.log.access
        return server

    def _turn(self, sockets: dict[int, Any]) -> None:
        self.notify()
        wasyncore.loop(timeout=1, use_poll=True, map=sockets, count=1)

    def _finish(self, sockets: dict[int, Any]) -> None:
        """Answers that are being written go out; connections that only wait are closed."""
        end = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < end and any(_is_busy(each) for each in list(sockets.values())):
            self._turn(sockets)


def _is_busy(dispatcher: Any) -> bool:
    return isinstance(dispatcher, PatientChannel) and bool(dispatcher.requests or dispatcher.total_outbufs_len)
