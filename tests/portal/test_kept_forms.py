"""A form that came back with mistakes is a page of its own: reload and Back show it again, with all that was typed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from committees.models import Announcement
from events.models import AgendaItem, Meeting
from members.models import KeptForm
from members.models.kept_forms import MOST
from members.tasks import forget_forms
from tests.access_world import World, make_world

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass
class Case:
    """Somebody posts `fields`; the page afterwards says `sentence` and still holds what was `typed`."""

    by: str
    arguments: Callable[[World], list]
    fields: dict[str, Any]
    sentence: str
    typed: str = ""


def slug(world: World) -> list:
    return [world.committee.slug]


def call(world: World) -> list:
    return [world.meeting.slug]


CASES = {
    "document_upload": Case("carla", slug, {"title": "Late buses", "audience": ""}, "Choose who can read it", "Late buses"),
    "document_new_version": Case("carla", lambda w: [w.document.pk], {}, "Choose a file"),
    "announcement_new": Case("carla", slug, {"headline": "x" * 121, "body": "Typed long"}, "Shorten this", "Typed long"),
    "announcement_edit": Case(
        "carla", lambda w: [w.draft.pk], {"headline": "x" * 121, "body": "Typed long"}, "Shorten this", "Typed long"
    ),
    "announcement_send": Case("carla", lambda w: [w.empty_draft.pk], {}, "Write what you want to tell", "Only a headline"),
    "committee_ask": Case("mo", lambda w: [w.asking.slug], {"message": "y" * 1001}, "Shorten this to 1000", "yyyy"),
    "committee_edit": Case("carla", slug, {"purpose": "", "rhythm": "Fridays"}, "Write what the committee is for", "Fridays"),
    "meeting_schedule": Case("carla", slug, {"summary": "Worth it", "title": ""}, "Write a title, so that", "Worth it"),
    "meeting_edit": Case("carla", call, {"summary": "Worth it", "title": ""}, "Write a title, so that", "Worth it"),
    "meeting_move": Case("carla", call, {"local_date": "someday", "reason": "Snow"}, "Enter a date like", "Snow"),
    "meeting_cancel": Case("carla", call, {"reason": "z" * 501}, "Shorten this to 500", "zzzz"),
    "agenda_item_add": Case("carla", call, {"title": "", "description": "Bring pens"}, "Write what the item is", "Bring pens"),
    "agenda_item_edit": Case(
        "carla", lambda w: [w.meeting.slug, w.item.pk], {"title": "", "description": "Bring pens"}, "Write what the item is", "Bring pens"
    ),
    "apply": Case("", lambda w: [], {"name": "12 34"}, "Enter your name in letters", "12 34"),
    "settings_details": Case("mo", lambda w: [], {"name": "", "bio": "My bio"}, "Enter your name", "My bio"),
    "settings_privacy": Case("mo", lambda w: [], {"email_audience": "x"}, "Choose one of those shown"),
    "settings_notifications": Case("mo", lambda w: [], {"reminders": "own"}, "Choose at least one"),
    "settings_email": Case("mo", lambda w: [], {"email": "no address"}, "Enter an email like", "no address"),
    "staff_committee_new": Case("stu", lambda w: [], {"name": "", "purpose": "Buses run"}, "Write the committee’s name", "Buses run"),
    "staff_committee_edit": Case("stu", slug, {"name": "", "purpose": "Buses run"}, "Write the committee’s name", "Buses run"),
    "staff_publication_new": Case("ada", lambda w: [], {"title": "", "body": "Long text"}, "Write a title: people see it", "Long text"),
    "staff_publication": Case(
        "ada", lambda w: [w.publication.pk], {"title": "", "body": "Long text"}, "Write a title: people see it", "Long text"
    ),
    "staff_issue": Case("ada", lambda w: [w.committee.issue.slug], {"vision": "Ours", "tagline": ""}, "Write the opening", "Ours"),
    "staff_application_decline": Case(
        "stu", lambda w: [w.application.pk], {"confirm": "1", "note": ""}, "Write why, in a sentence or two"
    ),
    "staff_application_approve": Case("stu", lambda w: [w.application.pk], {"note": "q" * 2001}, "Shorten this", "qqqq"),
    "staff_member_email": Case("ada", lambda w: [w.mo.pk], {"email": "mo@new", "reason": "Lost"}, "Enter an email like", "mo@new"),
    "staff_member_standing": Case("stu", lambda w: [w.mo.pk], {"to": "leave", "reason": ""}, "Write why. It is kept"),
}  # fmt: skip


@pytest.fixture
def world(db, committee, elsewhere, carla, mo, olga, ana, stu, meeting, settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    world = make_world(
        committee=committee, elsewhere=elsewhere, carla=carla, mo=mo, olga=olga, ana=ana, stu=stu, meeting=meeting
    )
    world.empty_draft = Announcement.objects.create(committee=committee, author=carla, headline="Only a headline")
    return world


@pytest.fixture
def client_of(sign_in, carla, mo, stu, ada) -> Callable[[str], Client]:
    people = {"carla": carla, "mo": mo, "stu": stu, "ada": ada, "": None}
    return lambda name: sign_in(people[name])


def post(client: Client, name: str, world: World, case: Case | None = None) -> Any:
    case = case or CASES[name]
    return client.post(reverse(name, args=case.arguments(world)), case.fields, headers=BROWSER)


def test_each_form_comes_back_as_a_page_that_reload_and_back_show_again(world, client_of):
    wrong = []
    for name, case in CASES.items():
        client = client_of(case.by)
        response = post(client, name, world)
        if response.status_code != 303:
            wrong.append(f"{name} answers {response.status_code}")
            continue
        pages = [client.get(response["Location"]) for _look in range(2)]
        for page in pages:
            text = unescape(page.content.decode())
            wrong += [f"{name} lost “{words}”" for words in (case.sentence, case.typed) if words not in text]
            wrong += (
                []
                if (page.status_code, "<title>Error: " in text) == (200, True)
                else [f"{name}: no error in the title"]
            )
    assert wrong == []


def test_what_came_back_can_be_mended_and_sent(world, client_of):
    client, case = client_of("carla"), CASES["agenda_item_add"]
    back = post(client, "agenda_item_add", world)["Location"]
    assert "item=new" in back
    client.get(back)
    client.post(
        reverse("agenda_item_add", args=[world.meeting.slug]), case.fields | {"title": "Pens", "kind": "discussion"}
    )
    assert AgendaItem.objects.get(title="Pens").description == "Bring pens"


def test_programs_and_fragments_are_answered_in_place(world, client_of):
    client, case = client_of("carla"), CASES["meeting_schedule"]
    address = reverse("meeting_schedule", args=[world.committee.slug])
    assert client.post(address, case.fields).status_code == 422
    line = client.post(
        reverse("agenda_item_add", args=[world.meeting.slug]), {"line": "@x"}, headers=BROWSER | {"hx-request": "true"}
    )
    assert line.status_code == 200 and "Nobody on this committee" in line.content.decode()
    assert not KeptForm.objects.exists()


def test_what_is_too_long_to_keep_is_answered_in_place(world, client_of):
    fields = {"headline": "Ours", "body": "x" * 250_000}
    case = Case("carla", slug, fields, "")
    response = post(client_of("carla"), "announcement_new", world, case)
    assert response.status_code == 422 and "xxxx" in response.content.decode()


def test_nobody_else_reads_it(world, client_of, sign_in, carla, ada):
    back = post(client_of("carla"), "meeting_schedule", world)["Location"]
    assert "Worth it" not in sign_in(ada).get(back).content.decode()
    assert "Worth it" in sign_in(carla).get(back).content.decode()  # on another device, too
    strangers = post(Client(), "apply", world)["Location"]
    assert "12 34" not in Client().get(strangers).content.decode()


def test_a_link_to_nothing_is_the_empty_form(world, client_of):
    client, address = client_of("carla"), reverse("meeting_schedule", args=[world.committee.slug])
    for token in ("x", "", "0" * 400):
        page = client.get(address, {"typed": token})
        assert page.status_code == 200 and "<title>Error: " not in page.content.decode()


def test_codes_and_keys_are_never_kept(world, client_of):
    case = Case("carla", slug, {"title": "", "summary": "Kept", "code": "48172046", "once": "a-key"}, "")
    post(client_of("carla"), "meeting_schedule", world, case)
    kept = KeptForm.objects.get()
    assert "Kept" in str(kept.typed) and "48172046" not in str(kept.typed) and "a-key" not in str(kept.typed)


def test_it_is_kept_for_two_hours_and_a_person_has_room_for_a_few(world, client_of):
    client = client_of("carla")
    for _time in range(MOST + 3):
        back = post(client, "meeting_schedule", world)["Location"]
    assert KeptForm.objects.count() == MOST
    KeptForm.objects.update(kept_at=now() - timedelta(minutes=121))
    assert "Worth it" not in client.get(back).content.decode()
    forget_forms()
    assert not KeptForm.objects.exists()


def test_a_conflict_and_a_way_back_from_the_preview_survive_reload_too(world, client_of):
    client = client_of("carla")
    edit = reverse("announcement_edit", args=[world.draft.pk])
    world.draft.write(seen=0, committee=world.committee, headline="Theirs", body="Theirs too")
    conflict = client.post(edit, {"headline": "Mine", "body": "My text", "seen": "0"}, headers=BROWSER)["Location"]
    page = client.get(conflict).content.decode()
    assert "Theirs too" in page and "My text" in page and 'name="seen" value="1"' in page
    fields = {"title": "Buses", "local_date": "2027-03-11", "local_time": "13:00", "timezone": "America/Denver"}
    fields |= {"duration": "60", "back": "1"}
    back = client.post(reverse("meeting_schedule", args=[world.committee.slug]), fields, headers=BROWSER)["Location"]
    assert 'value="Buses"' in client.get(back).content.decode() and not Meeting.objects.filter(title="Buses").exists()
