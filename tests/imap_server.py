"""A small IMAP server for tests, as far as one mailbox is read: a real socket, real literals, real flags."""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

COMMAND = re.compile(rb"(\S+) (?:UID )?(\S+) ?(.*)", re.DOTALL)


@dataclass
class Mailbox:
    """`mails` by UID; `drop_before` breaks the line when this command comes, `withheld` is a mail that is not given out."""

    user: str = "calls"
    password: str = 'pass "word'
    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    drop_before: str = ""
    withheld: int = 0
    port: int = 0

    def deliver(self, raw: bytes) -> int:
        uid = max(self.mails, default=100) + 1
        self.mails[uid] = raw
        return uid

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, name, rest = COMMAND.fullmatch(line.rstrip(b"\r\n")).groups()
            command = name.decode().upper()
            self.asked.append(f"{command} {rest.decode()}".strip())
            if command == self.drop_before:
                break
            for piece in self.answer(command, rest.decode()):
                writer.write(piece)
            status = self.status(command, rest.decode())
            writer.write(tag + b" " + status + b"\r\n")
            await writer.drain()
            if command == "LOGOUT":
                break
        writer.close()

    def status(self, command: str, rest: str) -> bytes:
        if command == "LOGIN":
            quoted = self.password.replace('"', '\\"')
            return b"OK done" if rest == f'{self.user} "{quoted}"' else b"NO [AUTHENTICATIONFAILED] wrong"
        if command == "SELECT" and rest != '"INBOX"':
            return b"NO no such folder"
        return b"OK done"

    def answer(self, command: str, rest: str) -> Iterator[bytes]:
        if command == "CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif command == "SELECT":
            yield b"* %d EXISTS\r\n" % len(self.mails)
        elif command == "SEARCH":
            unseen = (str(uid).encode() for uid in self.mails if uid not in self.seen)
            yield b"* SEARCH " + b" ".join(unseen) + b"\r\n"
        elif command == "FETCH":
            yield from self.fetch(int(rest.split()[0]), rest.split(" ", 1)[1])
        elif command == "STORE":
            self.seen.add(int(rest.split()[0]))
        elif command == "LOGOUT":
            yield b"* BYE\r\n"

    def fetch(self, uid: int, what: str) -> Iterator[bytes]:
        raw = self.mails[uid]
        if what == "(RFC822.SIZE)":
            yield b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, len(raw))
            return
        if uid == self.withheld:
            return
        if what == "(BODY.PEEK[HEADER])":
            raw = raw.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
        yield b"* 1 FETCH (UID %d BODY[] {%d}\r\n" % (uid, len(raw)) + raw + b")\r\n"


@contextmanager
def serving(mailbox: Mailbox, tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """Listen on a free port of this machine in a thread of its own."""
    started, loop = threading.Event(), asyncio.new_event_loop()

    async def listen() -> None:
        server = await asyncio.start_server(mailbox.talk, "127.0.0.1", 0, ssl=tls)
        mailbox.port = server.sockets[0].getsockname()[1]
        started.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(listen())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield mailbox
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
