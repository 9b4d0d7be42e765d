"""Fetches mail from a mailbox by IMAP. A mail is marked as seen only once it is stored, so a lost connection loses
nothing.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.db import DataError

from members.mail.incoming import mime
from members.mail.incoming.inbox import store
from members.models import InboundMail

log = logging.getLogger(__name__)

TIMEOUT = 30  # seconds for one step of the conversation
MOST = 100  # mails in one visit; the rest waits for the next
SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


class Mailbox(Exception):
    """Raised when the IMAP server refuses a command."""


@dataclass(frozen=True)
class Address:
    """The mailbox to read, from a URL: imaps://user:password@host:993/INBOX, imap+tls:// for STARTTLS, imap:// on this
    machine alone.
    """

    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str

    @classmethod
    def of(cls, url: str) -> Address:
        parts = urlsplit(url)
        if parts.scheme not in ("imaps", "imap+tls", "imap") or not parts.hostname:
            raise ImproperlyConfigured("IMAP_URL must look like imaps://user:password@host/INBOX.")
        if parts.scheme == "imap" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ImproperlyConfigured("IMAP_URL sends a password: imaps:// or imap+tls:// to another machine.")
        return cls(
            parts.scheme,
            parts.hostname,
            parts.port or (993 if parts.scheme == "imaps" else 143),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            unquote(parts.path.strip("/")) or "INBOX",
        )


def poll(url: str) -> int:
    """Store what is unseen and mark it as seen. How many mails were new. Raises OSError or imaplib's errors."""
    new = 0
    with _opened(Address.of(url)) as server:
        for uid in _unseen(server)[:MOST]:
            try:
                _mail, created = _store(server, uid)
            except (DataError, Mailbox):  # of this mail alone; the others go on
                log.exception("Mail %s of the mailbox stays where it is", uid)
                continue
            _done(server.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)"))
            new += created
    return new


@contextmanager
def _opened(address: Address) -> Iterator[imaplib.IMAP4]:
    trust = ssl.create_default_context()
    server: imaplib.IMAP4
    if address.scheme == "imaps":
        server = imaplib.IMAP4_SSL(address.host, address.port, ssl_context=trust, timeout=TIMEOUT)
    else:
        server = imaplib.IMAP4(address.host, address.port, timeout=TIMEOUT)
    with server:  # logs out, whatever happens
        if address.scheme == "imap+tls":
            server.starttls(trust)
        server.login(address.user, address.password)
        _done(server.select(_quoted(address.folder)))
        yield server


def _unseen(server: imaplib.IMAP4) -> list[str]:
    found = _done(server.uid("SEARCH", "UNSEEN"))
    return found[0].decode("ascii").split() if found and found[0] else []


def _store(server: imaplib.IMAP4, uid: str) -> tuple[InboundMail, bool]:
    """Of one that is too large only the headers are fetched; PEEK leaves it unseen until it is stored."""
    told = _done(server.uid("FETCH", uid, "(RFC822.SIZE)"))
    size = next((int(found[1]) for line in told if (found := SIZE.search(_bytes(line)))), 0)
    what = "BODY.PEEK[]" if size <= mime.MOST_BYTES else "BODY.PEEK[HEADER]"
    for part in _done(server.uid("FETCH", uid, f"({what})")):
        if isinstance(part, tuple):
            return store(part[1], InboundMail.Via.IMAP, size=max(size, len(part[1])))
    raise Mailbox(f"There is no mail of number {uid}.")


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    status, lines = answer
    if status != "OK":
        raise Mailbox(f"The mailbox answered {status}.")
    return lines


def _bytes(line: Any) -> bytes:
    return line[0] if isinstance(line, tuple) else line or b""


def _quoted(folder: str) -> str:
    return '"{}"'.format(folder.replace("\\", "\\\\").replace('"', '\\"'))
