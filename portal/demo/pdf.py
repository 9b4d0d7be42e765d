"""A small PDF writer: text on Letter pages in Helvetica, which every reader has. ISO 32000-1, sections 7.5 and 9.6.2.2.

Papers of the demo are written here so that they are real files to preview, search and download, and nothing more
than the standard library is needed for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap

from portal.demo.manuscript import Block

WIDTH, HEIGHT, MARGIN = 612, 792, 78  # points; Letter
FOOT = 44


@dataclass(frozen=True)
class Style:
    font: str
    size: float
    leading: float
    before: float
    letters: int  # a line holds about so many
    indent: float = 0


STYLES = {
    "title": Style("F2", 24, 30, 0, 34),
    "heading": Style("F2", 13.5, 20, 18, 62),
    "paragraph": Style("F1", 11.5, 18, 9, 84),
    "bullet": Style("F1", 11.5, 18, 5, 79, 18),
}


@dataclass(frozen=True)
class Line:
    font: str
    size: float
    x: float
    y: float
    text: str


def write(blocks: Iterable[Block], title: str, spacing: float = 1) -> tuple[bytes, int]:
    """(the file, its number of pages). `spacing` 2 is what a typist calls double."""
    pages = list(_pages(blocks, spacing))
    return _file(
        title, [_stream(_with_foot(page, title, number, len(pages))) for number, page in enumerate(pages, 1)]
    ), len(pages)


def _pages(blocks: Iterable[Block], spacing: float) -> Iterator[list[Line]]:
    page: list[Line] = []
    y = float(HEIGHT - MARGIN)
    for block in blocks:
        style = STYLES[block.kind]
        leading = style.leading * spacing
        lines = wrap(block.text, style.letters)
        y -= style.before if page else 0
        keep = leading * (3 if block.kind in ("heading", "title") else 1)  # a heading stays with its text
        for number, text in enumerate(lines):
            if y - keep < MARGIN:
                yield page
                page, y = [], float(HEIGHT - MARGIN)
            y -= leading
            mark = "• " if block.kind == "bullet" and number == 0 else ""
            page.append(Line(style.font, style.size, MARGIN + style.indent - (10 if mark else 0), y, mark + text))
    yield page


def _with_foot(page: list[Line], title: str, number: int, count: int) -> list[Line]:
    return [*page, Line("F1", 9, MARGIN, FOOT, f"{title}  ·  page {number} of {count}")]


def _stream(lines: list[Line]) -> bytes:
    shown = [
        f"/{line.font} {line.size:g} Tf 1 0 0 1 {line.x:g} {line.y:g} Tm ".encode() + _string(line.text) + b" Tj"
        for line in lines
    ]
    return b"BT\n" + b"\n".join(shown) + b"\nET"


def _string(text: str) -> bytes:
    """A literal string in the encoding the fonts are declared with; what it lacks becomes a question mark."""
    raw = text.encode("cp1252", "replace")
    for special in (b"\\", b"(", b")"):
        raw = raw.replace(special, b"\\" + special)
    return b"(" + raw + b")"


def _file(title: str, streams: list[bytes]) -> bytes:
    first = 6  # of the pages: 1 catalog, 2 page tree, 3 and 4 fonts, 5 about
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(streams)))
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en-US) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        (font % "Helvetica").encode(),
        (font % "Helvetica-Bold").encode(),
        b"<< /Title " + _string(title) + b" >>",
    ]
    for n, stream in enumerate(streams):
        look = f"/MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {look} /Contents {first + 2 * n + 1} 0 R >>".encode())
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    return _assemble(objects)


def _assemble(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
