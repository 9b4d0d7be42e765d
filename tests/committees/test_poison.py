"""One bad paper stops nothing: it is given up after three tries with its reason, and the next one is read."""

import io
import subprocess
import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError
from django.db.models import F
from django.urls import reverse

from committees.documents import reading, uploads
from committees.documents.uploads import DOCX, PDF, TEXT, XLSX
from committees.models import Document, DocumentVersion
from members.models import AuditEntry
from tests.committees.test_reading import PDF_WITH_WORDS, version
from tests.committees.test_uploads import archive

__all__ = ["version"]

ROOT, PAGE = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>"


def pdf_of(*objects, trailer=b"/Root 1 0 R"):
    made, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return made + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        trailer,
        len(made),
    )


def pages_claimed(count):
    return pdf_of(ROOT, b"<</Type/Pages/Count %d/Kids[3 0 R]>>" % count, PAGE)


def forty_thousand_pages():
    return pdf_of(ROOT, b"<</Type/Pages/Count 40000/Kids[%s]>>" % (b"3 0 R " * 40_000), PAGE)


def looping_pages():
    return pdf_of(ROOT, b"<</Type/Pages/Count 2/Kids[2 0 R 3 0 R]>>", PAGE)


def nested_arrays():
    return pdf_of(ROOT, b"<</Type/Pages/Count 1/Kids[3 0 R]/X %s%s>>" % (b"[" * 50_000, b"]" * 50_000), PAGE)


