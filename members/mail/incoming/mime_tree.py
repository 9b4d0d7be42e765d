"""Parses a mail of a stranger into a tree, with the standard library.

The library's parser recurses once a level of nesting and takes quadratic time for some malformed mails, so a mail that
is too large or too deep is refused before it, and lists are cut after it. Workers do this in a child process
(members/mail/incoming/mail_child.py): this module needs nothing of Django, and a tree can be written as JSON.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from itertools import count
from typing import Any

from members.mail.incoming import charsets

MOST_BYTES = 5 * 1024 * 1024
HEADER_BYTES = 64 * 1024
MOST_BOUNDARIES = 60
MOST_PARTS = 200
MOST_DEPTH = 15
MOST_LINES = 200_000
MOST_HEADERS = 500
MOST_FIELD = 8 * 1024  # bytes of a header that is taken apart: the standard library's time grows with their square
MOST_VALUE = 20_000  # characters of a header

BOUNDARY = re.compile(rb"boundary\s*[=*]", re.IGNORECASE)
CONTENT_TYPE = re.compile(rb"^content-type\s*:", re.IGNORECASE | re.MULTILINE)
FIELD = re.compile(rb"^[!-9;-~]+[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.MULTILINE)
CONTENT_FIELD = re.compile(rb"^content-[a-z-]+[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
HEADER_END = re.compile(rb"\r?\n\r?\n|\r\r")


class Unreadable(Exception):
    """The mail can't be parsed and should not be tried again; the message says why, for people."""


@dataclass(frozen=True)
class Node:
    """One part with its headers (names in lower case, values decoded): a container with children, or a leaf with content."""

    content_type: str
    headers: tuple[tuple[str, str], ...]
    parameters: dict[str, str]  # of Content-Type
    filename: str
    is_attachment: bool
    is_container: bool
    content: bytes  # its transfer encoding undone
    children: tuple[Node, ...]

    def get(self, name: str) -> str:
        """The first header of that name, "" without one."""
        return next((value for known, value in self.headers if known == name), "")

    def as_json(self) -> dict[str, Any]:
        plain = self.__dict__ | {"content": b64encode(self.content).decode("ascii")}
        return plain | {"children": [child.as_json() for child in self.children]}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Node:
        headers = tuple((str(name), str(value)) for name, value in plain["headers"])
        children = tuple(map(cls.from_json, plain["children"]))
        return cls(**plain | {"headers": headers, "content": b64decode(plain["content"]), "children": children})


def parsed(raw: bytes) -> Node:
    """The tree of a mail. Raises Unreadable for what is too large, too deep or malformed, and nothing else."""
    _refuse_excess(raw)
    try:
        return _node(BytesParser(policy=policy.compat32).parsebytes(raw), 0, count(1))
    except RecursionError as error:
        raise Unreadable("It is nested too deeply.") from error
    except MemoryError as error:
        raise Unreadable("It is too large to be taken apart.") from error
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"It is not a mail that can be taken apart ({type(error).__name__}).") from error


def header_block(raw: bytes) -> bytes:
    """The bytes up to the first empty line, HEADER_BYTES at most."""
    end = HEADER_END.search(raw, 0, HEADER_BYTES)
    return raw[: end.start() if end else HEADER_BYTES]


def clean_lines(text: str) -> str:
    """The text without null bytes and lone surrogates, which PostgreSQL refuses, and with \\n for every line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", "replace").decode()


def _refuse_excess(raw: bytes) -> None:
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"It is larger than {MOST_BYTES // 1024 // 1024} MB.")
    if len(BOUNDARY.findall(raw)) > MOST_BOUNDARIES or len(CONTENT_TYPE.findall(raw)) > MOST_PARTS:
        raise Unreadable("It has too many parts.")
    if raw.count(b"\n") + raw.count(b"\r") > 2 * MOST_LINES:
        raise Unreadable("It has too many lines.")
    if any(len(field) > MOST_FIELD for field in _fields_to_take_apart(raw)):
        raise Unreadable("It has a header that is too long.")


def _fields_to_take_apart(raw: bytes) -> Iterator[bytes]:
    """Those with parameters, wherever they stand, and those of the mail itself that hold encoded words."""
    yield from (found[0] for found in CONTENT_FIELD.finditer(raw))
    yield from (found[0] for found in FIELD.finditer(header_block(raw)) if b"=?" in found[0])


def _node(message: Message, depth: int, seen: count[int]) -> Node:
    if depth > MOST_DEPTH:
        raise Unreadable("It is nested too deeply.")
    if next(seen) > MOST_PARTS:
        raise Unreadable("It has too many parts.")
    filename = message.get_param("filename", "", "content-disposition") or message.get_param("name", "")
    return Node(
        content_type=message.get_content_type(),
        headers=tuple((name.lower(), _header_words(value)) for name, value in message.items()[:MOST_HEADERS]),
        parameters={name.lower(): _parameter(value) for name, value in message.get_params([])[1:]},
        filename=_header_words(_parameter(filename)),
        is_attachment=str(message.get("content-disposition") or "").strip().lower().startswith("attachment"),
        is_container=message.is_multipart(),
        content=_content(message),
        children=tuple(_node(child, depth + 1, seen) for child in _children(message)),
    )


def _children(message: Message) -> list[Message]:
    """None of a leaf, whose `get_payload` would decode it by whatever charset it names."""
    inner = message.get_payload() if message.is_multipart() else []
    return [part for part in inner if isinstance(part, Message)] if isinstance(inner, list) else []


def _content(message: Message) -> bytes:
    content = None if message.is_multipart() else message.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _header_words(value: Any) -> str:
    """Encoded words decoded, 8-bit bytes guessed, folding undone. `value` is a str, or a Header where bytes were raw."""
    try:
        pieces = decode_header(value)
    except Exception:  # a broken encoded word
        pieces = [(str(value), None)]
    words = "".join(piece if isinstance(piece, str) else _decoded(piece, charset or "") for piece, charset in pieces)
    return clean_lines(words).replace("\n", " ")[:MOST_VALUE]


def _parameter(value: Any) -> str:
    """RFC 2231 gives (charset, language, value), with bytes that are no ASCII as characters of the same number."""
    if not isinstance(value, tuple):
        return clean_lines(str(value))[:200]
    charset, _language, words = value
    return clean_lines(_decoded(str(words).encode("raw-unicode-escape"), charset or ""))[:200]


def _decoded(content: bytes, charset: str) -> str:
    return charsets.decoded(content, "" if charset == "unknown-8bit" else charset, MOST_VALUE)
