"""Mails that are meant to keep their reader busy: five megabytes each, with every codec of the language and every bomb."""

from __future__ import annotations

import base64
import pkgutil
from collections.abc import Iterator
from encodings import __path__ as codec_path
from encodings.aliases import aliases
from itertools import count

from members.mail.incoming.mime_tree import MOST_BYTES

MAILS = 10
TO = "calls@portal.example"
SIZE = MOST_BYTES - 1024
HEAD = "From: Stranger <stranger{number}@evil.example>\r\nTo: {to}\r\nMessage-ID: <poison{number}@evil.example>\r\nMIME-Version: 1.0\r\n"


def codec_names() -> list[str]:
    """Each that Python knows, by its own name and by what else it is called."""
    modules = {module.name for module in pkgutil.iter_modules(codec_path)}
    return sorted(modules | set(aliases) | set(aliases.values()))


def mails() -> list[bytes]:
    """Seven that name all codecs between them, and a bomb of each sort; `mails()[n]` has the Message-ID `poison<n>`."""
    names = codec_names()
    share = -(-len(names) // (MAILS - 3))
    of_codecs = [_of_codecs(number, names[number * share : (number + 1) * share]) for number in range(MAILS - 3)]
    return [*of_codecs, _nested(len(of_codecs)), _base64(len(of_codecs) + 1), _quoted_printable(len(of_codecs) + 2)]


def _head(number: int, kind: str) -> bytes:
    return HEAD.format(number=number, to=TO).encode() + f"Content-Type: {kind}\r\n".encode()


def _of_codecs(number: int, names: list[str]) -> bytes:
    """A part each: bytes that none of them reads quickly, in words, in a header and in a file's name."""
    share = (SIZE - 2000) // len(names) - 400
    parts = [_part(name, share) for name in names]
    return _head(number, "multipart/mixed; boundary=b") + b"\r\n" + b"".join(parts) + b"--b--\r\n"


def _part(name: str, size: int) -> bytes:
    head = (
        f"--b\r\nSubject: =?{name}?b?YWJjLemJ?=\r\nContent-Type: text/plain; charset={name}; name*={name}''%E9zz\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    lines = base64.encodebytes(b"abc-\xe9" + b"z" * 52) + base64.encodebytes(b"z" * 57) * (size // 78 - 1)
    return head.encode() + lines.replace(b"\n", b"\r\n")


def _nested(number: int) -> bytes:
    """Containers in containers, as deep as five megabytes reach."""
    body = bytearray()
    for layer in count():
        if len(body) >= SIZE - 300:
            break
        body += f"--b{layer}\r\nContent-Type: multipart/mixed; boundary=b{layer + 1}\r\n\r\n".encode()
    return _head(number, "multipart/mixed; boundary=b0") + b"\r\n" + body


def _base64(number: int) -> bytes:
    """One line without an end, padding in between, in a mail inside a mail inside a mail."""
    inner = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" * 12
    return _head(number, "message/rfc822") + b"\r\n" + inner + (b"QUJD=" * (SIZE // 5))[: SIZE - 1500]


def _quoted_printable(number: int) -> bytes:
    """Soft line ends and half escapes, nothing else."""
    head = _head(number, "text/plain; charset=utf-7") + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head + b"".join(_soft_ends(SIZE - len(head)))


def _soft_ends(size: int) -> Iterator[bytes]:
    line = b"=3D=E2=82=" * 7 + b"= \t=\r\n"
    yield from [line] * (size // len(line))
