"""Text parted by commas, semicolons, tabs or bars, in whatever encoding, whatever its name ends in."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from members.roster.reading.tables import Refused, Rows, Table, checked

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
PAGES = ("cp1252", "mac_roman", "cp437")  # of Windows, old Macs and DOS; the first where they are equally likely
USUAL = set("áéíóúñüçãõâêôàèäöëïîøåÁÉÍÓÚÑÜÇÀÈÖÄØÅ")
DELIMITERS = ",;\t|"
SAMPLE = 300  # rows
LONGEST_RECORD = 60  # lines of one row; more are a quotation mark that nobody closed
STRAY_SHARE = 0.1  # of all rows may be too short; where more are, the file leaves empty cells out
SEPARATOR = re.compile(r'^"?sep=(.)"?\r?\n', re.IGNORECASE)


def read(raw: bytes) -> Table:
    """The one table in a text. Raises Refused."""
    text, encoding = decoded(raw)
    if not text.strip("\0 \t\r\n,;|\ufeff"):
        raise Refused("empty")
    said = SEPARATOR.match(text)
    if said:
        text = text[said.end() :]
    delimiter = said[1] if said else _delimiter(text)
    rows = list(_records(text, delimiter))
    torn = _torn(rows)
    return Table("", checked(rows), encoding, delimiter, torn=torn)


# Encodings --------------------------------------------------------------------------------------------------------------


def decoded(raw: bytes) -> tuple[str, str]:
    """(the text, the name of its encoding). Nothing is refused: what no encoding explains becomes U+FFFD."""
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "replace"), encoding
    wide = _wide(raw)
    if wide:
        return raw.decode(wide, "replace"), wide
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _of_code_page(raw)


def _wide(raw: bytes) -> str:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    sample = raw[:4000]
    if len(sample) < 4:
        return ""
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = sample[offset::2]
        if half.count(0) > 0.7 * len(half) and sample.count(0) < 0.7 * len(sample):
            return encoding
    return ""


def _of_code_page(raw: bytes) -> tuple[str, str]:
    """One of the old code pages, or UTF-8 into which lines of one were pasted."""
    page = max(PAGES, key=lambda each: (_likelihood(raw, each), -PAGES.index(each)))
    lines = raw.splitlines(keepends=True)
    read, is_mixed = [], False
    for each in lines:
        try:
            read.append(each.decode("utf-8"))
            is_mixed |= not each.isascii()
        except UnicodeDecodeError:
            read.append(_in_page(each, page))
    return ("".join(read), "utf-8") if is_mixed else (_in_page(raw, page), page)


def _in_page(raw: bytes, page: str) -> str:
    """Five bytes mean nothing in cp1252; Windows takes them as the controls of Latin-1."""
    return "".join(_sign(bytes([each]), page) for each in raw) if page == "cp1252" else raw.decode(page, "replace")


def _sign(byte: bytes, page: str) -> str:
    return byte.decode(page) if byte not in b"\x81\x8d\x8f\x90\x9d" else byte.decode("latin-1")


def _likelihood(raw: bytes, page: str) -> int:
    """How many signs beyond ASCII make sense beside their neighbors, less those that make none."""
    points = 0
    for found in re.finditer(rb"[\x00-\x7f]?[\x80-\xff][\x00-\x7f]{0,2}", raw[:2_000_000]):
        text = found[0].decode(page, "replace")
        at = next((place for place, sign in enumerate(text) if not sign.isascii()), 0)
        points += _sense(text[:at], text[at : at + 1], text[at + 1 :])
    return points


def _sense(before: str, sign: str, after: str) -> int:
    is_within = before.isalpha() and after[:1].isalpha()
    if sign in USUAL:
        if sign.isupper() and not before.isalpha() and (after[:1].isalpha() or after[:1] == "."):
            return 4
        is_between_capitals = before.isupper() and after[:1].isupper()
        if not (before.isalpha() or after[:1].isalpha()):
            return -1
        return -1 if sign.islower() == is_between_capitals else -1 if sign.isupper() and before.islower() else 3
    if sign in "‘’":
        is_of_a_name_or_genitive = after[:1].isupper() or re.match(r"[sS](?![a-zA-Z])", after)
        return 4 if is_within and is_of_a_name_or_genitive else 2 if is_within else 1
    if sign in "“”–—…•\xa0®©™°":
        return -1 if is_within else 1
    return -2


# Delimiters and quotation marks ------------------------------------------------------------------------------------------


def _delimiter(text: str) -> str:
    """The one that parts most rows into equally many cells."""
    head = "".join(text.splitlines(keepends=True)[: SAMPLE * 3])
    return max(DELIMITERS, key=lambda each: (_evenness(head, each), -DELIMITERS.index(each)))


def _evenness(text: str, delimiter: str) -> float:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    widths: Counter[int] = Counter()
    try:
        for at, row in enumerate(rows):
            if at == SAMPLE:
                break
            if any(row):
                widths[len(row)] += 1
    except csv.Error:
        return 0
    if not widths:
        return 0
    width, count = max(widths.items(), key=lambda item: (item[0] - 1) * item[1])
    return (width - 1) * count / sum(widths.values())


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows, an empty one for an empty line. A quotation mark that is never closed does not swallow the rows below."""
    csv.field_size_limit(max(len(text), 131_072))
    lines = list(io.StringIO(text, newline=""))
    escape = "\\" if '\\"' in text and '""' not in text else None
    width = _usual_width(_parsed(lines[: SAMPLE * 3], delimiter, escape))
    start = 0
    while start < len(lines):
        reader = csv.reader(lines[start:], delimiter=delimiter, escapechar=escape)
        done = 0
        for row in reader:
            if reader.line_num - done > 1 and _swallowed(
                row, lines[start + done + 1 : start + reader.line_num], delimiter, width
            ):
                break
            yield row
            done = reader.line_num
        else:
            return
        yield next(csv.reader([lines[start + done]], delimiter=delimiter, quoting=csv.QUOTE_NONE))
        start += done + 1


def _parsed(lines: list[str], delimiter: str, escape: str | None) -> Rows:
    return [row for row in csv.reader(lines, delimiter=delimiter, escapechar=escape) if row]


def _usual_width(rows: Rows) -> int:
    widths = Counter(len(row) for row in rows if any(cell.strip() for cell in row))
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _swallowed(row: list[str], lines: list[str], delimiter: str, width: int) -> bool:
    """Whether a row of several lines holds others: it is of another width than they are, and one line of it is as wide."""
    if len(lines) > LONGEST_RECORD:
        return True
    if len(row) == width or width < 2:
        return False
    return any(len(next(csv.reader([line], delimiter=delimiter), [])) == width for line in lines)


def _torn(rows: Rows) -> frozenset[int]:
    """The rows with a cell too many, and where nearly all are equally wide those with one too few."""
    full = [at for at, row in enumerate(rows) if sum(bool(cell.strip()) for cell in row) > 1]
    width = _usual_width([rows[at] for at in full])
    if width < 3:
        return frozenset()
    long = {at for at in full if any(cell.strip() for cell in rows[at][width:])}
    short = {at for at in full if len(rows[at]) < width}
    return frozenset(long | short if len(short) <= max(2, STRAY_SHARE * len(full)) else long)
