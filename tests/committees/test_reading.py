"""Text out of papers, in a process that has little to lose."""

import io
import json
import subprocess
import sys
import zipfile
import zlib

import pypdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from committees import tasks
from committees.documents import reading, uploads
from committees.documents.uploads import DOC, DOCX, GIF, ODP, ODS, ODT, PDF, PNG, PPTX, TEXT, XLSX
from committees.models import Document, DocumentVersion
from tests.committees.test_uploads import archive, office, old_office, picture, word


def pdf_saying(words):
    """One page in Helvetica, with a true table of contents."""
    drawing = b"BT /F1 12 Tf 20 100 Td (%s) Tj ET" % words.encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(made),
    )


PDF_WITH_WORDS = pdf_saying("Fair workweek")


@pytest.fixture
def version(committee, carla):
    def stored(content, kind):
        document = Document.objects.create(committee=committee, title="Paper")
        version = DocumentVersion(
            file=ContentFile(content, "x"),
            name="paper",
            content_type=kind.content_type,
            size=len(content),
            sha256="0" * 64,
        )
        return document.add_version(version, carla)

    return stored


@pytest.mark.parametrize(
    ("content", "kind", "text", "pages"),
    [
        (PDF_WITH_WORDS, PDF, "Fair workweek", 1),
        (word("Dear neighbors,", "Señora Núñez"), DOCX, "Dear neighbors,\n\nSeñora Núñez", None),
        (
            office(
                "xl/workbook.xml",
                **{"xl/sharedStrings.xml": "<sst><si><t>City</t></si><si><t>Rent &amp; fees</t></si></sst>"},
            ),
            XLSX,
            "City\nRent & fees",
            None,
        ),
        (
            office("ppt/presentation.xml", **{"ppt/slides/slide1.xml": "<p><a:p><a:t>Why</a:t></a:p></p>"}),
            PPTX,
            "Why",
            None,
        ),
        (
            archive(mimetype=ODT.content_type, **{"content.xml": "<text:p>One</text:p><text:p>Two</text:p>"}),
            ODT,
            "One\nTwo",
            None,
        ),
        ("Doña Ana\x0c<script>".encode(), TEXT, "Doña Ana<script>", None),
        ("Doña Ana".encode("utf-16"), TEXT, "Doña Ana", None),
        ("Dear neighbors of Doña Ana".encode("utf-16-be"), TEXT, "Dear neighbors of Doña Ana", None),
        ("“Doña” Ana".encode("cp1252"), TEXT, "“Doña” Ana", None),
        ("fair\u00a0work\u00adweek\rnow".encode(), TEXT, "fair workweek\nnow", None),
        (
            office(
                "xl/workbook.xml",
                **{
                    "xl/sharedStrings.xml": "<sst><si><r><t>Ci</t></r><r><t>ty</t></r></si></sst>",
                    "xl/worksheets/sheet10.xml": "<c t='inlineStr'><is><t>last</t></is></c>",
                    "xl/worksheets/sheet2.xml": "<c t='inlineStr'><is><t>Doña &#65;na</t></is></c><c><v>7</v></c>"
                    "<x:c t='inlineStr'><x:is><x:t>rents</x:t></x:is></x:c>",
                },
            ),
            XLSX,
            "City\n\nDoña Ana\nrents\n\nlast",
            None,
        ),
        (
            office(
                "word/document.xml",
                **{
                    "word/document.xml": "<w:p><w:r><w:t>Fair</w:t><w:tab/><w:t>work</w:t></w:r><w:r><w:t>week</w:t></w:r>"
                    "<w:del><w:r><w:delText>secret</w:delText></w:r></w:del></w:p><w:tc><w:p><w:t>cell</w:t></w:p></w:tc>"
                },
            ),
            DOCX,
            "Fair workweek\n\ncell",
            None,
        ),
        (
            archive(
                mimetype=ODS.content_type,
                **{
                    "content.xml": "<table:table-cell><text:p>City<office:annotation><text:p>secret</text:p></office:annotation>"
                    "</text:p></table:table-cell><text:p>Ren<text:span>ts</text:span><text:s/>now</text:p>"
                },
            ),
            ODS,
            "City\nRents now",
            None,
        ),
        (archive(mimetype=ODP.content_type, **{"content.xml": "<text:p>Why</text:p>"}), ODP, "Why", None),
        (b"\x89PNG not read", PNG, "", None),
    ],
)
def test_each_kind_gives_its_words(version, content, kind, text, pages):
    stored = version(content, kind)
    assert reading.read(stored.pk)
    stored.refresh_from_db()
    assert (stored.text, stored.pages, stored.word_count) == (text, pages, len(text.split()))
    assert stored.read_at is not None


def test_a_pdf_with_something_before_its_header_is_read(version):
    stored = version(b"\r\n\xef\xbb\xbf" + PDF_WITH_WORDS, PDF)
    reading.read(stored.pk)
    stored.refresh_from_db()
    assert (stored.text, stored.pages, stored.still) == ("Fair workweek", 1, True)


@pytest.mark.parametrize("place", [b"xref\n", b"startxref", b"%%EOF"])
def test_a_pdf_that_lost_its_end_is_read(version, place):
    stored = version(PDF_WITH_WORDS.partition(place)[0], PDF)
    reading.read(stored.pk)
    stored.refresh_from_db()
    assert (stored.text, stored.pages, stored.finding) == ("Fair workweek", 1, "words")


def locked(words, password, owner="sesame"):
    made, writer = io.BytesIO(), pypdf.PdfWriter(io.BytesIO(pdf_saying(words)))
    writer.encrypt(password, owner, algorithm="AES-256")
    writer.write(made)
    return made.getvalue()


