"""So much a person and day, and never the last of the disk: a sentence, and what was typed stays."""

from collections import namedtuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from committees.documents import space
from committees.models import Document, DocumentVersion
from tests.access_world import make_document

pytestmark = pytest.mark.django_db
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "not" / "there" / "yet"


def send(client, address, size=900):
    file = SimpleUploadedFile("buses.txt", b"They run late.\n" * (size // 15), "text/plain")
    return client.post(address, {"title": "Buses by the hour", "audience": "committee", "file": file})


def test_one_person_uploads_so_much_a_day(sign_in, carla, committee, settings):
    settings.DOCUMENTS_A_DAY_BYTES = 2000
    client, address = sign_in(carla), reverse("document_upload", args=[committee.slug])
    assert send(client, address).status_code == 302
    page = send(client, address, size=1500)
    assert page.status_code == 422 and "You can upload" in page.text and "Buses by the hour" in page.text
    newer = send(client, reverse("document_new_version", args=[Document.objects.get().pk]), size=1500)
    assert newer.status_code == 422 and "a day" in newer.text
    assert DocumentVersion.objects.count() == 1

    DocumentVersion.objects.update(uploaded_at="2026-01-01T00:00Z")
    assert send(client, address, size=1500).status_code == 302


def test_what_came_while_a_form_was_looked_at_counts(sign_in, carla, committee, settings, monkeypatch):
    """Both forms look at the room there is before either is stored."""
    settings.DOCUMENTS_A_DAY_BYTES = 2000
    client, address = sign_in(carla), reverse("document_upload", args=[committee.slug])
    alone = space.check

    def sending_meanwhile(size):
        def check(by, mine):
            monkeypatch.setattr(space, "check", alone)
            alone(by, mine)
            assert send(sign_in(carla), address, size).status_code == 302

        monkeypatch.setattr(space, "check", check)

    sending_meanwhile(1200)
    page = send(client, address, size=900)
    assert page.status_code == 422 and "You can upload" in page.text and "Buses by the hour" in page.text
    sending_meanwhile(450)
    newer = send(client, reverse("document_new_version", args=[Document.objects.get().pk]), size=600)
    assert newer.status_code == 422 and "a day" in newer.text
    assert list(DocumentVersion.objects.order_by("pk").values_list("size", flat=True)) == [1200, 450]


def test_what_others_uploaded_does_not_count(sign_in, carla, mo, committee, settings):
    make_document(committee, mo)
    settings.DOCUMENTS_A_DAY_BYTES = 901
    assert send(sign_in(carla), reverse("document_upload", args=[committee.slug])).status_code == 302


@pytest.mark.parametrize(("free", "status"), [(1_000_000, 302), (100_500, 422), (0, 422)])
def test_the_last_of_the_disk_is_not_for_papers(sign_in, carla, committee, settings, monkeypatch, free, status):
    settings.DISK_KEPT_FREE_BYTES = 100_000
    monkeypatch.setattr(space.shutil, "disk_usage", lambda place: Usage(free, 0, free))
    page = send(sign_in(carla), reverse("document_upload", args=[committee.slug]))
    assert page.status_code == status
    assert status == 302 or ("no room for files" in page.text and settings.CONTACT_EMAIL in page.text)
    assert Document.objects.count() == (status == 302)
