"""Pictures of publications and issues: what comes in, what is kept of it, what its words are, and who gets it when."""

import io
import struct
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import localdate, now
from PIL import Image

from committees.models import Picture, Publication
from members.models import AuditEntry

WORDS = {"description": "Two bus drivers in front of a depot", "credit": "Ana Ortiz", "focus": "top left"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def publication(committee):
    return Publication.objects.create(
        issue=committee.issue,
        type="news",
        slug="buses",
        title="Buses",
        summary="Late.",
        dated_on=localdate(),
        published_at=now(),
    )


@pytest.fixture
def desk(sign_in, ada):
    return sign_in(ada)


def photo(kind="JPEG", size=(1800, 1200), **options):
    made = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(made, kind, **options)
    return made.getvalue()


def from_a_phone():
    """With the place where it was taken, and on its side."""
    facts = Image.Exif()
    facts[0x0112] = 6
    facts[0x010F] = "Canarycam"
    facts.get_ifd(0x8825)[1] = "N"
    facts.get_ifd(0x8825)[2] = (35.0, 40.0, 51.0)
    return photo(exif=facts, comment=b"Canarycomment")


def bomb():
    """A small file that says it is 50,000 by 50,000."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def send(desk, publication, content, name="photo.jpg", **changes):
    file = {"file": SimpleUploadedFile(name, content)} if content else {}
    address = reverse("staff_publication_picture", args=[publication.pk])
    return desk.post(address, WORDS | {"seen": ""} | file | changes)


def stored(picture):
    return {
        f"{width}.{ending}": Path(default_storage.path(picture.path(f"{width}.{ending}"))).read_bytes()
        for width in picture.widths
        for ending in ("avif", "jpg")
    }


def test_a_photograph_is_kept_in_three_widths_and_two_formats_without_what_the_camera_wrote(desk, publication):
    assert send(desk, publication, from_a_phone()).status_code == 302
    picture = Picture.objects.get()
    assert (picture.widths, picture.width, picture.height) == ([320, 800, 1200], 1200, 1800)
    assert (picture.description, picture.credit, picture.focus) == tuple(WORDS.values())
    for name, content in stored(picture).items():
        with Image.open(io.BytesIO(content)) as kept:
            assert (f"{kept.width}.{'avif' if kept.format == 'AVIF' else 'jpg'}", dict(kept.getexif())) == (name, {})
        assert b"Canary" not in content and b"Exif" not in content
    assert AuditEntry.objects.filter(verb="illustrated", object_id=publication.pk).count() == 1


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("bomb.png", bomb, "This picture is too large to look at. Make it smaller."),
        ("drawing.svg", lambda: SVG, "This is a drawing made of code (SVG), which can run programs. Save it as a PNG."),
        ("drawing.jpg", lambda: b"\xef\xbb\xbf  " + SVG, "This is a drawing made of code (SVG)"),
        ("half.jpg", lambda: photo()[:3000], "This picture is damaged. Save it again and try once more."),
        ("tiny.png", lambda: photo("PNG", (100, 100)), "This picture is too small. It needs at least 240 pixels"),
        ("notes.txt", lambda: b"Not a picture", "This is plain text, not a picture."),
        ("huge.jpg", lambda: photo() + b"\0" * 12 * 1024 * 1024, "The most we can take is 12.0"),
        ("empty.jpg", lambda: b"", "This file is empty. Choose it again."),
    ],
)
def test_what_is_no_picture_gets_a_sentence_and_nothing_is_lost(desk, publication, name, content, sentence):
    body = content()
    file = SimpleUploadedFile(name, body)
    address = reverse("staff_publication_picture", args=[publication.pk])
    page = desk.post(address, WORDS | {"file": file})
    assert page.status_code == 422
    assert sentence in " ".join(page.context["form"].errors["file"]).replace("\xa0", " ")
    assert WORDS["description"] in page.text and WORDS["credit"] in page.text
    assert not Picture.objects.exists() and default_storage.listdir(".") == ([], [])


def test_somebody_decides_about_its_words(desk, publication):
    for words, field in (({"description": ""}, "description"), ({"decorative": "on"}, "decorative")):
        page = send(desk, publication, photo(), **words)
        assert page.status_code == 422 and list(page.context["form"].errors) == [field, "file"]
    assert send(desk, publication, photo(), description="", decorative="on").status_code == 302
    assert (Picture.objects.get().description, Picture.objects.get().decorative) == ("", True)


def test_words_change_without_sending_the_picture_again(desk, publication):
    send(desk, publication, photo())
    address = reverse("staff_publication_picture", args=[publication.pk])
    page = desk.get(address)
    assert page.text.count("Another picture") == 1 and "It only decorates" in page.text and "Credit" in page.text
    seen = page.context["form"]["seen"].value()
    assert send(desk, publication, None, seen=seen, description="A depot").status_code == 302
    assert Picture.objects.get().description == "A depot"
    page = send(desk, publication, photo(), seen=seen, description="Mine")
    assert page.status_code == 409 and ("What it shows", "A depot") in page.context["others"]
    assert "Choose photo.jpg again" in page.text and Picture.objects.get().description == "A depot"


def test_another_picture_takes_the_place_of_the_first_and_removal_leaves_nothing(
    desk, client, publication, django_capture_on_commit_callbacks
):
    send(desk, publication, photo())
    first = Picture.objects.get()
    files = [first.path(name) for name in stored(first)]
    address = reverse("staff_publication_picture", args=[publication.pk])
    seen = desk.get(address).context["form"]["seen"].value()
    with django_capture_on_commit_callbacks(execute=True):
        assert send(desk, publication, photo(size=(900, 600)), seen=seen).status_code == 302
    assert Picture.objects.get().widths == [320, 800, 900]
    assert [client.get(first.url(320, "jpg")).status_code, *map(default_storage.exists, files)] == [404] + [False] * 6
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(address, {"remove": "1"})
    publication.refresh_from_db()
    assert publication.picture is None and not Picture.objects.exists()
    assert not any(names for _folder, names in [default_storage.listdir(f"pictures/{first.key[:2]}")])


def test_it_leaves_with_what_it_belongs_to_and_never_before(desk, client, sign_in, publication, mo):
    send(desk, publication, photo())
    picture = Picture.objects.get()
    address = picture.url(800, "avif")
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/avif")
    assert (
        answer["Cache-Control"] == "private, max-age=604800, immutable"
        and "sandbox" in answer["Content-Security-Policy"]
    )
    for at in (None, now() + timedelta(minutes=5)):
        Publication.objects.update(published_at=at)
        assert [each.get(address).status_code for each in (client, sign_in(mo), desk)] == [404, 404, 200]
    assert desk.get(address)["Cache-Control"] == "private, no-store"
    for unknown in (picture.url(799, "avif"), picture.url(800, "png"), address.replace(picture.key, "0" * 16)):
        assert desk.get(unknown).status_code == 404


def test_pages_show_it_with_its_words_and_search_engines_hear_of_it(desk, client, publication, settings):
    send(desk, publication, photo())
    picture = Picture.objects.get()
    article, issue = publication.get_absolute_url(), publication.issue.get_absolute_url()
    for address in (article, issue):
        page = client.get(address).text
        assert 'alt="Two bus drivers in front of a depot"' in page and 'data-focus="top left"' in page
        assert f"{picture.url(320, 'avif')} 320w" in page and f'src="{picture.usual}"' in page
    assert "Picture: Ana Ortiz" in client.get(article).text
    assert f'<meta property="og:image" content="{settings.SITE_URL}{picture.largest}">' in client.get(article).text
    assert 'loading="lazy"' in client.get(issue).text and 'fetchpriority="high"' in client.get(article).text


def test_an_issue_has_one_too(desk, client, publication):
    issue = publication.issue
    address = reverse("staff_issue_picture", args=[issue.slug])
    assert desk.post(address, WORDS | {"file": SimpleUploadedFile("a.png", photo("PNG"))}).status_code == 302
    assert 'fetchpriority="high"' in client.get(issue.get_absolute_url()).text
    desk.post(address, {"remove": "1"})
    assert "<picture>" not in client.get(issue.get_absolute_url()).text
