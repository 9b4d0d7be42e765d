"""One PDF of several: what a stranger put into one does nothing in it, and nothing to us."""

import contextlib
import io
import re
from types import SimpleNamespace

import pypdf
import pytest
from pypdf.annotations import FreeText, Link
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, StreamObject, TextStringObject

from committees.documents import binder, binding
from committees.documents.reader import is_still, opened
from committees.documents.uploads import PDF
from tests.committees.test_poison import PAGE, POISON, ROOT, pdf_of
from tests.committees.test_reading import PDF_WITH_WORDS, pdf_saying


def written(writer):
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def turned(*turns):
    writer = pypdf.PdfWriter()
    for turn in turns:
        writer.add_blank_page(612, 792).rotate(turn)
    return written(writer)


def locked(password):
    writer = pypdf.PdfWriter(io.BytesIO(PDF_WITH_WORDS))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    return written(writer)


def form():
    """A page with a filled-in field, a ticked box, a link, a script in a link, and one that starts by itself."""
    writer = pypdf.PdfWriter(io.BytesIO(PDF_WITH_WORDS))
    writer.add_annotation(0, Link(rect=(50, 50, 90, 80), url="https://example.org/report"))
    writer.add_annotation(0, Link(rect=(50, 90, 90, 99), url="javascript:alert(1)"))
    writer.add_annotation(0, FreeText(text="no drawing of its own", rect=(5, 5, 9, 9)))
    drawing = StreamObject()
    drawing.set_data(b"BT (Typed) Tj ET")
    drawing[NameObject("/BBox")] = ArrayObject([FloatObject(0)] * 4)
    looks = writer._add_object(drawing)
    rect = ArrayObject([FloatObject(side) for side in (1, 2, 30, 40)])
    for drawn, state in ((looks, None), (DictionaryObject({NameObject("/Yes"): looks}), "/Yes")):
        field = DictionaryObject({NameObject("/Subtype"): NameObject("/Widget"), NameObject("/Rect"): rect})
        field[NameObject("/AP")] = DictionaryObject({NameObject("/N"): drawn})
        if state:
            field[NameObject("/AS")] = NameObject(state)
        field[NameObject("/AA")] = DictionaryObject({NameObject("/S"): NameObject("/JavaScript")})
        writer.pages[0]["/Annots"].append(writer._add_object(field))
    script = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert(1)")}
    starts = DictionaryObject({NameObject(name): value for name, value in script.items()})
    writer.root_object[NameObject("/OpenAction")] = starts
    writer.add_metadata({"/Author": "A. Secretary"})
    return written(writer)


@pytest.fixture
def pages(tmp_path):
    def made_of(raw):
        (tmp_path / "given").write_bytes(raw)
        with (tmp_path / "given").open("rb") as paper:
            return binding.pages(paper, tmp_path / "made.pdf")

    made_of.file = tmp_path / "made.pdf"
    return made_of


def test_of_a_paper_its_pages_are_left(pages):
    assert pages(form()) == 1
    raw = pages.file.read_bytes()
    found = opened(raw)
    assert is_still(raw, found) and b"JavaScript" not in raw and b"Secretary" not in raw
    assert "Fair workweek" in found.pages[0].extract_text()
    notes = [note.get_object() for note in found.pages[0]["/Annots"]]
    assert [note["/Subtype"] for note in notes] == ["/Link", "/Stamp", "/Stamp"]
    assert notes[0]["/A"]["/URI"] == "https://example.org/report"
    assert all("/AA" not in note and note["/AP"]["/N"].get_data() == b"BT (Typed) Tj ET" for note in notes[1:])
    assert set(found.trailer["/Root"]) <= {"/Type", "/Pages"}


