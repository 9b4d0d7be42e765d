"""A mail server that errs, and writes down what it took. Standard library only.

    python -m bench.storm.sink PORT LEDGER --seed N

Addresses that begin with "gone" do not exist. Until SIGUSR1 calls for calm, some answers are bad: put off, dropped before
or after the mail was taken, late, or for seconds on end a refusal of everybody.

A line of the ledger, as JSON: `began` (MAIL FROM) and `took` in seconds of the machine's clock, `to`, `id` (Message-ID)
and `lost` when the mail was taken and the answer never left. A line with `id`, `said` and `cut` follows when the line was cut
after the answer left at `said` (null when nobody was there any more to hear it) and before another word: the sender may not
have lived to read it.
"""

import argparse
import asyncio
import json
import random
import re
import signal
import time
from pathlib import Path
from typing import Any, TextIO

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)
ADDRESS = re.compile(rb"<([^>]*)>")
LATER, DROPPED, ANSWER_LOST, SILENT, SLOW = 0.02, 0.01, 0.01, 0.004, 0.01  # shares of all mails
SILENCE = 6.0  # seconds; longer than the senders' patience
BURST_EVERY, BURST = 40.0, 3.0  # seconds: how often, and how long, everybody is refused


class Broken(Exception):
    """The line is cut."""


class Sink:
    def __init__(self, ledger: TextIO, seed: int, delay: float = 0) -> None:
        self.ledger, self.chance, self.delay, self.calm = ledger, random.Random(seed), delay, False
        self.opened = time.monotonic()

    def happens(self, share: float) -> bool:
        return not self.calm and self.chance.random() < share

    @property
    def refuses_everybody(self) -> bool:
        return not self.calm and (time.monotonic() - self.opened) % BURST_EVERY > BURST_EVERY - BURST

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = Conversation(self, reader, writer)
        try:
            await conversation.run()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError, Broken):
            pass
        if conversation.answered:
            line = {"id": conversation.answered, "said": conversation.said, "cut": time.time()}
            self.ledger.write(json.dumps(line) + "\n")
        writer.transport.abort()


class Conversation:
    def __init__(self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sink, self.reader, self.writer = sink, reader, writer
        self.began, self.recipient = 0.0, ""
        self.answered = ""  # the Message-ID of a mail taken, until another word comes
        self.said: float | None = None  # when its answer left

    async def run(self) -> None:
        await self.say("421 too busy" if self.sink.happens(LATER) else "220 storm ESMTP")
        while line := await self.reader.readline():
            self.answered = ""
            verb = line[:4].upper()
            if verb == b"QUIT":
                await self.say("221 bye")
                await self.writer.drain()
                return
            if verb == b"EHLO":
                await self.say("250-storm\r\n250 8BITMIME")
            elif verb == b"MAIL":
                self.began = time.time()
                await self.say("250 ok")
            elif verb == b"RCPT":
                await self.say(self.about(line))
            elif verb == b"DATA":
                await self.say("354 go")
                await self.take()
            else:
                await self.say("250 ok")

    async def say(self, words: str) -> None:
        await self.travel()
        self.writer.write(f"{words}\r\n".encode())

    async def travel(self) -> None:
        """As long as an answer is on its way; what the other end does meanwhile is seen."""
        await asyncio.sleep(self.sink.delay)

    def about(self, line: bytes) -> str:
        found = ADDRESS.search(line)
        self.recipient = found[1].decode() if found else ""
        if self.recipient.startswith("gone"):
            return "550 5.1.1 no such mailbox"
        if self.sink.refuses_everybody:
            return "550 5.7.1 nobody may send now"
        return "450 4.2.0 come back later" if self.sink.happens(LATER) else "250 ok"

    async def take(self) -> None:
        content = await self.reader.readuntil(b"\r\n.\r\n")
        if self.sink.happens(DROPPED):
            raise Broken
        if self.sink.happens(LATER):
            await self.say("451 4.3.0 not now")
            return
        if self.sink.happens(SLOW):
            await asyncio.sleep(0.7)
        silent, lost = self.sink.happens(SILENT), self.sink.happens(ANSWER_LOST)
        message = self.write_down(content, lost=silent or lost)
        if silent:
            await asyncio.sleep(SILENCE)
        if silent or lost:
            raise Broken
        self.answered, self.said = message, None
        await self.travel()
        if self.reader.at_eof():  # a sender that waits for its answer says nothing; one that hung up is dead
            raise Broken
        self.writer.write(b"250 taken\r\n")
        self.said = time.time()

    def write_down(self, content: bytes, *, lost: bool) -> str:
        found = MESSAGE_ID.search(content)
        line: dict[str, Any] = {
            "began": self.began,
            "took": time.time(),
            "to": self.recipient,
            "id": found[1].decode() if found else "",
            "lost": lost,
        }
        self.sink.ledger.write(json.dumps(line) + "\n")
        return line["id"]


async def serve(port: int, sink: Sink) -> None:
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, end.set)
    loop.add_signal_handler(signal.SIGUSR1, lambda: setattr(sink, "calm", True))
    async with await asyncio.start_server(sink.talk, "127.0.0.1", port, limit=1 << 21):
        print("ready", flush=True)
        await end.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--calm", action="store_true", help="no errors from the start")
    parser.add_argument("--delay", type=float, default=0, help="seconds before each answer: the way to a provider")
    asked = parser.parse_args()
    with asked.ledger.open("w", buffering=1) as ledger:
        sink = Sink(ledger, asked.seed, asked.delay)
        sink.calm = asked.calm
        asyncio.run(serve(asked.port, sink))
