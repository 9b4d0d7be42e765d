"""A small name server for tests: real questions and answers over UDP on this machine."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = dict[tuple[str, str], list[str]]  # name and type: the records as zone files write them


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        content, answering = self.request
        question = dns.message.from_wire(content)
        answering.sendto(answer(question, self.server.zone).to_wire(), self.client_address)  # type: ignore[attr-defined]


def answer(question: dns.message.Message, zone: Mapping[tuple[str, str], list[str]]) -> dns.message.Message:
    said = dns.message.make_response(question, recursion_available=True)
    asked = question.question[0]
    name, kind = asked.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(asked.rdtype)
    if records := zone.get((name, kind)):
        said.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", kind, records))
    elif not any(known == name for known, _kind in zone):
        said.set_rcode(dns.rcode.NXDOMAIN)
    return said


@contextmanager
def serving(zone: Zone) -> Iterator[str]:
    """Its address and port; what `zone` holds may change meanwhile."""
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        server.zone = zone  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
