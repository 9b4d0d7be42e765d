"""Word and Excel files for the demo's papers, in the fewest parts that ECMA-376 allows."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

from portal.demo.manuscript import Block

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MIME = "application/vnd.openxmlformats-officedocument"
WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SIZES = {"title": 40, "heading": 28, "paragraph": 23, "bullet": 23}  # half points


def word(blocks: Iterable[Block]) -> bytes:
    body = "".join(_paragraph(block) for block in blocks)
    document = f'<w:document xmlns:w="{WORDS}"><w:body>{body}</w:body></w:document>'
    return _package("word/document.xml", f"{MIME}.wordprocessingml.document.main+xml", {"word/document.xml": document})


def _paragraph(block: Block) -> str:
    bold = "<w:b/>" if block.kind in ("title", "heading") else ""
    indent = '<w:ind w:left="360"/>' if block.kind == "bullet" else ""
    text = escape(("• " if block.kind == "bullet" else "") + block.text)
    look = f'<w:rPr>{bold}<w:sz w:val="{SIZES[block.kind]}"/></w:rPr>'
    return f'<w:p><w:pPr><w:spacing w:after="160"/>{indent}</w:pPr><w:r>{look}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def excel(text: str, sheet: str) -> bytes:
    """From comma-separated lines."""
    sheet_name = re.sub(r"[:\\/?*\[\]]", "", sheet)[:31]
    rows = "".join(_row(cells) for cells in csv.reader(io.StringIO(text)))
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{SHEETS}" xmlns:r="{OFFICE}"><sheets><sheet name="{escape(sheet_name)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEETS}"><sheetData>{rows}</sheetData></worksheet>',
    }
    overrides = {"xl/worksheets/sheet1.xml": f"{MIME}.spreadsheetml.worksheet+xml"}
    return _package("xl/workbook.xml", f"{MIME}.spreadsheetml.sheet.main+xml", parts, overrides)


def _row(cells: list[str]) -> str:
    shown = [
        f"<c><v>{cell}</v></c>" if cell.isdecimal() else f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
        for cell in cells
    ]
    return f"<row>{''.join(shown)}</row>"


def _package(main: str, main_type: str, parts: dict[str, str], overrides: dict[str, str] | None = None) -> bytes:
    named = {main: main_type} | (overrides or {})
    listed = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in named.items())
    defaults = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    written = {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}">{defaults}{listed}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{main}"/></Relationships>',
    } | parts
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in written.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), HEAD + content)
    return file.getvalue()
