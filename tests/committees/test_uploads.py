"""What comes in, and what never does."""

import io
import zipfile

import docx
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from committees.documents import uploads

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
OPEN = "application/vnd.oasis.opendocument"
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


def old_office(*streams):
    """What is looked at of a file from before 2007: its mark, and a directory of streams by name."""
    entries = b"".join(f"{name}\0".encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + entries


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
        ("excel.csv", "city\trent\nDoña Ana\t900\n".encode("utf-16"), uploads.TEXT),
        ("big-endian.txt", b"\xfe\xff" + "Señora Núñez".encode("utf-16-be"), uploads.TEXT),
        ("unmarked.txt", "Dear neighbors of Doña Ana County".encode("utf-16-le"), uploads.TEXT),
        ("unmarked-be.txt", "Dear neighbors of Doña Ana County".encode("utf-16-be"), uploads.TEXT),
        ("wide.txt", "Dear neighbors".encode("utf-32"), uploads.TEXT),
        ("about-pdf.txt", b"A PDF begins with %PDF-1.4 and ends with %%EOF.", uploads.TEXT),
        ("mailed.pdf", b"\r\n\xef\xbb\xbf" + PDF, uploads.PDF),
        ("from-a-server.pdf", b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + PDF, uploads.PDF),
        ("at-the-end.pdf", b" " * 1023 + PDF, uploads.PDF),
        ("numbers.ods", archive(mimetype=f"{OPEN}.spreadsheet", **{"content.xml": "<x/>"}), uploads.ODS),
        ("slides.odp", archive(mimetype=f"{OPEN}.presentation\n", **{"content.xml": "<x/>"}), uploads.ODP),
        ("map.gif", picture("GIF"), uploads.GIF),
        ("photo.webp", picture("WEBP"), uploads.WEBP),
        ("old.doc", old_office("WordDocument", "1Table"), uploads.DOC),
        ("old.xls", old_office("Workbook"), uploads.XLS),
        ("older.xls", old_office("Book"), uploads.XLS),
        ("old.ppt", old_office("PowerPoint Document"), uploads.PPT),
        ("a-sheet-with-a-letter.xls", old_office("Workbook", "WordDocument"), uploads.XLS),
    ],
)
def test_what_people_work_with_comes_in(name, content, kind):
    examined = uploads.examine(upload(name, content))
    assert (examined.kind, examined.name) == (kind, name)
    assert examined.size == len(b"".join(examined.file.chunks())) and (kind.is_picture or examined.size == len(content))


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
        ("program.pdf", EXE + PDF, "kind"),
        ("page.pdf", b"<!-- --><html><script>alert(1)</script>" + PDF, "kind"),
        ("page.pdf", b"x <script>alert(1)</script>" + PDF, "mismatch"),
        ("too-late.pdf", b"\x01" * 1025 + PDF, "kind"),
        ("page.txt", "<html><script>alert(1)</script>".encode("utf-16"), "kind"),
        ("page.txt", "<!doctype html><p>Dear neighbors".encode("utf-16-le"), "kind"),
        ("torn.txt", "Dear".encode("utf-16") + b"\x00\xd8", "kind"),
        ("odd.txt", "Dear".encode("utf-16") + b"x", "kind"),
        ("setup.doc", old_office("Property"), "kind"),
        ("old.doc", old_office("WordDocument", "_VBA_PROJECT"), "active"),
        ("letter.docx", old_office("EncryptedPackage"), "encrypted"),
        ("old.doc", old_office("Workbook"), "mismatch"),
        ("letter.docx", old_office("WordDocument"), "mismatch"),
        ("template.odt", archive(mimetype=f"{OPEN}.text-master", **{"content.xml": "<x/>"}), "archive"),
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
