"""What kind of file it is by what it begins with, never by its name; its list as plain data. Runs in the child."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from members.roster.reading import headings, texts, workbooks
from members.roster.reading.tables import LONGEST, MOST_COLUMNS, MOST_ROWS, Refused, Table, checked

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # xls, and every encrypted workbook
ELSE = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"RIFF", "picture"),
    (b"{\\rtf", "document"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
    (b"BEGIN:VCARD", "cards"),
    (b"SQLite format", "other"),
    (b"\x7fELF", "other"),
    (b"MZ", "other"),
)
HTML = re.compile(rb"<(?:!doctype html|html|table|meta|head|body)\b", re.IGNORECASE)


def sheet_of(raw: bytes) -> dict[str, Any]:
    """The list in a file, as `Sheet` has it. Raises Refused."""
    tables = _tables(raw)
    if not tables:
        raise Refused("empty")
    table = headings.chosen(tables)
    layout = headings.layout_of(table)
    lines = [(at + 1, row, at in table.torn) for at, row in enumerate(table.rows) if at > layout.row]
    if not any(row for _number, row, _torn in lines):
        raise Refused("only_headings")
    return {
        "name": table.name,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "heading_row": layout.row + 1,
        "headings": layout.headings,
        "lines": lines,
        "hidden": sorted(table.hidden),
        "other_sheets": [each.name for each in tables if each is not table and not each.is_hidden],
    }


def _tables(raw: bytes) -> list[Table]:
    if not raw.strip(b"\0 \t\r\n"):
        raise Refused("empty")
    begun = raw.lstrip(b"\xef\xbb\xbf \r\n\t")[:16]
    if raw.startswith((b"PK\x03\x04", COMPOUND)):
        return workbooks.read(raw)
    if raw[4:8] == b"ftyp":
        raise Refused("picture")
    for beginning, reason in ELSE:
        if begun.startswith(beginning) and not (reason == "other" and raw[:2000].isascii() and b"\0" not in raw[:2000]):
            raise Refused(reason)
    if begun.startswith(b"<") and HTML.search(raw[:2000]):
        return _of_page(raw)
    if begun.startswith(b"<?xml"):
        raise Refused("xml")
    if begun.startswith((b"{", b"[")) and b'":' in raw[:2000]:
        raise Refused("json")
    return [texts.read(raw)]


# A page named .xls, as some programs export ---------------------------------------------------------------------------


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_cell()
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self._end_cell()
            self.tables[-1].append([])
            if len(self.tables[-1]) > MOST_ROWS:
                raise Refused("long")
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self._end_cell()
            span = dict(attrs).get("colspan") or "1"
            self._cell, self._span = [], min(int(span), MOST_COLUMNS) if span.isdecimal() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None and self.tables and self.tables[-1]:
            text = "\n".join(" ".join(each.split()) for each in "".join(self._cell).split("\n"))
            self.tables[-1][-1].extend([text[:LONGEST], *[""] * (self._span - 1)])
        self._cell, self._span = None, 1


def _of_page(raw: bytes) -> list[Table]:
    text, encoding = texts.decoded(raw)
    page = _Page()
    page.feed(text)
    page.close()
    return [Table("", checked(rows), encoding) for rows in page.tables if rows]
