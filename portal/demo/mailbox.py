"""Where the mails of the demo lie: one file a mail, written by the SMTP sink and read by the /demo/mail/ pages.

The directory is DEMO_MAIL, or .demo/mail in the checkout. A file is called `<nanoseconds>-<8 hex digits>.eml`, so
names sort by arrival, and its stem is the mail's id. It holds two header lines of the envelope and then the mail
byte for byte as it came:

    X-MailFrom: <envelope sender>
    X-RcptTo: <envelope recipient>[, <envelope recipient>...]

A file appears under its name when it is complete: it is written beside it and renamed. Standard library only.
"""

import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

IDENTIFIER = re.compile(r"[0-9]{19,20}-[0-9a-f]{8}")
HEAD = 16 * 1024  # bytes; enough for the headers of any mail here


class Mail(NamedTuple):
    id: str
    received_at: float  # seconds since 1970
    recipients: list[str]  # the envelope's, in lower case
    raw: bytes  # the whole mail; in a list its headers alone

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


class Mailbox:
    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    def of_the_demo(cls) -> "Mailbox":
        checkout = Path(__file__).resolve().parents[2]
        return cls(Path(os.environ.get("DEMO_MAIL") or checkout / ".demo/mail"))

    def add(self, sender: str, recipients: Sequence[str], content: bytes) -> str:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        identifier = f"{time.time_ns():019d}-{secrets.token_hex(4)}"
        envelope = f"X-MailFrom: {_one_line(sender)}\r\nX-RcptTo: {', '.join(map(_one_line, recipients))}\r\n"
        unfinished = self.directory / f"{identifier}.new"
        unfinished.write_bytes(envelope.encode() + content)
        unfinished.rename(self._path(identifier))
        return identifier

    def newest(self, to: str = "", limit: int = 200) -> list[Mail]:
        """The headers of the last `limit` mails, newest first; only those to the address `to` when it is given."""
        found: list[Mail] = []
        for mail in self._heads():
            if len(found) == limit:
                break
            if not to or to.strip().lower() in mail.recipients:
                found.append(mail)
        return found

    def get(self, identifier: str) -> Mail | None:
        if not IDENTIFIER.fullmatch(identifier):
            return None
        try:
            return _mail(identifier, self._path(identifier).read_bytes())
        except FileNotFoundError:
            return None

    def _heads(self) -> Iterator[Mail]:
        names = sorted((path.stem for path in self.directory.glob("*.eml")), reverse=True)
        for name in names:
            with self._path(name).open("rb") as file:
                yield _mail(name, file.read(HEAD).partition(b"\r\n\r\n")[0])

    def _path(self, identifier: str) -> Path:
        return self.directory / f"{identifier}.eml"


def _mail(identifier: str, raw: bytes) -> Mail:
    envelope = raw.split(b"\r\n", 2)[1].decode(errors="replace").removeprefix("X-RcptTo:")
    recipients = [address.strip().lower() for address in envelope.split(",") if address.strip()]
    return Mail(identifier, int(identifier.split("-")[0]) / 1e9, recipients, raw)


def _one_line(address: str) -> str:
    return "".join(address.splitlines())
