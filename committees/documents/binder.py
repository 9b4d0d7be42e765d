"""Makes one PDF of several, in a process of its own:

    python -I binder.py pages <made>    the pages of the PDF on standard input, and nothing else of it
    python -I binder.py bind <made>     the files named in the JSON on standard input, with page numbers and bookmarks

Started as a script by committees.documents.binding, which imports only its exit statuses. Limits are set before a file
is opened, so a harmful one ends this process alone. What it made is written to `made`; how many pages, to standard output.
"""

import json
import math
import resource
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader, PdfWriter
    from pypdf.generic import DictionaryObject

MEMORY = 768 * 1024 * 1024
CPU_SECONDS = {"pages": 20, "bind": 40}
MADE_BYTES = 128 * 1024 * 1024
MOST_PAGES = 500  # of one paper
LOCKED, TOO_MANY, ACTIVE = 3, 4, 5

OF_A_PAGE = {"/Type", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group", "/Annots"}
WEB = ("http://", "https://", "mailto:")
SIDES = (3, 14_400)  # points: what viewers open
HIDDEN = 0b100010  # flags of an annotation: hidden, or not on a screen
SIZE, MARGIN, LETTER_WIDTH = 9, 14, 0.52  # of a page number, in points and parts of its size


def limit(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MADE_BYTES, MADE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# The pages of a paper ---------------------------------------------------------------------------


def pages(raw: bytes, made: str) -> int:
    from pypdf import PdfWriter  # noqa: PLC0415 - only after the limits

    reading = _reading()
    reader, writer = _opened(reading, raw), PdfWriter()
    for number, page in enumerate(reader.pages, 1):
        if number > MOST_PAGES:
            sys.exit(TOO_MANY)
        writer.add_page(bare(page))
    if not writer.pages:
        raise ValueError("It has no page.")
    writer.metadata = None
    with open(made, "wb") as file:
        writer.write(file)
    written = Path(made).read_bytes()
    if not reading.is_still(written, reading.opened(written)):
        sys.exit(ACTIVE)
    return len(writer.pages)


def _reading() -> Any:
    """The reader's module beside this one: a script that is started apart finds no package."""
    spec = spec_from_file_location("reader", Path(__file__).with_name("reader.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _opened(reading: Any, raw: bytes) -> "PdfReader":
    try:
        reader: PdfReader = reading.opened(raw)
        if reader.is_encrypted and not reader.decrypt(""):
            sys.exit(LOCKED)
    except NotImplementedError:  # locked to certificates, or by a program of its own
        sys.exit(LOCKED)
    return reader


def _at(within: Any, name: str, otherwise: Any) -> Any:
    """What stands under a name, wherever it refers to: `get` would give the reference."""
    from pypdf.generic import NullObject  # noqa: PLC0415

    found = within[name] if name in within else otherwise  # noqa: SIM401
    return otherwise if isinstance(found, NullObject) else found


def bare(page: "PageObject") -> "PageObject":
    """What one sees of the page, and its links to the web: no actions, forms, notes, metadata."""
    from pypdf.generic import ArrayObject, NameObject  # noqa: PLC0415

    for name in [name for name in page if name not in OF_A_PAGE]:
        del page[name]
    kept = [made for each in _at(page, "/Annots", ()) if (made := _bare_annotation(each.get_object()))]
    page[NameObject("/Annots")] = ArrayObject(kept)
    width, height = float(page.cropbox.width), float(page.cropbox.height)
    if not all(math.isfinite(side) and SIDES[0] <= side <= SIDES[1] for side in (width, height)):
        raise ValueError("A page has no size.")
    return page


def _bare_annotation(given: Any) -> "DictionaryObject | None":
    """A link to the web as a link; of anything else only how it looks, as what was typed into a form."""
    from pypdf.generic import DictionaryObject, FloatObject, NameObject, NumberObject, TextStringObject  # noqa: PLC0415

    if not isinstance(given, DictionaryObject) or "/Rect" not in given or int(given.get("/F", 0)) & HIDDEN:
        return None
    made = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Rect"): given["/Rect"]})
    if given.get("/Subtype") == "/Link":
        address = str(_at(_at(given, "/A", {}), "/URI", ""))
        if not address.startswith(WEB):
            return None
        to = {"/S": NameObject("/URI"), "/URI": TextStringObject(address)}
        made[NameObject("/Subtype")] = NameObject("/Link")
        made[NameObject("/A")] = DictionaryObject({NameObject(name): value for name, value in to.items()})
        made[NameObject("/BS")] = DictionaryObject({NameObject("/W"): FloatObject(0)})
        return made
    looks = _appearance(given)
    if looks is None or given.get("/Subtype") == "/Popup":
        return None
    made[NameObject("/Subtype")] = NameObject("/Stamp")
    made[NameObject("/F")] = NumberObject(4)  # it is printed
    made[NameObject("/AP")] = DictionaryObject({NameObject("/N"): looks})
    return made


def _appearance(given: "DictionaryObject") -> Any:
    """The drawing of an annotation as it is now, of a box that is ticked or not the one that counts; None without any."""
    from pypdf.generic import DictionaryObject, StreamObject  # noqa: PLC0415

    drawn = _at(_at(given, "/AP", {}), "/N", None)
    if isinstance(drawn, DictionaryObject) and not isinstance(drawn, StreamObject):
        drawn = _at(drawn, _at(given, "/AS", ""), None)
    return getattr(drawn, "indirect_reference", None) or drawn if isinstance(drawn, StreamObject) else None


# One of several ---------------------------------------------------------------------------------


def bind(wanted: dict[str, Any], made: str) -> int:
    """`files` in their order; `title`, `author`, `lang`; `label` ("%(n)s / %(all)s"); `bookmarks` as
    {"title", "page" (from 1), "within": the bookmark, by its place in the list, that it belongs to}.
    """
    from pypdf import PdfWriter  # noqa: PLC0415
    from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject  # noqa: PLC0415

    writer = PdfWriter()
    for path in wanted["files"]:
        writer.append(path, import_outline=False)
    _number(writer, wanted["label"])
    known: list[Any] = []
    for each in wanted["bookmarks"]:
        within = known[each["within"]] if each.get("within") is not None else None
        known.append(writer.add_outline_item(title=each["title"], page_number=each["page"] - 1, parent=within))
    writer.metadata = {"/Title": wanted["title"], "/Author": wanted["author"]}
    root = writer.root_object
    root[NameObject("/Lang")] = TextStringObject(wanted["lang"])
    root[NameObject("/PageMode")] = NameObject("/UseOutlines")
    shown = {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    root[NameObject("/ViewerPreferences")] = DictionaryObject(shown)
    with open(made, "wb") as file:
        writer.write(file)
    return len(writer.pages)


def _number(writer: "PdfWriter", label: str) -> None:
    from pypdf.generic import DictionaryObject, NameObject, StreamObject  # noqa: PLC0415

    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    letters = writer._add_object(
        DictionaryObject({NameObject(name): NameObject(value) for name, value in font.items()})
    )
    before = StreamObject()
    before.set_data(b"q\n")
    opening = writer._add_object(before)
    for number, page in enumerate(writer.pages, 1):
        after = StreamObject()
        after.set_data(b"\nQ\n" + _label(label % {"n": number, "all": len(writer.pages)}, page))
        _draw(page, opening, writer._add_object(after), letters)


def _draw(page: "PageObject", opening: Any, closing: Any, letters: Any) -> None:
    """Around what the page draws, which is not opened for it: a page may draw for megabytes."""
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject  # noqa: PLC0415

    drawn = page.raw_get("/Contents") if "/Contents" in page else ArrayObject()
    parts = drawn.get_object()
    middle = list(parts) if isinstance(parts, ArrayObject) else [drawn]
    page[NameObject("/Contents")] = ArrayObject([opening, *middle, closing])
    # Pages may share their resources, and one may have none: each gets a dictionary with the font in it.
    resources = DictionaryObject(_at(page, "/Resources", {}))
    fonts = DictionaryObject(_at(resources, "/Font", {}))
    fonts[NameObject("/OfPageNumbers")] = letters
    resources[NameObject("/Font")] = fonts
    page[NameObject("/Resources")] = resources


def _label(words: str, page: "PageObject") -> bytes:
    """Drawn on white in the lower right corner as one sees the page, which may be turned."""
    box = page.cropbox
    left, bottom, right, top = (float(side) for side in (box.left, box.bottom, box.right, box.top))
    width = len(words) * SIZE * LETTER_WIDTH
    away = MARGIN + width
    turn = {
        0: (1, 0, 0, 1, right - away, bottom + MARGIN),
        90: (0, 1, -1, 0, right - MARGIN, top - away),
        180: (-1, 0, 0, -1, left + away, top - MARGIN),
        270: (0, -1, 1, 0, left + MARGIN, bottom + away),
    }[page.rotation % 360 // 90 * 90]
    place = " ".join(f"{each:.2f}" for each in turn)
    text = words.encode("cp1252", "replace").hex()
    paper = f"1 g -3 -3 {width + 6:.2f} {SIZE + 5} re f"
    return f"q {place} cm {paper} 0.2 g BT /OfPageNumbers {SIZE} Tf <{text}> Tj ET Q\n".encode()


def main() -> None:
    act, made = sys.argv[1:3]
    limit(CPU_SECONDS[act])
    raw = sys.stdin.buffer.read()
    count = pages(raw, made) if act == "pages" else bind(json.loads(raw), made)
    print(json.dumps({"pages": count}))


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {error}")
