"""What somebody took away while a form about it was open: a sentence, and nothing that was typed is lost."""

from unittest.mock import patch

import pytest
from django.urls import reverse

from committees.models import Announcement
from events.models import AgendaItem, Meeting
from tests.access_world import make_announcement
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db
TEXT = "The buses run late, and nobody says why."


@pytest.fixture
def draft(committee, carla):
    return make_announcement(committee, carla)


@pytest.fixture
def gone_when_found(monkeypatch, draft):
    """The draft is thrown away between the view that finds it and the verb."""
    from committees.announcements import views as announcements  # noqa: PLC0415 - the name that is replaced

    find = announcements._find

    def found(*args):
        kept = find(*args)
        Announcement.objects.filter(pk=draft.pk).delete()
        return kept

    monkeypatch.setattr(announcements, "_find", found)


@pytest.mark.parametrize("name", ["announcement_edit", "announcement_send"])
def test_a_draft_that_another_threw_away_gives_its_words_back(sign_in, carla, draft, gone_when_found, name):
    address = reverse(name, args=[draft.pk]) + ("?version=0" if name == "announcement_send" else "")
    answer = sign_in(carla).post(
        address, {"headline": "Buses are late", "body": TEXT, "fingerprint": "x", "version": "0"}
    )
    assert answer.status_code == 410
    assert "not there any more" in answer.text and TEXT in answer.text and "Buses are late" in answer.text


def test_a_form_for_what_is_not_there_gives_its_words_back_whatever_the_reason(sign_in, olga, carla, draft):
    for client, number in ((sign_in(carla), draft.pk + 99), (sign_in(olga), draft.pk)):
        answer = client.post(reverse("announcement_edit", args=[number]), {"headline": "Buses", "body": TEXT})
        assert answer.status_code == 404 and TEXT in answer.text


def test_what_is_given_back_is_text(sign_in, carla):
    answer = sign_in(carla).post("/announcements/999999/edit/", {"body": "<script>alert(1)</script>"})
    assert answer.status_code == 404 and "&lt;script&gt;alert(1)" in answer.text and "<script>alert" not in answer.text


def test_a_verb_that_finds_no_row_is_no_breakdown(sign_in, carla, meeting):
    with patch.object(Meeting, "edit", side_effect=Meeting.DoesNotExist):
        answer = sign_in(carla).post(
            reverse("meeting_edit", args=[meeting.slug]),
            {"title": "A long new title", "duration": "60", "reminders": "committee", "quiet": "1"},
        )
    assert answer.status_code == 410 and "A long new title" in answer.text


@pytest.mark.parametrize("change", ["less", "more"])
def test_an_item_that_was_removed_is_not_stretched(sign_in, carla, meeting, change):
    item = AgendaItem.add(meeting, carla, title="Buses", minutes=15)
    item.remove(carla)
    for name, fields in (("agenda_item_minutes", {"change": change}), ("agenda_item_shift", {"to": "up"})):
        answer = sign_in(carla).post(reverse(name, args=[meeting.slug, item.pk]), fields, follow=True)
        assert answer.status_code == 200 and "“Buses” was taken off the agenda meanwhile." in answer.text
    assert not meeting.agenda_items.exists()


def test_an_agenda_that_another_began_is_not_copied_over(carla, committee, meeting):
    empty = MeetingFactory(committee=committee, by=carla)
    AgendaItem.add(meeting, carla, title="Buses")
    assert [AgendaItem.copy_all(meeting, empty, carla) for _time in range(2)] == [1, 0]


@pytest.mark.parametrize("body", [b"", b"--b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n', b"\xff\0"])
@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary=\xe9"]
)
def test_a_body_that_cannot_be_read_is_not_found_like_any_other(client, body, kind):
    client.raise_request_exception = False
    assert client.post("/nowhere/", body, content_type=kind).status_code in (400, 404)
