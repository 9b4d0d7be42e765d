"""Text out of papers, in a process that has little to lose."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from committees import reading, tasks, uploads
from committees.models import Document, DocumentVersion
from committees.uploads import DOCX, ODT, PDF, PNG, PPTX, TEXT, XLSX
from tests.committees.test_uploads import archive, office, word


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
        (b"\x89PNG not read", PNG, "", None),
    ],
)
def test_each_kind_gives_its_words(version, content, kind, text, pages):
    stored = version(content, kind)
    assert reading.read(stored.pk)
    stored.refresh_from_db()
    assert (stored.text, stored.pages, stored.word_count) == (text, pages, len(text.split()))
    assert stored.read_at is not None


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
