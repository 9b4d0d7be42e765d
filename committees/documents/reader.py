"""Reads one file from standard input in a process of its own and prints what it found as JSON:

    {"text": ..., "pages": ..., "known": is this kind read at all, "locked": with a password, "still": a PDF without programs}

Started as a script (python -I reader.py <content type>) by committees.documents.reading; the portal imports only `clean` and
`decoded`. The limits come first: what a file can do to us ends with this process. What cannot be read ends it with a
line on standard error.
"""

import codecs
import html
import io
import json
import re
import resource
import sys
import time
import unicodedata
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdf import PdfReader

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 12
ENOUGH_SECONDS = 4  # what was read by then is kept
LETTERS = 300_000
ENTRY_BYTES = 60 * 1024 * 1024  # read of one part of an archive
BOMB_BYTES = 200 * 1024 * 1024

Found = dict[str, object]


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Enough:
    """Says when to stop collecting words: when there are as many characters as we keep, or the time is up."""

    def __init__(self) -> None:
        self.letters, self.until = 0, time.monotonic() + ENOUGH_SECONDS

    def __call__(self, words: str) -> bool:
        self.letters += len(words)
        return self.letters > LETTERS or self.late

    @property
    def late(self) -> bool:
        return time.monotonic() > self.until


# PDF --------------------------------------------------------------------------------------------

# Names of what a viewer would run or send. A name may be spelled with #xx for any letter.
ACTIVE = re.compile(rb"/(JavaScript|Rendition|RichMedia|XFA|Launch|SubmitForm|ImportData)(?![A-Za-z0-9])")
SPELLED = re.compile(rb"#([0-9A-Fa-f]{2})")


NO_TABLE = b"\ntrailer<</Size %d>>\nstartxref\n0\n%%%%EOF\n"  # points to nothing: the objects are looked for one by one


def pdf(raw: bytes) -> Found:
    try:
        reader = opened(raw)
        if reader.is_encrypted and not reader.decrypt(""):
            return {"text": "", "locked": True}
    except NotImplementedError:  # locked to certificates, or by a program of its own
        return {"text": "", "locked": True}
    pages = len(reader.pages)
    return {"text": pdf_words(reader), "pages": pages, "still": is_still(raw, reader)}


def opened(raw: bytes) -> "PdfReader":
    """The PDF; one with a lost end is rebuilt from its objects, as viewers do."""
    from pypdf import PdfReader  # noqa: PLC0415 - only after the limits, only for this kind
    from pypdf.errors import PdfReadError  # noqa: PLC0415

    try:
        return PdfReader(io.BytesIO(raw))
    except PdfReadError:
        return PdfReader(io.BytesIO(raw + NO_TABLE % min(raw.count(b"obj") + 1, 100_000)))


def pdf_words(reader: "PdfReader") -> str:
    """The text by pages. A page that can't be read is left out; raises when no page can."""
    parts, failed, enough = [], None, Enough()
    for page in reader.pages:
        try:
            parts.append(page.extract_text())
        except Exception as error:
            failed = error
            parts.append("")
        if enough(parts[-1]):
            break
    if failed and not any(parts):
        raise failed
    return "\n\n".join(parts)


def is_still(raw: bytes, reader: "PdfReader") -> bool:
    """Whether the PDF has nothing that a viewer would run. False when part of it can't be inspected."""
    plain = spelled_out(raw)
    packed = {stream for stream, _place in reader.xref_objStm.values()}
    if ACTIVE.search(plain) or plain.count(b"/ObjStm") > len(packed):
        return False
    try:
        return not any(ACTIVE.search(spelled_out(unpacked(reader, number))) for number in packed)
    except Exception:
        return False


def unpacked(reader: "PdfReader", number: int) -> bytes:
    from pypdf.generic import StreamObject  # noqa: PLC0415

    stream = reader.get_object(number)
    if not isinstance(stream, StreamObject):
        raise ValueError("No stream stands where the table says.")
    return stream.get_data()


def spelled_out(raw: bytes) -> bytes:
    return SPELLED.sub(lambda match: bytes([int(match[1], 16)]), raw)


# Office -----------------------------------------------------------------------------------------

# Nothing is tried twice (possessive), and a sign that begins no tag is a token too, so that the clock is looked at.
TOKEN = re.compile(r"<(/?+)(?:[\w.-]++:)?+([\w.-]++)[^<>]*+>|([^<]++)|<")
STRAY = 1000  # signs that begin a tag and end none, in a part that is markup
LEFT_OUT = {"annotation", "tracked-changes", "Fallback"}  # comments, what was deleted, and what stands there twice
GAPS = {"tab": " ", "s": " ", "br": "\n", "cr": "\n", "line-break": "\n"}


