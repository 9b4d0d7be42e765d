"""A parsed mail of a stranger: its headers, its parts and the words of the person.

Parsing is in members/mail/incoming/mime_tree.py. Here nothing is unpacked or executed, and every text is cut before it
is decoded.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import getaddresses
from functools import cached_property

import nh3

from members.mail.incoming import charsets
from members.mail.incoming.mime_tree import (
    FIELD,
    HEADER_BYTES,
    MOST_BYTES,
    MOST_FIELD,
    MOST_HEADERS,
    MOST_PARTS,
    Node,
    Unreadable,
    clean_lines,
    header_block,
    parsed,
)

__all__ = ["HEADER_BYTES", "MOST_BYTES", "MOST_HEADERS", "MOST_PARTS", "Unreadable", "header_block"]

MOST_TEXT = 20_000  # characters of a body that anybody looks at
MOST_DECODED = 400_000  # bytes of a part that become characters at all

MESSAGE_ID = re.compile(
    rb"^message-id[ \t]*:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\x00-\x20\x7f]{1,240}>|[^<>\x00-\x20\x7f]{1,240}(?=\s|$))",
    re.IGNORECASE | re.MULTILINE,
)
ADDRESSED = (
    "delivered-to",
    "x-original-to",
    "x-delivered-to",
    "envelope-to",
    "x-envelope-to",
    "x-forwarded-to",
    "to",
    "cc",
)  # headers that say whom a mail is for, the surest first
FOR = re.compile(r"\bfor <([^<>\s]{3,320})>", re.IGNORECASE)  # whom a mail server took it for, in Received
ADDRESS = re.compile(r"[^\s<>,;]{1,250}@[^\s<>,;]{1,250}")
FOLD = re.compile(r"\r?\n[ \t]+")
MOST_RECIPIENTS = 200
BLOCK_ENDS = re.compile(r"<(?:br|/p|/div|/tr|/h[1-6]|/li)\b[^<>]{0,200}>", re.IGNORECASE)
UNSEEN = {"script", "style", "title", "blockquote"}


@dataclass(frozen=True)
class Part:
    """One leaf of the MIME tree, its transfer encoding undone. `enclosed` ones are inside a forwarded mail."""

    content_type: str
    content: bytes
    parameters: dict[str, str] = field(default_factory=dict)
    filename: str = ""
    is_attachment: bool = False
    enclosed: bool = False

    @property
    def text(self) -> str:
        """The content as text, in whatever charset it claims, without null bytes and with \\n as line end; the
        beginning of a long part.
        """
        return clean_lines(charsets.decoded(self.content, self.charset, MOST_DECODED))

    @property
    def charset(self) -> str:
        return self.parameters.get("charset", "")


@dataclass(frozen=True)
class Mail:
    """A parsed mail. Header names are in lower case, values decoded; repeated headers are all kept, in order."""

    headers: dict[str, list[str]]
    parts: list[Part]
    tree: Node  # for what needs it itself, such as delivery reports

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
        """The recipients of the mails inside of it, as far as they can be read without decoding anything."""
        inner = (node for node in walk(self.tree) if node is not self.tree)
        return [value for node in inner for name, value in node.headers if name in ("to", "cc", "delivered-to")][:20]

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


def recipients(raw: bytes) -> list[str]:
    """The addresses in its recipient headers, as they are spelled; found without parsing."""
    found: list[str] = []
    for line in FIELD.finditer(header_block(raw)):
        name, _colon, value = line[0][:MOST_FIELD].decode("ascii", "replace").partition(":")
        if name.strip().lower() == "received":
            found += FOR.findall(value)
        elif name.strip().lower() in ADDRESSED:
            found += [*ADDRESS.findall(value), *ADDRESS.findall(FOLD.sub("", value))]
        if len(found) > MOST_RECIPIENTS:
            break
    return found[:MOST_RECIPIENTS]


def opened(raw: bytes) -> Mail:
    """Parse in this process (mail_reading.opened does it in a child). Raises Unreadable for what is too large, too deep
    or malformed.
    """
    return of_tree(parsed(raw))


def of_tree(tree: Node) -> Mail:
    headers: dict[str, list[str]] = {}
    for name, value in tree.headers:
        headers.setdefault(name, []).append(value)
    return Mail(headers, list(_leaves(tree, enclosed=False)), tree)


def walk(node: Node) -> Iterator[Node]:
    """The node and all its descendants, in order."""
    yield node
    for child in node.children:
        yield from walk(child)


def words_of(markup: str) -> str:
    """The words of a piece of HTML, one line a block, without quoted parts."""
    broken = BLOCK_ENDS.sub("\n", markup.replace("\r", "").replace("\n", " "))
    return clean_lines(html.unescape(nh3.clean(broken, tags=set(), attributes={}, clean_content_tags=UNSEEN)))


def one_line(value: str, most: int) -> str:
    """The value without control characters, at most `most` characters long."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())[:most]


def _leaves(node: Node, *, enclosed: bool) -> Iterator[Part]:
    if not node.is_container:
        filename = one_line(node.filename, 200)
        yield Part(node.content_type, node.content, node.parameters, filename, node.is_attachment, enclosed)
    for child in node.children:
        yield from _leaves(child, enclosed=enclosed or node.content_type.startswith("message/"))
