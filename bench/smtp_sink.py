"""A mail server as bare as it can be: it says yes to everything and remembers Message-IDs. Standard library only.

    python -m bench.smtp_sink PORT [--delay SECONDS] [--ledger FILE]

`--delay` holds back each answer, to stand for the round trip to a provider. On SIGTERM it prints how many mails came,
how many distinct ones, and writes one Message-ID a line, in the order of arrival, to the ledger.
"""

import argparse
import asyncio
import re
import signal
from pathlib import Path

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)
WORDS = {b"MAIL": b"250 ok\r\n", b"RCPT": b"250 ok\r\n", b"RSET": b"250 ok\r\n", b"NOOP": b"250 ok\r\n"}


class Sink:
    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.came: list[tuple[float, str]] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.say(writer, b"220 bench ESMTP\r\n")
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    await self.say(writer, b"354 go\r\n")
                    self.take(await reader.readuntil(b"\r\n.\r\n"))
                    await self.say(writer, b"250 taken\r\n")
                elif verb == b"EHLO":
                    await self.say(writer, b"250-bench\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
                elif verb == b"QUIT":
                    await self.say(writer, b"221 bye\r\n")
                    break
                else:
                    await self.say(writer, WORDS.get(verb, b"502 no\r\n"))
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        writer.close()

    def take(self, content: bytes) -> None:
        found = MESSAGE_ID.search(content)
        self.came.append((asyncio.get_running_loop().time(), found[1].decode() if found else ""))

    async def say(self, writer: asyncio.StreamWriter, words: bytes) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)
        writer.write(words)


async def serve(port: int, sink: Sink) -> None:
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, end.set)
    server = await asyncio.start_server(sink.talk, "127.0.0.1", port, limit=1 << 21)
    async with server:
        print("ready", flush=True)
        await end.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--ledger", type=Path)
    asked = parser.parse_args()
    sink = Sink(asked.delay)
    asyncio.run(serve(asked.port, sink))
    ids = [message for _moment, message in sink.came]
    if asked.ledger:
        asked.ledger.write_text("\n".join(ids))
    span = sink.came[-1][0] - sink.came[0][0] if len(ids) > 1 else 0.0
    print(len(ids), len(set(ids)), f"{span:.3f}", flush=True)