def packed_words(raw: bytes, parts: str, ends: set[str], within: str = "", between: str = "\n") -> Found:
    """The text of the archive's `parts`, only `within` that element where one is named; what `ends` a paragraph is
    written `between` two."""
    texts, enough = [], Enough()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in sorted((name for name in archive.namelist() if re.fullmatch(parts, name)), key=in_order):
            paragraphs = []
            for words in filter(None, paragraphs_of(entry_of(archive, name), ends, within, enough)):
                paragraphs.append(words)
                if enough(words):
                    break
            texts.append(between.join(paragraphs))
    return {"text": "\n\n".join(filter(None, texts))}


def in_order(name: str) -> tuple[str, int]:
    """A sort key by numbers in the name: slide 10 comes after slide 2."""
    number = re.search(r"(\d+)\.xml$", name)
    return name.rstrip("0123456789.xml"), int(number[1]) if number else 0


def entry_of(archive: zipfile.ZipFile, name: str) -> str:
    if archive.getinfo(name).file_size > BOMB_BYTES:
        raise ValueError("It unpacks to more than we read.")
    with archive.open(name) as entry:
        raw = entry.read(ENTRY_BYTES)
    return decoded(raw) or raw.decode("utf-8", "replace")


def paragraphs_of(markup: str, ends: set[str], within: str, enough: Enough) -> Iterator[str]:
    """The paragraphs of a piece of XML, found by its tags alone, so that malformed XML gives its words too."""
    words: list[str] = []
    inside = outside = 0
    if markup.count("<") > 2 * markup.count(">") + STRAY:
        return
    for number, token in enumerate(TOKEN.finditer(markup)):
        if not number % 10_000 and enough.late:
            break
        closes, name, text = token.groups()
        alone = name is not None and markup.endswith("/>", 0, token.end())
        step = 0 if alone else -1 if closes else 1
        inside += step if name == within else 0
        outside += step if name in LEFT_OUT else 0
        if text and not outside and (inside > 0 or not within):
            words.append(html.unescape(text))
        elif name in GAPS and not closes:
            words.append(GAPS[name])
        elif name in ends and (closes or alone):
            yield one_spaced("".join(words))
            words = []
    yield one_spaced("".join(words))


def one_spaced(words: str) -> str:
    return "\n".join(filter(None, (" ".join(line.split()) for line in words.split("\n"))))


# Text -------------------------------------------------------------------------------------------

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(raw: bytes) -> str | None:
    """The text of a file in any form of Unicode, or in windows-1252; None when it is neither."""
    marked = next((encoding for mark, encoding in MARKS if raw.startswith(mark)), None)
    for encoding in (marked,) if marked else (*unmarked(raw), "utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def unmarked(raw: bytes) -> tuple[str, ...]:
    """The codec of UTF-16 without a byte order mark, if it is that: in Western text nearly all null bytes stand on one
    side.
    """
    head = raw[:4096]
    low, high = head[0::2].count(0), head[1::2].count(0)
    if len(raw) % 2 or max(low, high) < len(head) * 0.35 or min(low, high) > len(head) * 0.02:
        return ()
    return ("utf-16-le",) if high > low else ("utf-16-be",)


def text(raw: bytes) -> Found:
    return {"text": decoded(raw) or raw.decode("cp1252", "replace")}


def clean(words: str) -> str:
    """At most as many characters as we keep: letters, spaces and line ends, without nulls, lone surrogates and
    invisible signs.
    """
    words = words[:LETTERS].replace("\r\n", "\n").replace("\r", "\n")
    return "".join(filter(None, map(kept, words))).strip()


def kept(letter: str) -> str:
    if letter in "\n\t" or letter.isprintable():
        return letter
    return {"Zs": " ", "Zl": "\n", "Zp": "\n"}.get(unicodedata.category(letter), "")


OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
READERS = {
    "application/pdf": pdf,
    OFFICE + "wordprocessingml.document": lambda raw: packed_words(raw, r"word/document\.xml", {"p"}, "t", "\n\n"),
    OFFICE + "spreadsheetml.sheet": lambda raw: packed_words(
        raw, r"xl/sharedStrings\.xml|xl/worksheets/sheet\d+\.xml", {"si", "is"}, "t"
    ),
    OFFICE + "presentationml.presentation": lambda raw: packed_words(raw, r"ppt/slides/slide\d+\.xml", {"p"}, "t"),
    OPEN + "text": lambda raw: packed_words(raw, r"content\.xml", {"p", "h"}),
    OPEN + "spreadsheet": lambda raw: packed_words(raw, r"content\.xml", {"p", "h"}),
    OPEN + "presentation": lambda raw: packed_words(raw, r"content\.xml", {"p", "h"}),
    "text/plain": text,
}


def main() -> None:
    limit()
    found: Found = {"text": "", "pages": None, "known": sys.argv[1] in READERS, "locked": False, "still": False}
    if read := READERS.get(sys.argv[1]):
        found |= read(sys.stdin.buffer.read())
    found["text"] = clean(str(found["text"]))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
