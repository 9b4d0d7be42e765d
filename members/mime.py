"""Opening a mail that a stranger wrote, without being hurt by it.

The standard library's parser recurses once a level of nesting and slows down with the square of what is odd, so what is
too large, too deep or too much is refused before it or cut after it. Nothing is ever unpacked or executed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses
from functools import cached_property
from typing import Any

import nh3

from members import charsets

MOST_BYTES = 5 * 1024 * 1024
HEADER_BYTES = 64 * 1024
MOST_BOUNDARIES = 60
MOST_PARTS = 200
MOST_DEPTH = 15
MOST_LINES = 200_000
MOST_HEADERS = 500
MOST_FIELD = 8 * 1024  # bytes of a header that is taken apart: the standard library's time grows with their square
MOST_TEXT = 20_000  # characters of a body that anybody looks at
MOST_DECODED = 400_000  # bytes of a part that become characters at all

BOUNDARY = re.compile(rb"boundary\s*[=*]", re.IGNORECASE)
CONTENT_TYPE = re.compile(rb"^content-type\s*:", re.IGNORECASE | re.MULTILINE)
MESSAGE_ID = re.compile(
    rb"^message-id[ \t]*:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\x00-\x20\x7f]{1,240}>|[^<>\x00-\x20\x7f]{1,240}(?=\s|$))",
    re.IGNORECASE | re.MULTILINE,
)
FIELD = re.compile(rb"^[!-9;-~]+[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.MULTILINE)
CONTENT_FIELD = re.compile(rb"^content-[a-z-]+[ \t]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", re.IGNORECASE | re.MULTILINE)
HEADER_END = re.compile(rb"\r?\n\r?\n|\r\r")
BLOCK_ENDS = re.compile(r"<(?:br|/p|/div|/tr|/h[1-6]|/li)\b[^<>]{0,200}>", re.IGNORECASE)
UNSEEN = {"script", "style", "title", "blockquote"}


class Unreadable(Exception):
    """Nobody should try again; the message says why, for people."""


@dataclass(frozen=True)
class Part:
    """One leaf of the tree, its transfer encoding undone. `enclosed` ones are inside another mail that was sent along."""

    content_type: str
    content: bytes
    parameters: dict[str, str] = field(default_factory=dict)
    filename: str = ""
    is_attachment: bool = False
    enclosed: bool = False

    @property
    def text(self) -> str:
        """As characters, whatever charset it claims; no null bytes, line ends as \\n. Of a long part the beginning."""
        return _clean_lines(charsets.decoded(self.content, self.charset, MOST_DECODED))

    @property
    def charset(self) -> str:
        return self.parameters.get("charset", "")


@dataclass(frozen=True)
class Mail:
    """A mail that was opened. Header names are in lower case, values decoded; of repeated ones all are kept in order."""

    headers: dict[str, list[str]]
    parts: list[Part]
    message: Message  # for what needs the tree itself, such as delivery reports

    def header(self, name: str) -> str:
        return next(iter(self.headers.get(name.lower(), [])), "")

    def addresses(self, *names: str) -> list[str]:
        """The bare addresses in these headers, in order."""
        values = [value for name in names for value in self.headers.get(name.lower(), [])]
        try:
            found = getaddresses(values[:50])
        except Exception:  # its parser has been surprised before
            return []
        return [address.strip() for _name, address in found[:200] if "@" in address]

    @cached_property
    def enclosed_addresses(self) -> list[str]:
        """Whom the mails inside of it are to, as far as they can be read without decoding anything."""
        inner = (part for part in self.message.walk() if part is not self.message)
        values = [str(part[name]) for part in inner for name in ("to", "cc", "delivered-to") if part[name]]
        return [value[:MOST_FIELD] for value in values[:20]]

    @property
    def sender(self) -> str:
        return next(iter(self.addresses("from")), "")

    @property
    def subject(self) -> str:
        return self.header("subject")

    def of_type(self, *content_types: str) -> list[Part]:
        return [part for part in self.parts if part.content_type in content_types and not part.enclosed]

    @cached_property
    def text(self) -> str:
        """What the person wrote: the first plain text, or the words of the first HTML; at most MOST_TEXT characters."""
        for part in self.of_type("text/plain"):
            if not part.is_attachment and part.text.strip():
                return part.text[:MOST_TEXT]
        for part in self.of_type("text/html"):
            if not part.is_attachment:
                return words_of(part.text[: MOST_TEXT * 5])[:MOST_TEXT]
        return ""


def message_id(raw: bytes) -> str:
    """The Message-ID in the headers without its brackets, "" without one."""
    found = MESSAGE_ID.search(header_block(raw))
    return found[1].decode("ascii", "replace").strip("<>")[:240] if found else ""


def header_block(raw: bytes) -> bytes:
    """Up to the first empty line, HEADER_BYTES at most."""
    end = HEADER_END.search(raw, 0, HEADER_BYTES)
    return raw[: end.start() if end else HEADER_BYTES]


def opened(raw: bytes) -> Mail:
    """Parse. Raises Unreadable for what is too large, too deep or too odd; nothing else."""
    _refuse_excess(raw)
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
        return Mail(_headers(message), list(_leaves(message)), message)
    except RecursionError as error:
        raise Unreadable("It is nested too deeply.") from error
    except MemoryError as error:
        raise Unreadable("It is too large to be taken apart.") from error
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"It is not a mail that can be taken apart ({type(error).__name__}).") from error


def words_of(markup: str) -> str:
    """The words of a piece of HTML, a line a block, without what it quotes."""
    broken = BLOCK_ENDS.sub("\n", markup.replace("\r", "").replace("\n", " "))
    return _clean_lines(html.unescape(nh3.clean(broken, tags=set(), attributes={}, clean_content_tags=UNSEEN)))


def one_line(value: str, most: int) -> str:
    """Without control characters and at most so long: fit for a column and a heading."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())[:most]


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


