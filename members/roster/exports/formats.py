"""The kinds of files. Each is written row by row, so that twenty thousand people take no more memory than one.

No cell computes anything on the machine of who opens it: CSV has an apostrophe before what begins like a formula
(members.web.tables), XLSX says of each text that it is one.
"""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from typing import IO

from icalendar.parser import Contentline
from icalendar.prop import vText
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from members.models import Export
from members.roster.exports.rows import HEADINGS, Row
from members.web.tables import MARK, defused


class Writer(ABC):
    content_type = ""

    def __init__(self, out: IO[bytes]) -> None:
        self.out = out

    @abstractmethod
    def add(self, row: Row) -> None: ...

    @abstractmethod
    def close(self) -> None:
        """Write what is left to write."""


class CsvWriter(Writer):
    content_type = "text/csv; charset=utf-8; header=present"

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__(out)
        self.text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
        self.text.write(MARK)
        self.lines = csv.writer(self.text, lineterminator="\r\n")
        self.lines.writerow(HEADINGS)

    def add(self, row: Row) -> None:
        self.lines.writerow([defused("" if cell is None else cell) for cell in row.cells])

    def close(self) -> None:
        self.text.flush()
        self.text.detach()


class XlsxWriter(Writer):
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__(out)
        self.book = Workbook(write_only=True)
        self.sheet = self.book.create_sheet("Members")
        self.sheet.freeze_panes = "A2"
        self.sheet.append(HEADINGS)

    def add(self, row: Row) -> None:
        self.sheet.append([self._cell(value) for value in row.cells])

    def _cell(self, value: object) -> WriteOnlyCell:
        cell = WriteOnlyCell(self.sheet, value)
        if isinstance(value, str):
            cell.data_type = "s"  # also what begins with an equals sign
        elif not isinstance(value, int) and value is not None:
            cell.number_format = "yyyy-mm-dd"
        return cell

    def close(self) -> None:
        self.book.save(self.out)


class VcardWriter(Writer):
    """vCard 3.0 (RFC 2426), which every address book reads; folded and escaped as calendars are."""

    content_type = "text/vcard; charset=utf-8"

    def add(self, row: Row) -> None:
        given, _space, family = row.name.rpartition(" ")
        name = ";".join([*(_text(part) for part in (family, given)), "", "", ""])
        said = [
            ("BEGIN", "VCARD"),
            ("VERSION", "3.0"),
            ("FN", _text(row.name)),
            ("N", name),
            ("EMAIL", _text(row.email)),
        ]
        said += [("TEL;TYPE=CELL", row.dialed)] if row.dialed else []
        said += [("TITLE", _text(row.office)), ("ORG", _text(row.jurisdiction))] if row.office else []
        said += [("UID", f"member-{row.member_id}"), ("END", "VCARD")]
        for key, value in said:
            self.out.write(Contentline(f"{key}:{value}").to_ical() + b"\r\n")

    def close(self) -> None:
        self.out.flush()


def _text(words: str) -> str:
    return vText(words).to_ical().decode()


WRITERS: dict[str, type[Writer]] = {
    Export.Format.CSV: CsvWriter,
    Export.Format.XLSX: XlsxWriter,
    Export.Format.VCARD: VcardWriter,
}
