"""What comes in, and what never does."""

import io
import zipfile

import docx
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from committees import uploads

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + b"\x00" * 200


def upload(name, content):
    return SimpleUploadedFile(name, content)


def archive(**entries):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in entries.items():
            out.writestr(name, content)
    return made.getvalue()


def office(part, **more):
    return archive(**{"[Content_Types].xml": "<Types/>", part: "<x/>", **more})


def word(*paragraphs):
    made, document = io.BytesIO(), docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(made)
    return made.getvalue()


def picture(kind, size=(4, 3)):
    made = io.BytesIO()
    Image.new("RGB", size).save(made, kind)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("ordinance.pdf", PDF, uploads.PDF),
        ("Ordinance.PDF", PDF, uploads.PDF),
        ("letter.docx", word("Dear neighbors"), uploads.DOCX),
        ("survey.xlsx", office("xl/workbook.xml"), uploads.XLSX),
        ("slides.pptx", office("ppt/presentation.xml"), uploads.PPTX),
        (
            "text.odt",
            archive(mimetype="application/vnd.oasis.opendocument.text", **{"content.xml": "<x/>"}),
            uploads.ODT,
        ),
        ("map.png", picture("PNG"), uploads.PNG),
        ("photo.jpeg", picture("JPEG"), uploads.JPEG),
        ("notes.txt", "Señora Núñez said: “go”".encode(), uploads.TEXT),
        ("notes.md", b"# Title\n\n*words*", uploads.TEXT),
        ("rents.csv", "city,rent\nDoña Ana,900\n".encode("cp1252"), uploads.TEXT),
    ],
)
def test_what_people_work_with_comes_in(name, content, kind):
    examined = uploads.examine(upload(name, content))
    assert (examined.kind, examined.size, examined.name) == (kind, len(content), name)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("report.pdf", EXE, "kind"),
        ("report.pdf", b"<!doctype html><script>alert(1)</script>", "kind"),
        ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "kind"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind"),
        ("page.html", b"plain words", "ending"),
        ("page.txt", b"  <!DOCTYPE html><p>", "kind"),
        ("page.csv", b"\xef\xbb\xbf<html>", "kind"),
        ("notes", b"plain words", "ending"),
        ("notes.pdf", b"plain words", "mismatch"),
        ("letter.pdf", word("x"), "mismatch"),
        ("letter.docx", PDF, "mismatch"),
        ("letter.docx", office("word/document.xml", **{"word/vbaProject.bin": b"x"}), "active"),
        ("letter.docx", office("word/document.xml", **{"word/activeX/activeX1.xml": b"x"}), "active"),
        ("letter.docx", office("word/document.xml", **{"word/embeddings/run.exe": b"x"}), "active"),
        (
            "letter.docx",
            archive(
                **{
                    "[Content_Types].xml": "<x ContentType='application/vnd.ms-word.document.macroEnabled.main+xml'/>",
                    "word/document.xml": "",
                }
            ),
            "active",
        ),
        (
            "text.odt",
            archive(mimetype="application/vnd.oasis.opendocument.text", **{"Basic/Standard/Module1.xml": b"x"}),
            "active",
        ),
        ("files.docx", archive(**{"a.txt": b"x"}), "archive"),
        ("files.zip", archive(**{"a.txt": b"x"}), "archive"),
        ("letter.docx", b"PK\x03\x04 and nothing else", "damaged"),
        ("map.png", b"\x89PNG\r\n\x1a\n and nothing else", "damaged"),
        ("zero.bin.txt", b"a\x00b", "kind"),
        ("nothing.txt", b"", "empty"),
    ],
)
def test_what_is_not_what_it_says_stays_out(name, content, code):
    with pytest.raises(ValidationError) as refused:
        uploads.examine(upload(name, content))
    assert refused.value.error_list[0].code == code
    assert "%(" not in refused.value.messages[0]


def test_a_small_file_that_unpacks_to_gigabytes_stays_out():
    bomb = office("word/document.xml", **{f"word/{n}.xml": b"\0" * (30 * 1024 * 1024) for n in range(8)})
    assert len(bomb) < 1024 * 1024
    with pytest.raises(ValidationError, match="unpacks to far more"):
        uploads.examine(upload("letter.docx", bomb))


def test_a_picture_of_too_many_pixels_stays_out():
    with pytest.raises(ValidationError, match="too large: 9000 × 9000"):
        uploads.examine(upload("huge.png", picture("PNG", (9000, 9000))))


def test_too_large_a_file_is_told_its_size_and_the_limit(settings):
    settings.DOCUMENT_MAX_BYTES = 1024
    with pytest.raises(ValidationError) as refused:
        uploads.examine(upload("long.txt", b"x" * 3072))
    assert refused.value.messages == [
        "This file is 3.0\xa0KB. The most we can take is 1.0\xa0KB: make it smaller, or split it."
    ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("O'Hara's “plan” (final).pdf", "O'Hara's “plan” (final).pdf"),
        ("invoice\u202efdp.exe.pdf", "invoicefdp.exe.pdf"),
        ('a"b<c>|d?.pdf', "abcd.pdf"),
        ("line\r\nbreak.pdf", "line break.pdf"),
        ("n\u0303.pdf", "ñ.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("", "file"),
    ],
)
def test_names_are_cleaned_and_stay_readable(given, kept):
    assert uploads.clean_name(given) == kept