def with_script(packed=False, name="/JavaScript"):
    action = f"<</S{name}/JS(app.alert\\(1\\))>>".encode()
    page = PDF_WITH_WORDS.replace(b"/Type/Catalog", b"/Type/Catalog/OpenAction 9 0 R")
    if not packed:
        return page.replace(b"%PDF-1.4\n", b"%PDF-1.4\n9 0 obj" + action + b"endobj\n")
    inside = zlib.compress(b"9 0 " + action)
    return page + b"\n8 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%sendstream endobj" % (
        len(inside),
        inside,
    )


SCAN = PDF_WITH_WORDS.replace(b"(Fair workweek) Tj", b" " * 18)


@pytest.mark.parametrize(
    ("content", "kind", "finding", "preview", "said"),
    [
        (PDF_WITH_WORDS, PDF, "words", "frame", ""),
        (locked("Fair workweek", "", "sesame"), PDF, "words", "frame", ""),
        (locked("Fair workweek", "sesame"), PDF, "locked", "", "locked with a password"),
        (PDF_WITH_WORDS.replace(b"/Size 6", b"/Size 6/Encrypt<</Filter/Adobe.PubSec/V 4>>"), PDF, "locked", "", "locked with a"),
        (SCAN, PDF, "no_words", "frame", "looks like a scan: search won’t find its words"),
        (with_script(), PDF, "words", "", "runs a program of its own"),
        (with_script(name="/J#61vaScr#69pt"), PDF, "words", "", "runs a program of its own"),
        (with_script(packed=True), PDF, "words", "", "runs a program of its own"),
        (picture("PNG"), PNG, "not_read", "picture", "Search finds it by its title only."),
        (picture("GIF"), GIF, "not_read", "picture", "Search finds it by its title only."),
        (old_office("WordDocument"), DOC, "not_read", "", "There’s no preview of this file, and search finds it by its title only"),
        (b"words", TEXT, "words", "", ""),
        (archive(mimetype=ODT.content_type, **{"content.xml": ""}), ODT, "no_words", "", "search finds it by its title only"),
    ],
)  # fmt: skip
def test_a_page_says_what_to_expect_of_a_file(version, sign_in, mo, content, kind, finding, preview, said):
    stored = version(content, kind)
    reading.read(stored.pk)
    stored.refresh_from_db()
    assert (stored.finding, stored.preview) == (finding, preview)
    assert said in stored.note if said else not stored.note
    client = sign_in(mo)
    page = client.get(stored.document.get_absolute_url()).text
    assert (said in page) and ("<iframe" in page, "preview__picture" in page) == (
        preview == "frame",
        preview == "picture",
    )
    shown = client.get(reverse("document_preview", args=[stored.document_id, 1]))
    assert shown.status_code == (200 if preview else 404)


def test_before_it_is_read_a_pdf_is_not_shown(version, sign_in, mo):
    stored = version(PDF_WITH_WORDS, PDF)
    page = sign_in(mo).get(stored.document.get_absolute_url()).text
    assert "Its text appears here in a moment." in page and "<iframe" not in page


def test_reading_twice_reads_once(version):
    stored = version(b"words", TEXT)
    assert [reading.read(stored.pk), reading.read(stored.pk)] == [True, False]


def test_a_file_that_cannot_be_read_is_not_tried_for_ever(version):
    stored = version(b"%PDF-1.4 nothing more", PDF)
    assert reading.read_missing() == 1
    stored.refresh_from_db()
    assert (stored.text, stored.pages, reading.read_missing()) == ("", None, 0)


def test_a_missing_file_is_not_tried_for_ever(version):
    stored = version(b"words", TEXT)
    stored.file.storage.delete(stored.file.name)
    assert reading.read(stored.pk)
    assert reading.read_missing() == 0


def test_the_sweep_reads_what_was_missed(version):
    stored = version(b"some words", TEXT)
    assert reading.read_missing() == 1
    stored.refresh_from_db()
    assert stored.text == "some words"


def test_a_worker_is_asked_after_the_commit_and_needs_no_argument(carla, committee, django_capture_on_commit_callbacks):
    given = SimpleUploadedFile("notes.txt", b"some words")
    with django_capture_on_commit_callbacks(execute=True) as asked:
        uploads.publish(committee, carla, title="Notes", audience="committee", examined=uploads.examine(given))
    assert [callback.__name__ for callback in asked] == ["_wake"]
    tasks.read_documents()
    assert DocumentVersion.objects.get().text == "some words"


def test_a_bomb_ends_with_the_reader_and_not_with_the_worker():
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out,
        out.open("word/document.xml", "w", force_zip64=True) as entry,
    ):
        for _ in range(700):
            entry.write(b" " * 1024 * 1024)
    done = subprocess.run(
        [sys.executable, "-I", str(reading.READER), DOCX.content_type],
        input=made.getvalue(),
        capture_output=True,
        env={},
        timeout=60,
    )
    assert done.returncode != 0
    assert done.stdout == b""


def test_the_reader_cannot_write_files(tmp_path):
    script = f"exec(open({str(reading.READER)!r}).read().split('if __name__')[0]); limit(); open({str(tmp_path / 'x')!r}, 'w').write('x')"
    subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60)
    assert (tmp_path / "x").read_text() == ""


def test_the_reader_gets_no_secrets():
    script = "import os, json; print(json.dumps(dict(os.environ)))"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, env={}, timeout=60)
    assert not {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"} & json.loads(done.stdout).keys()