def _headers(message: Message) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in message.items()[:MOST_HEADERS]:
        headers.setdefault(name.lower(), []).append(_header_words(value))
    return headers


def _header_words(value: Any) -> str:
    """Encoded words decoded, 8-bit bytes guessed, folding undone. `value` is a str, or a Header where bytes were raw."""
    try:
        pieces = decode_header(value)
    except Exception:  # a broken encoded word
        pieces = [(str(value), None)]
    words = "".join(piece if isinstance(piece, str) else _decoded(piece, charset or "") for piece, charset in pieces)
    return _clean_lines(words).replace("\n", " ")[:MOST_TEXT]


def children(message: Message) -> list[Message]:
    """The parts of a part, none of a leaf. (`get_payload` would decode a leaf by whatever charset it names.)"""
    inner = message.get_payload() if message.is_multipart() else []
    return [part for part in inner if isinstance(part, Message)] if isinstance(inner, list) else []


def content_of(leaf: Message) -> bytes:
    """What is in a leaf, its transfer encoding undone."""
    content = None if leaf.is_multipart() else leaf.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _leaves(message: Message) -> Iterator[Part]:
    """In order, with a stack of our own instead of recursion."""
    stack: list[tuple[Message, int, bool]] = [(message, 0, False)]
    seen = 0
    while stack:
        part, depth, enclosed = stack.pop()
        seen += 1
        if depth > MOST_DEPTH or seen > MOST_PARTS:
            raise Unreadable("It is nested too deeply." if depth > MOST_DEPTH else "It has too many parts.")
        if part.is_multipart():
            within = enclosed or part.get_content_maintype() == "message"
            stack += [(child, depth + 1, within) for child in reversed(children(part))]
        else:
            yield _leaf(part, enclosed)


def _leaf(part: Message, enclosed: bool) -> Part:
    parameters = {name.lower(): _parameter(value) for name, value in part.get_params([])[1:]}
    disposition = part.get("content-disposition")
    filename = part.get_param("filename", "", "content-disposition") or part.get_param("name", "")
    return Part(
        content_type=part.get_content_type(),
        content=content_of(part),
        parameters=parameters,
        filename=one_line(_header_words(_parameter(filename)), 200),
        is_attachment=str(disposition or "").strip().lower().startswith("attachment"),
        enclosed=enclosed,
    )


def _parameter(value: Any) -> str:
    """RFC 2231 gives (charset, language, value), with bytes that are no ASCII as characters of the same number."""
    if not isinstance(value, tuple):
        return str(value)[:200]
    charset, _language, words = value
    return _decoded(str(words).encode("raw-unicode-escape"), charset or "")[:200]


def _decoded(content: bytes, charset: str) -> str:
    return charsets.decoded(content, "" if charset == "unknown-8bit" else charset, MOST_TEXT)


def _clean_lines(text: str) -> str:
    """No null bytes and no half surrogates, neither of which PostgreSQL keeps, and \n for every line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.encode("utf-8", "replace").decode()