def distinct_words():
    """More than a tsvector holds, though no more letters than we keep."""
    words = (chr(0x4E00 + n % 20_000) + chr(0x4E00 + n // 7) + chr(0x5000 + n // 20_000) for n in range(80_000))
    return " ".join(words).encode()


def bomb():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", "<Types/>")
        out.writestr("word/document.xml", b"<w:p>" * (12 * 1024 * 1024))
    return made.getvalue()


def million_strings():
    strings = "<sst>" + "".join(f"<si><t>s{number}</t></si>" for number in range(1_000_000))
    return archive(**{"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "", "xl/sharedStrings.xml": strings})


POISON = {
    "40,000 pages": (forty_thousand_pages, PDF),
    "negative pages": (lambda: pages_claimed(-5), PDF),
    "2^70 pages": (lambda: pages_claimed(2**70), PDF),
    "pages in a loop": (looping_pages, PDF),
    "arrays in arrays": (nested_arrays, PDF),
    "a date in 99999": (lambda: pdf_of(ROOT, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE, b"<</CreationDate(D:99999)>>", trailer=b"/Root 1 0 R/Info 4 0 R"), PDF),
    "distinct words": (distinct_words, TEXT),
    "one word": (lambda: b"x" * 20_000_000, TEXT),
    "half characters": (lambda: "ok".encode("utf-16") + b"\x00\xd8" * 9, TEXT),
    "a bomb": (bomb, DOCX),
    "a million strings": (million_strings, XLSX),
}  # fmt: skip


def sweep(times=1):
    """The sweeps of the next minutes."""
    for _time in range(times):
        reading.read_missing()
        DocumentVersion.objects.filter(read_at=None).update(next_try_at=F("next_try_at") - timedelta(minutes=10))


@pytest.mark.parametrize("name", POISON)
def test_the_next_paper_is_read(version, name):
    make, kind = POISON[name]
    poison, following = version(make(), kind), version(b"Every tenant gets a lawyer.", TEXT)
    reading.read_missing()
    poison.refresh_from_db()
    following.refresh_from_db()
    assert (following.text, following.finding) == ("Every tenant gets a lawyer.", "words")
    assert poison.finding or poison.reason, "neither read nor counted"


@pytest.mark.parametrize(("claimed", "kept", "said"), [(40_000, 32_767, "more than 32,000 pages"), (3, 3, "3 pages"), (-1, None, ""), (2**70, 32_767, "more than 32,000 pages"), ("7", None, "")])  # fmt: skip
def test_a_claim_about_pages_is_cut_to_what_the_column_holds(version, monkeypatch, claimed, kept, said):
    paper = version(b"x", PDF)
    found = {"text": "", "pages": claimed, "known": True, "locked": False, "still": True}
    monkeypatch.setattr(reading, "extract", lambda _version: found)
    assert reading.read(paper.pk)
    paper.refresh_from_db()
    assert (paper.pages, paper.extent, paper.finding) == (kept, said, "no_words")


def test_of_more_words_than_an_index_holds_the_first_are_found(version, mo):
    paper = version(distinct_words(), TEXT)
    reading.read_missing()
    paper.refresh_from_db()
    assert 100_000 < len(paper.text) < 300_000 and paper.word_count > 70_000
    assert Document.objects.matching(paper.text.split()[5]).get() == paper.document


FAULTS = {
    "the file is gone": (FileNotFoundError("documents/aa/1"), "The file is gone from the disk."),
    "the child was killed": (subprocess.CalledProcessError(-9, "reader"), "The program that read it was stopped: it took too long, or too much memory."),
    "it took too long": (subprocess.TimeoutExpired("reader", 15), "Reading it took too long."),
    "it said why": (subprocess.CalledProcessError(1, "reader", stderr=b"trace\nPdfReadError: EOF\0 \xff\n"), "It seems to be damaged: PdfReadError: EOF �"),
    "the database says no": (DataError("smallint out of range"), "smallint out of range"),
    "nonsense came back": (KeyError("text"), "'text'"),
    "a fault of ours": (RuntimeError(), "RuntimeError"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_fails_three_times_is_given_up_with_its_reason(version, monkeypatch, name):
    fault, said = FAULTS[name]
    poison, following = version(b"x", TEXT), version(b"Fair workweek", TEXT)
    extract = reading.extract

    def broken(paper):
        if paper.pk == poison.pk:
            raise fault
        return extract(paper)

    monkeypatch.setattr(reading, "extract", broken)
    for tries in (1, 2):
        sweep()
        poison.refresh_from_db()
        assert (poison.tries, poison.read_at, poison.reason) == (tries, None, said)
    sweep(3)
    poison.refresh_from_db()
    assert (poison.tries, poison.finding, poison.reason) == (3, "failed", said) and poison.read_at
    following.refresh_from_db()
    assert following.finding == "words"


def test_a_reader_that_is_killed_and_one_that_hangs_end_one_try(version, monkeypatch, tmp_path):
    """Real children: what happens to them happens to no other paper."""
    script = tmp_path / "reader.py"
    script.write_text(
        "import os, sys, time\n"
        "said = sys.stdin.buffer.read()\n"
        "os.kill(os.getpid(), 9) if said == b'kill' else time.sleep(60) if said == b'hang' else None\n"
        """print('{"text": "read", "pages": null, "known": true, "locked": false, "still": false}')\n"""
    )
    monkeypatch.setattr(reading, "READER", script)
    monkeypatch.setattr(reading, "SECONDS", 0.5)
    papers = [version(said, TEXT) for said in (b"kill", b"hang", b"fine")]
    reading.read_missing()
    assert [DocumentVersion.objects.get(pk=paper.pk).finding for paper in papers] == ["", "", "words"]
    monkeypatch.setattr(reading, "SECONDS", 0.1)
    sweep(3)
    assert [DocumentVersion.objects.get(pk=paper.pk).finding for paper in papers] == ["failed", "failed", "words"]


def test_a_worker_that_dies_with_a_paper_in_hand_counts_as_a_try(version):
    paper = version(b"x", TEXT)
    for _time in range(3):
        assert reading._claim()  # and nothing is heard of it any more
        assert reading.read_missing() == 0
        DocumentVersion.objects.update(next_try_at=F("next_try_at") - timedelta(minutes=10))
    assert reading.read_missing() == 0
    paper.refresh_from_db()
    assert (paper.finding, paper.reason) == ("failed", "The program that read it was stopped.")


def test_what_was_never_tried_comes_before_what_failed(version, monkeypatch):
    bad = [version(b"x", PDF) for _number in range(3)]
    sweep()
    new, asked = version(b"x", TEXT), []
    monkeypatch.setattr(reading, "_read_once", lambda paper: asked.append(paper.pk))
    reading.read_missing()
    assert asked == [new.pk, *(paper.pk for paper in bad)]


# What staff see ---------------------------------------------------------------------------------


@pytest.fixture
def unread(version):
    return given_up(version(b"%PDF-1.4 and no more", PDF))


def given_up(paper):
    paper.finding, paper.reason = "failed", "It seems to be damaged: EOF"
    paper.read_at, paper.tries = paper.uploaded_at, 3
    paper.save()
    return paper


def test_staff_see_it_on_today_and_try_again(sign_in, stu, unread):
    desk = sign_in(stu)
    assert "1 paper could not be read: Paper." in desk.get("/staff/").text
    shown = desk.get(reverse("staff_unread")).text
    assert "It seems to be damaged: " in shown and "Try again" in shown
    unread.file.storage.delete(unread.file.name)
    unread.file.storage.save(unread.file.name, ContentFile(PDF_WITH_WORDS))
    said = desk.post(reverse("staff_unread_again", args=[unread.pk]), follow=True).text
    assert "Paper is read again within a minute." in said and "Every paper was read" in said
    sweep()
    unread.refresh_from_db()
    assert (unread.text, unread.finding, unread.tries) == ("Fair workweek", "words", 1)
    assert "could not be read" not in desk.get("/staff/").text
    assert AuditEntry.objects.get(verb="had read again").actor == stu
    desk.post(reverse("staff_unread_again", args=[unread.pk]))
    assert AuditEntry.objects.filter(verb="had read again").count() == 1


def test_several_are_counted_and_what_is_withdrawn_or_replaced_is_not(sign_in, stu, carla, version, unread):
    others = [given_up(version(b"%PDF-1.4 nor here", PDF)) for _number in range(3)]
    desk = sign_in(stu)
    assert "4 papers could not be read: Paper, and others." in desk.get("/staff/").text
    others[0].document.withdraw(carla)
    uploads.renew(others[1].document, carla, uploads.examine(SimpleUploadedFile("x.txt", b"words")))
    assert "2 papers could not be read: Paper, and others." in desk.get("/staff/").text


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(sign_in, stu, version, rows, django_assert_num_queries):
    for _number in range(rows):
        version(b"x", PDF)
    DocumentVersion.objects.update(finding="failed")
    desk = sign_in(stu)
    with django_assert_num_queries(4):
        desk.get(reverse("staff_unread"))


def test_members_are_told_that_search_knows_its_title_only(sign_in, mo, unread):
    shown = sign_in(mo).get(unread.document.get_absolute_url()).text
    assert "We couldn’t read this file. Search finds it by its title only." in shown and "<iframe" not in shown
    assert "No preview" in shown


def test_what_could_not_be_read_is_not_shown_as_an_empty_frame(unread):
    unread.still = True  # as it was found before it was given up on
    assert unread.preview == ""
