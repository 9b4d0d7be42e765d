"""Workbooks (xlsx, xlsm, xlsb, xls, ods): their cells as the text that people see, formulas as the value last stored."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree

import python_calamine as calamine

from members.roster.reading.tables import MOST_COLUMNS, MOST_ROWS, Refused, Rows, Span, Table, checked

MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2_000
MOST_SHEETS = 60
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!"})
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINKED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
Cell = str | int | float | bool | date | time | datetime | timedelta


def read(raw: bytes) -> list[Table]:
    """Every sheet that has cells. Raises Refused."""
    hidden = {}
    if raw.startswith(b"PK"):
        hidden = _unpacked_safely(raw)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
        tables = [_table(book, sheet, hidden) for sheet in book.sheets_metadata[:MOST_SHEETS]]
    except calamine.PasswordError:
        raise Refused("encrypted") from None
    except calamine.CalamineError as error:
        raise Refused("encrypted" if "password" in str(error).lower() else "broken") from None
    return [each for each in tables if each and each.rows]


def _table(
    book: calamine.CalamineWorkbook, about: calamine.SheetMetadata, hidden: dict[str, frozenset[int]]
) -> Table | None:
    if about.typ != calamine.SheetTypeEnum.WorkSheet:
        return None
    sheet = book.get_sheet_by_name(about.name)
    if sheet.total_height > 1_048_576 or sheet.width > 4 * MOST_COLUMNS:
        raise Refused("wide")
    rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS + 1)]
    merged = [(first[0], first[1], last[0], last[1]) for first, last in sheet.merged_cell_ranges or []]
    return Table(
        about.name,
        checked(_filled_down(rows, merged)),
        is_hidden=about.visible != calamine.SheetVisibleEnum.Visible,
        hidden=hidden.get(about.name, frozenset()),
        merged=merged,
    )


def _filled_down(rows: Rows, merged: list[Span]) -> Rows:
    """What is written once beside several rows is said of each of them."""
    for top, left, bottom, right in merged:
        if left != right or top >= len(rows) or left >= len(rows[top]):
            continue
        for row in rows[top + 1 : min(bottom, MOST_ROWS) + 1]:
            if any(row) and left < len(row):
                row[left] = rows[top][left]
    return rows


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return "" if cell in ERRORS else cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    return str(cell)


# What calamine does not tell ----------------------------------------------------------------------------------------------


def _unpacked_safely(raw: bytes) -> dict[str, frozenset[int]]:
    """The columns that each sheet of an xlsx hides, by its name. Raises Refused for what unpacks to more than a list."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(raw))
    except zipfile.BadZipFile:
        raise Refused("broken") from None
    parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused("large")
    names = {part.filename for part in parts}
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise Refused(_what_else(names))
    try:
        return {name: _hidden(packed, path) for name, path in _paths(packed).items() if path in names}
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile, ValueError):
        return {}


def _what_else(names: set[str]) -> str:
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        return "document"
    return "numbers" if any(name.endswith(".iwa") for name in names) else "archive"


def _paths(packed: zipfile.ZipFile) -> dict[str, str]:
    if "xl/workbook.xml" not in packed.namelist():
        return {}
    links = ElementTree.fromstring(packed.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - in a child with limits
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = ElementTree.fromstring(packed.read("xl/workbook.xml")).iter(f"{MAIN}sheet")  # noqa: S314
    paths = {sheet.get("name", ""): targets.get(sheet.get(LINKED), "") for sheet in sheets}
    return {name: path.removeprefix("/") if path.startswith("/") else f"xl/{path}" for name, path in paths.items()}


def _hidden(packed: zipfile.ZipFile, path: str) -> frozenset[int]:
    """The columns stand before the rows, so that the start of the sheet tells."""
    with packed.open(path) as part:
        head = part.read(64 * 1024).partition(b"<sheetData")[0]
    found: set[int] = set()
    for col in re.findall(rb"<(?:\w+:)?col\b[^>]*>", head):
        said = dict(re.findall(rb'(\w+)="([^"]*)"', col))
        if said.get(b"hidden") in (b"1", b"true"):
            found.update(range(int(said[b"min"]) - 1, min(int(said[b"max"]), MOST_COLUMNS)))
    return frozenset(found)
