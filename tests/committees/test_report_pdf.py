"""The PDF of a report: looked at before anybody gets it, its length said, and no door but its own."""

import io

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import localdate, now
from pypdf import PdfWriter
from pypdf.actions import JavaScript

from committees.models import Publication


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def report(committee):
    words = {"slug": "report", "title": "The report", "summary": "Short.", "body": "Long.", "dated_on": localdate()}
    return Publication.objects.create(issue=committee.issue, type="report", published_at=now(), **words)


@pytest.fixture
def desk(sign_in, ada):
    return sign_in(ada)


def pdf(pages=1, script="", password=""):
    writer, made = PdfWriter(), io.BytesIO()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    if script:
        writer.add_open_action(JavaScript(script))
    if password:
        writer.encrypt(password)
    writer.write(made)
    return made.getvalue()


def send(desk, report, content, name="report.pdf", seen=""):
    address = reverse("staff_publication_pdf", args=[report.pk])
    return desk.post(address, {"file": SimpleUploadedFile(name, content), "seen": seen})


def test_three_hundred_pages_are_counted_and_said(desk, client, report):
    desk_says = send(desk, report, pdf(300))
    assert desk_says.status_code == 302
    report.refresh_from_db()
    assert report.pdf_pages == 300 and report.pdf_extent.startswith("300 pages, ")
    for address in (report.get_absolute_url(), report.issue.get_absolute_url()):
        page = client.get(address).text
        assert report.pdf_url in page and "300 pages" in page
    assert "Read it online" in client.get(report.issue.get_absolute_url()).text
    answer = client.get(report.pdf_url)
    assert answer["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"] and b"".join(answer) == pdf(300)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("report.pdf", lambda: pdf(script="app.alert(1)"), "This PDF runs a program of its own."),
        ("report.pdf", lambda: pdf(password="secret"), "This PDF is locked with a password"),
        ("report.pdf", lambda: b"%PDF-1.4 and nothing more", "This PDF can’t be read"),
        ("report.pdf", lambda: b"Plain words", "says it is a PDF, but inside it is plain text"),
        ("report.txt", lambda: b"Plain words", "This is plain text. Save it as a PDF."),
        ("report.pdf", lambda: b"<script>alert(1)</script>%PDF-1.4", "We can’t take this kind of file."),
    ],
)
def test_what_readers_could_not_use_gets_a_sentence(desk, report, name, content, sentence):
    page = send(desk, report, content(), name)
    assert page.status_code == 422 and sentence in " ".join(page.context["form"].errors["file"])
    assert not Publication.objects.exclude(pdf="").exists()


def test_a_draft_is_downloaded_by_staff_alone(desk, client, sign_in, report, mo):
    send(desk, report, pdf())
    report.refresh_from_db()
    assert client.get(report.pdf_url).status_code == 200
    Publication.objects.update(published_at=None)
    assert [each.get(report.pdf_url).status_code for each in (client, sign_in(mo), desk)] == [404, 404, 200]


def test_another_pdf_takes_its_place_once_it_was_seen(desk, client, report, django_capture_on_commit_callbacks):
    address = reverse("staff_publication_pdf", args=[report.pk])
    seen = desk.get(address).context["form"]["seen"].value()
    send(desk, report, pdf(), seen=seen)
    report.refresh_from_db()
    first, after = report.pdf.name, desk.get(address).context["form"]["seen"].value()
    assert send(desk, report, pdf(2), seen=seen).status_code == 409
    with django_capture_on_commit_callbacks(execute=True):
        assert send(desk, report, pdf(3), seen=after).status_code == 302
    report.refresh_from_db()
    assert report.pdf_pages == 3 and not default_storage.exists(first)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(address, {"remove": "1"})
    assert client.get(reverse("publication_pdf", args=[report.issue.slug, report.slug])).status_code == 404
    assert not default_storage.exists(report.pdf.name)