REFUSED = {
    "locked": (lambda: locked("secret"), "It is locked with a password."),
    "no PDF": (lambda: b"%PDF-1.4 and no more", "It could not be read. It may be damaged."),
    "no pages": (lambda: pdf_of(ROOT, b"<</Type/Pages/Count 0/Kids[]>>"), "It could not be read. It may be damaged."),
    "501 pages": (lambda: turned(*[0] * 501), "It has more than 500 pages."),
    "no size": (
        lambda: pdf_of(ROOT, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE.replace(b"612 792", b"0 0")),
        "It could not be read. It may be damaged.",
    ),
    "a script as what it draws with": (
        lambda: pdf_of(
            ROOT,
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            PAGE[:-2] + b"/Resources<</X<</S/JavaScript/JS(app.alert(1))>>>>>>",
        ),
        "It runs a program of its own.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_taken_says_why(pages, name):
    make, why = REFUSED[name]
    with pytest.raises(binding.Unbound) as refused:
        pages(make())
    assert str(refused.value) == why and not pages.file.exists()


def test_one_that_is_locked_with_nothing_is_opened(pages):
    assert pages(locked("")) == 1


@pytest.mark.parametrize("name", [name for name, (_make, kind) in POISON.items() if kind == PDF])
def test_poison_ends_one_child(pages, name):
    """Taken or refused, and never more of it than a book may hold."""
    taken = 0
    with contextlib.suppress(binding.Unbound):
        taken = pages(POISON[name][0]())
    assert taken <= binder.MOST_PAGES and pages.file.exists() == bool(taken)


def test_a_child_that_is_killed_and_one_that_hangs_are_refusals(pages, monkeypatch, tmp_path):
    script = tmp_path / "binder.py"
    script.write_text("import os, sys, time\nos.kill(os.getpid(), 9) if sys.stdin.read() == 'kill' else time.sleep(60)")
    monkeypatch.setattr(binding, "BINDER", script)
    monkeypatch.setattr(binding, "PAGES_SECONDS", 0.5)
    for said in (b"kill", b"hang"):
        with pytest.raises(binding.Unbound, match="could not be read"):
            pages(said)


def test_bound_pages_are_numbered_and_marked(tmp_path):
    for name, raw in (("a", pdf_saying("Bus map")), ("b", turned(0, 90, 180, 270))):
        (tmp_path / name).write_bytes(raw)
    wanted = {"files": [str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "a")], "label": "%(n)s of %(all)s"}
    wanted |= {"title": "Fair wörkweek", "author": "Labor", "lang": "en"}
    wanted["bookmarks"] = [{"title": "Agenda", "page": 1}, {"title": "1. Buses", "page": 2}]
    wanted["bookmarks"] += [{"title": "Bus map", "page": 6, "within": 1}]
    assert binding.bind(wanted, tmp_path / "made.pdf") == 6
    found = pypdf.PdfReader(tmp_path / "made.pdf")
    assert [re.findall(r"\d of 6", page.extract_text()) for page in found.pages] == [[f"{n} of 6"] for n in range(1, 7)]
    assert all("Bus map" in found.pages[n].extract_text() for n in (0, 5))
    agenda, buses, within = found.outline
    assert [found.get_destination_page_number(each) for each in (agenda, buses, within[0])] == [0, 1, 5]
    assert (found.metadata.title, found.metadata.author) == ("Fair wörkweek", "Labor")


@pytest.mark.parametrize(("turn", "ahead", "corner"), [(0, (1, 0), "right bottom"), (90, (0, 1), "right top"), (180, (-1, 0), "left top"), (270, (0, -1), "left bottom")])  # fmt: skip
def test_a_number_stands_upright_in_the_lower_right_as_the_page_is_seen(turn, ahead, corner):
    box = SimpleNamespace(left=100, bottom=200, right=712, top=992)
    drawn = binder._label("3 of 6", SimpleNamespace(cropbox=box, rotation=turn)).decode()
    a, b, _c, _d, x, y = map(float, drawn.removeprefix("q ").partition(" cm")[0].split())
    assert (a, b) == ahead
    beside, over = corner.split()
    assert abs(x - getattr(box, beside)) < 60 and abs(y - getattr(box, over)) < 60
    assert box.left < x < box.right and box.bottom < y < box.top
