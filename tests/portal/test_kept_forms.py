"""A form that came back with mistakes is a page of its own: reload and Back show it again, with all that was typed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate, now

from committees.models import Announcement
from events.models import AgendaItem, Meeting
from events.record.minutes import writing
from members.models import Delivery, KeptForm
from members.models.kept_forms import MOST
from members.tasks import forget_forms
from tests.access_world import World, make_world
from tests.factories import MeetingFactory
from tests.sending import preview_of

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


def minutes(world: World) -> list:
    return [world.minutes.meeting.slug]


def series(world: World) -> list:
    return [world.series.key]


CASES = {
    "document_upload": Case("carla", slug, {"title": "Late buses", "audience": ""}, "Choose who can read it", "Late buses"),
    "document_new_version": Case("carla", lambda w: [w.document.pk], {}, "Choose a file"),
    "announcement_new": Case("carla", slug, {"headline": "x" * 121, "body": "Typed long"}, "Shorten this", "Typed long"),
    "announcement_edit": Case(
        "carla", lambda w: [w.draft.pk], {"headline": "x" * 121, "body": "Typed long"}, "Shorten this", "Typed long"
    ),
    "announcement_send": Case("carla", lambda w: [w.empty_draft.pk], {}, "Write what you want to tell", "Only a headline"),
    "staff_suppressions_import": Case("stu", lambda w: [], {}, "Choose the list"),
    "staff_mailing_new": Case("stu", lambda w: [], {"subject": "x" * 121, "body": "Typed long"}, "Shorten this", "Typed long"),
    "staff_mailing_edit": Case(
        "stu", lambda w: [w.mailing.pk], {"subject": "x" * 121, "body": "Typed long"}, "Shorten this", "Typed long"
    ),
    "committee_ask": Case("mo", lambda w: [w.asking.slug], {"message": "y" * 1001}, "Shorten this to 1000", "yyyy"),
    "committee_write": Case("mo", slug, {"subject": "", "words": "Which lines?"}, "Write in a few words", "Which lines?"),
    "contact_ask": Case("mo", lambda w: [w.carla.pk], {"message": "y" * 501}, "Shorten this to 500", "yyyy"),
    "contact_request": Case("mo", lambda w: [w.contact_request.pk], {"answer": "show"}, "Tick what you want to show"),
    "committee_edit": Case("carla", slug, {"purpose": "", "rhythm": "Fridays"}, "Write what the committee is for", "Fridays"),
    "manage_person": Case(
        "carla", lambda w: [w.committee.slug, w.seat.pk], {"role": "secretary", "starts_on": "someday"}, "Enter a date like", "someday"
    ),
    "meeting_schedule": Case("carla", slug, {"summary": "Worth it", "title": ""}, "Write a title, so that", "Worth it"),
    "series_new": Case("carla", slug, {"summary": "Worth it", "title": ""}, "Write a title, so that", "Worth it"),
    "series_edit": Case("carla", series, {"summary": "Worth it", "title": ""}, "Write a title, so that", "Worth it"),
    "series_change": Case("carla", series, {"local_date": "someday", "reason": "Snow"}, "Enter a date like", "Snow"),
    "series_pause": Case("carla", series, {"reason": "z" * 501}, "Shorten this to 500", "zzzz"),
    "series_end": Case("carla", series, {"reason": "z" * 501}, "Shorten this to 500", "zzzz"),
    "meeting_edit": Case("carla", call, {"summary": "Worth it", "title": ""}, "Write a title, so that", "Worth it"),
    "meeting_move": Case("carla", call, {"local_date": "someday", "reason": "Snow"}, "Enter a date like", "Snow"),
    "meeting_cancel": Case("carla", call, {"reason": "z" * 501}, "Shorten this to 500", "zzzz"),
    "attendance_report": Case("carla", call, {}, "Choose the report"),
    "attendance_times": Case("carla", lambda w: [w.meeting.slug, w.mo.pk], {"arrived": "late"}, "Enter a time like", "late"),
    "meeting_minutes_comment": Case("mo", minutes, {"words": "z" * 2001}, "Shorten this to 2000", "zzzz"),
    "meeting_minutes_object": Case("mo", minutes, {"reason": "z" * 1001}, "Shorten this to 1000", "zzzz"),
    "meeting_minutes_send": Case(
        "carla", lambda w: [w.past.slug], {"text-other-0": "We met.", "until": "someday", "how": "silently", "audience": "committee"}, "Enter the last day for comments", "We met."
    ),
    "meeting_minutes_amend": Case("carla", lambda w: [w.approved.meeting.slug], {"reason": "z" * 301}, "Shorten this to 300", "zzzz"),
    "action_new": Case("carla", slug, {"text": "", "owner_name": "The clerk"}, "Write what is to be done", "The clerk"),
    "action_detail": Case("carla", lambda w: [w.committee.slug, w.action.pk], {"text": "", "owner_name": "The clerk"}, "Write what is to be done", "The clerk"),
    "decision_new": Case("carla", slug, {"motion": "", "replaces": "D-1"}, "Write the motion as it was put", "D-1"),
    "decision_correct": Case(
        "carla", lambda w: [w.committee.slug, w.decision.reference], {"motion": "", "reason": "A wrong word"}, "Write the motion as it was put", "A wrong word"
    ),
    "poll_new": Case("carla", slug, {"summary": "Worth it", "title": ""}, "Write a title, so that", "Worth it"),
    "poll_edit": Case("carla", lambda w: [w.poll.key], {"title": "", "summary": "Worth it"}, "Write a title, so that", "Worth it"),
    "poll_times": Case("carla", lambda w: [w.poll.key], {"date_1": "someday"}, "Enter a date like", "someday"),
    "poll_choose": Case(
        "carla", lambda w: [w.poll.key, w.poll.slots.first().pk], {"summary": "Worth it", "title": ""}, "Write a title, so that", "Worth it"
    ),
    "agenda_item_add": Case("carla", call, {"title": "", "description": "Bring pens"}, "Write what the item is", "Bring pens"),
    "agenda_item_edit": Case(
        "carla", lambda w: [w.meeting.slug, w.item.pk], {"title": "", "description": "Bring pens"}, "Write what the item is", "Bring pens"
    ),
    "apply": Case("", lambda w: [], {"name": "12 34"}, "Enter your name in letters", "12 34"),
    "settings_details": Case("mo", lambda w: [], {"name": "", "bio": "My bio"}, "Enter your name", "My bio"),
    "settings_calendar": Case("mo", lambda w: [], {"way": "pigeon"}, "Choose one of those shown"),
    "settings_hours": Case("mo", lambda w: [], {"day_0": "on", "opens_0": "540", "closes_0": "480"}, "Monday ends before it begins"),
    "council_night": Case("mo", lambda w: [], {"weekday": "1", "rhythm": "month", "begins": "half past", "minutes": "180"}, "Check the weeks", "half past"),
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
    "staff_publication_picture": Case(
        "ada", lambda w: [w.publication.pk], {"credit": "Ana Ortiz"}, "Say what it shows, for those", "Ana Ortiz"
    ),
    "staff_issue_picture": Case(
        "ada", lambda w: [w.committee.issue.slug], {"credit": "Ana Ortiz"}, "Say what it shows, for those", "Ana Ortiz"
    ),
    "staff_publication_pdf": Case("ada", lambda w: [w.publication.pk], {}, "Choose a PDF"),
    "staff_application_decline": Case(
        "stu", lambda w: [w.application.pk], {"confirm": "1", "note": ""}, "Write why, in a sentence or two"
    ),
    "staff_application_ask": Case("stu", lambda w: [w.application.pk], {"ask": "1", "words": ""}, "Write your question"),
    "staff_application_approve": Case("stu", lambda w: [w.application.pk], {"note": "q" * 2001}, "Shorten this", "qqqq"),
    "staff_member_email": Case("ada", lambda w: [w.mo.pk], {"email": "mo@new", "reason": "Lost"}, "Enter an email like", "mo@new"),
    "staff_look_as": Case("stu", lambda w: [w.mo.pk], {"reason": "z" * 301}, "Shorten this to 300", "zzzz"),
    "staff_member_standing": Case("stu", lambda w: [w.mo.pk], {"to": "leave", "reason": ""}, "Write why. It is kept"),
}  # fmt: skip


@pytest.fixture
def world(db, committee, elsewhere, carla, mo, olga, ana, stu, meeting, settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    world = make_world(
        committee=committee, elsewhere=elsewhere, carla=carla, mo=mo, olga=olga, ana=ana, stu=stu, meeting=meeting
    )
    world.empty_draft = Announcement.objects.create(committee=committee, author=carla, headline="Only a headline")
    world.past = MeetingFactory(committee=committee, by=carla, starts_in=-timedelta(days=2))
    assert world.minutes.sent_at  # the first ones, those out for comment
    over = MeetingFactory(committee=committee, by=carla, starts_in=-timedelta(days=3))
    world.approved = writing.send(over, carla, until=localdate(), silently=True, audience="committee")
    writing.approve(world.approved, carla)
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


# Looks: what a post would do, and pages whose form has done its work -----------------------------------

PUBLICATION = {"title": "Buses", "type": "report", "dated_on": "2026-11-01", "body": "**All** of it", "when": "now"}
NEW_CALL = {"title": "Buses", "local_date": "2027-03-11", "local_time": "13:00", "timezone": "America/Denver"} | {
    "duration": "60"
}
NEW_POLL = {"title": "Buses", "duration": "60", "timezone": "America/Denver"}
NEW_POLL |= {f"{name}_{n}": value for n in (1, 2) for name, value in (("date", f"2027-03-1{n}"), ("time", "13:00"))}
LOOKS = {
    "meeting_schedule": Case("carla", slug, NEW_CALL, "Send to", "Buses"),
    "poll_new": Case("carla", slug, NEW_POLL, "Send to", "Buses"),
    "poll_choose": Case(
        "carla",
        lambda w: [w.poll.key, w.poll.slots.first().pk],
        {"title": "Buses", "duration": "60"},
        "Send to",
        "Buses",
    ),
    "meeting_edit": Case("carla", call, {"title": "Buses run late", "duration": "60"}, "Send to", "Buses run late"),
    "meeting_move": Case(
        "carla",
        call,
        {"local_date": "2027-03-12", "local_time": "13:00", "timezone": "America/Denver", "reason": "Snowed in"},
        "Send to",
        "Snowed in",
    ),
    "meeting_cancel": Case("carla", call, {"reason": "Snowed in"}, "Cancel the call and tell", "Snowed in"),
    "series_new": Case(
        "carla",
        slug,
        NEW_CALL | {"every": "month", "place": "2", "weekday": "1", "ends": "year"},
        "Send to",
        "Buses",
    ),
    "series_edit": Case("carla", series, {"title": "Buses run late", "duration": "60"}, "Send to", "Buses run late"),
    "series_pause": Case("carla", series, {"reason": "Snowed in"}, "Pause it and tell", "Snowed in"),
    "series_end": Case("carla", series, {"reason": "Snowed in"}, "End it and tell", "Snowed in"),
    "meeting_nudge": Case("carla", call, {}, "Send to"),
    "meeting_agenda_publish": Case("carla", call, {}, "Send to"),
    "announcement_send": Case("carla", lambda w: [w.draft.pk], {}, "Send to"),
    "staff_publication_new": Case("ada", lambda w: [], PUBLICATION | {"preview": "1"}, "Not saved yet", "Buses"),
    "staff_publication": Case(
        "ada", lambda w: [w.publication.pk], PUBLICATION | {"preview": "1"}, "Not saved yet", "**All** of it"
    ),
    "staff_issue": Case(
        "ada", lambda w: [w.committee.issue.slug], {"vision": "Ours", "preview": "1"}, "Preview", "Ours"
    ),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_preview_is_a_page_that_reload_and_back_show_again(world, client_of, name, everything_stored):
    case = LOOKS[name]
    client = client_of(case.by)
    response = post(client, name, world, case)
    assert response.status_code == 303
    before = everything_stored()
    for _look in range(2):
        page = client.get(response["Location"])
        text = unescape(page.text)
        assert (page.status_code, case.sentence in text, case.typed in text) == (200, True, True)
    assert everything_stored() == before


@pytest.fixture
def everything_stored():
    """All rows but those of sessions."""

    def rows() -> dict[str, list]:
        tables = set(connection.introspection.table_names())
        models = [model for model in apps.get_models() if model is not Session and model._meta.db_table in tables]
        return {model._meta.label: sorted(map(str, model._base_manager.values_list())) for model in models}

    return rows


def press(client: Client, at: str, button: str = "send") -> Any:
    """A button of the preview at this address."""
    found = preview_of(client.get(at))
    assert found and button in found[1]
    action = re.search(r'<form class="form" method="post" action="([^"]+)"', client.get(at).text)
    headers = BROWSER | {"referer": f"http://testserver{at}"}
    return client.post(unescape(action[1]) if action else at, found[0] | {button: "1"}, headers=headers)


@pytest.mark.parametrize("name", [name for name in LOOKS if not name.startswith("staff")])
def test_a_preview_sends_once_and_leads_on_then(world, client_of, name):
    client = client_of("carla")
    at = post(client, name, world, LOOKS[name])["Location"]
    client.get(at)
    carried = preview_of(client.get(at))[0]
    sent = press(client, at)
    told = Delivery.objects.count()
    assert sent.status_code == 302 and told
    back = client.get(at)
    assert (back.status_code, back["Location"]) == (303, sent["Location"])
    again = client.post(at, carried | {"send": "1"}, headers=BROWSER)  # from a copy that the browser still showed
    assert (again.status_code, again["Location"]) == (303, sent["Location"])
    assert Delivery.objects.count() == told and Meeting.objects.filter(title="Buses", series=None).count() <= 1


def test_a_preview_shows_that_something_changed_and_sends_nothing(world, client_of):
    client = client_of("carla")
    at = post(client, "announcement_send", world, LOOKS["announcement_send"])["Location"]
    fields, told = preview_of(client.get(at))[0], Delivery.objects.count()
    world.draft.write(seen=0, committee=world.committee, headline="Theirs", body="Theirs too")
    changed = client.post(at, fields | {"send": "1"}, headers=BROWSER)["Location"]
    for _look in range(2):
        assert "Something changed since you looked" in client.get(changed).text
    assert Delivery.objects.count() == told
    assert press(client, changed).status_code == 302 and Delivery.objects.count() > told


def test_a_preview_whose_time_is_over_says_so_and_does_nothing(world, client_of):
    client = client_of("carla")
    at = post(client, "meeting_cancel", world, LOOKS["meeting_cancel"])["Location"]
    world.meeting.cancel(world.carla, "Storm")
    told = Delivery.objects.count()
    assert client.get(at).status_code == 409
    assert Delivery.objects.count() == told


def test_nobody_else_sees_a_preview(world, client_of, sign_in, ada):
    at = post(client_of("carla"), "meeting_schedule", world, LOOKS["meeting_schedule"])["Location"]
    assert "Buses" not in sign_in(ada).get(at).text


def test_back_from_what_was_saved_shows_no_old_mistakes(world, client_of):
    client, address = client_of("ada"), reverse("staff_publication", args=[world.publication.pk])
    first = post(client, "staff_publication", world)["Location"]
    second = client.post(first, {"title": "", "body": "Longer"}, headers=BROWSER)["Location"]
    assert "<title>Error: " in client.get(second).text
    right = PUBLICATION | {"issue": world.publication.issue_id, "slug": world.publication.slug, "summary": "So it is"}
    saved = client.post(second, right, headers=BROWSER)
    assert saved.status_code == 302
    for earlier in (second, first):
        page = client.get(earlier, follow=True)
        assert page.redirect_chain == [(saved["Location"], 303)] and address == saved["Location"]
        assert "<title>Error: " not in page.text and "**All** of it" in page.text
    assert not [each for each in KeptForm.objects.all() if each.typed]


def test_back_from_a_preview_shows_the_last_words_and_no_old_mistakes(world, client_of):
    client = client_of("carla")
    wrong = post(client, "meeting_schedule", world)["Location"]
    at = client.post(wrong, NEW_CALL, headers=BROWSER)["Location"]
    page = client.get(wrong).text
    assert 'value="Buses"' in page and "<title>Error: " not in page
    sent = press(client, at)
    assert client.get(wrong)["Location"] == sent["Location"]


def test_asking_once_more_who_one_is_does_not_count_as_done(world, client_of, mo):
    client = client_of("mo")
    wrong = post(client, "settings_email", world)["Location"]
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": 0}]
    session.save()
    assert "/account/confirm/" in client.post(wrong, {"email": "new@portal.example"}, headers=BROWSER)["Location"]
    assert KeptForm.objects.get().typed
