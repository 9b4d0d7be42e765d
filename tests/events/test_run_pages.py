"""The page of who runs a call: without script, with its script, and for whom."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committees.models import Membership
from events.models import AgendaItem, Attendance, CallRun, LogEntry, Rsvp
from events.models.runs import FORGOTTEN
from tests.factories import CallRunFactory, LogEntryFactory, MeetingFactory, MembershipFactory, UserFactory

NOON = datetime(2027, 3, 11, 17, tzinfo=UTC)  # 12:00 in New York
Kind = LogEntry.Kind


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def call(committee, carla):
    call = MeetingFactory(
        committee=committee, by=carla, title="Fair workweek", starts_in=timedelta(0), told_at=NOON - timedelta(days=9)
    )
    for title, minutes in (("Welcome", 5), ("Wage theft", 25), ("Next steps", 8)):
        AgendaItem.add(call, carla, title=title, minutes=minutes)
    return call


@pytest.fixture
def secretary(committee):
    person = UserFactory(name="María López")
    MembershipFactory(committee=committee, user=person, role=Membership.Role.SECRETARY)
    return person


def page(client, call, **query):
    return client.get(reverse("meeting_run", args=[call.slug]), query)


def text(response):
    return " ".join(response.content.decode().split())


def words(response):
    """Without its tags."""
    return re.sub(r" ([,.])", r"\1", " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split()))


def post(client, call, kind, **fields):
    fields = {"kind": kind, "key": uuid4(), **fields}
    return client.post(reverse("run_record", args=[call.slug]), fields, headers={"accept": "text/html"}, follow=True)


def send(client, call, *entries, sent_at=0):
    """As the page's script does: each entry with how many milliseconds before it was made."""
    queue = [{"key": str(uuid4()), "made_at": -ago, **fields} for ago, fields in entries]
    body = {"entries": json.dumps(queue), "sent_at": sent_at}
    return client.post(reverse("run_record", args=[call.slug]), body), queue


# Without script -------------------------------------------------------------------------------------------


def test_a_call_is_run_from_start_to_end_with_plain_forms(sign_in, carla, mo, call, clock):
    client = sign_in(carla)
    Rsvp.objects.create(meeting=call, user=mo, edition=call.edition, response=Rsvp.Response.ACCEPTED)
    assert "Start the call" in text(page(client, call))
    _first, second, _third = call.agenda_items.in_order()
    assert "Now: discussion, item 1 of 3" in text(post(client, call, "start"))
    clock.move_to(NOON + timedelta(minutes=7))
    assert "+2:00" in text(page(client, call))
    moved = text(post(client, call, "item", item=second.pk))
    assert "Now: discussion, item 2 of 3" in moved and "7 min, 2 over" in moved
    assert "left of 25 min, paused at" in text(post(client, call, "pause", item=second.pk))
    post(client, call, "resume", item=second.pk)
    post(client, call, "extend", item=second.pk, minutes=2)
    here = text(post(client, call, "", mark=f"here:{mo.pk}"))
    assert f'value="gone:{mo.pk}"' in here and "<b>1</b>" in here
    assert "of 2. Decisions need 2." in here
    assert "No quorum: 1 missing" in here
    post(client, call, "note", text="Nine cities", item=second.pk)
    post(client, call, "action", text="Send it @Mo by Friday")
    said = words(post(client, call, "decision", text="Agree", ayes=1, noes=1))
    assert "Tied, so it failed: 1 for, 1 against" in said
    assert "Mo Haddad, by Fri, March 12" in said and "3 entries, all saved" in said
    minutes = words(post(client, call, "end"))
    assert "Nine cities" in minutes and "Send it" in minutes and "Agree" in minutes
    assert "The call ended at" in text(page(client, call))
    assert not CallRun.objects.get().is_live
    assert Attendance.objects.get().user == mo


def test_what_was_typed_comes_back_with_the_reason(sign_in, carla, call):
    client = sign_in(carla)
    post(client, call, "start")
    response = post(client, call, "decision", text="Agree to all", ayes=7)
    assert "That’s 7 votes" in text(response) and "Agree to all</textarea>" in text(response)
    assert "<title>Error:" in text(response)
    assert 'value="7"' in text(response)
    assert not LogEntry.objects.filter(kind=Kind.DECISION).exists()


def test_the_same_form_twice_is_one_entry(sign_in, carla, call):
    client = sign_in(carla)
    post(client, call, "start")
    key = uuid4()
    for _ in range(2):
        post(client, call, "note", key=key, text="Once")
    assert LogEntry.objects.filter(kind=Kind.NOTE).count() == 1


# With its script ------------------------------------------------------------------------------------------


def test_a_queue_lands_in_the_order_made_by_how_long_ago_it_was(sign_in, carla, call, clock):
    client = sign_in(carla)
    post(client, call, "start")
    clock.move_to(NOON + timedelta(minutes=10))
    entries = (
        (120_000, {"kind": "note", "text": "A"}),
        (60_000, {"kind": "note", "text": ""}),
        (1000, {"kind": "note", "text": "B"}),
    )
    response, queue = send(client, call, *entries)
    landed = response.json()["landed"]
    assert [each["state"] for each in landed] == ["kept", "refused", "kept"]
    assert [each["key"] for each in landed] == [each["key"] for each in queue]
    assert landed[1]["said"] == "Write the note first"
    made = LogEntry.objects.filter(kind=Kind.NOTE).in_order().values_list("text", "made_at")
    assert [(words, (at - NOON).total_seconds()) for words, at in made] == [("A", 480), ("B", 599)]
    assert 'data-part="log"' in response.json()["parts"]


@pytest.mark.parametrize(
    ("entries", "sent_at"),
    [
        ("", "0"),
        ("[", "0"),
        ("{}", "0"),
        ("[1]", "0"),
        ('[{"kind": "note"}]', "0"),
        ('[{"made_at": "noon"}]', "0"),
        ("[]", ""),
        ("[]", "nan!"),
        (json.dumps([{"made_at": 0}] * 201), "0"),
        ("[" * 20_000, "0"),
    ],
)
def test_what_is_no_queue_is_refused(sign_in, carla, call, entries, sent_at):
    response = sign_in(carla).post(reverse("run_record", args=[call.slug]), {"entries": entries, "sent_at": sent_at})
    assert response.status_code == 400


def test_a_queue_of_odd_entries_is_answered_entry_by_entry(sign_in, carla, call):
    client = sign_in(carla)
    post(client, call, "start")
    odd = (
        {"kind": "note", "text": ["x"]},
        {"kind": 7},
        {"kind": "item", "item": "9" * 30},
        {"kind": "here", "user": "x"},
        {"key": None},
    )
    response, _queue = send(client, call, *((0, fields) for fields in odd))
    assert [each["state"] for each in response.json()["landed"]] == ["kept", "refused", "refused", "refused", "refused"]


def test_the_live_part_says_what_the_other_did(sign_in, carla, secretary, call):
    post(sign_in(carla), call, "start")
    _first, second, _third = call.agenda_items.in_order()
    post(sign_in(carla), call, "item", item=second.pk)
    live = text(page(sign_in(secretary), call, part="live"))
    assert "Carla Núñez-O&#x27;Hara went to “Wage theft”" in live
    assert "Next item" not in live  # the clock is the co-chairs'


def test_who_asks_again_gets_nothing_until_there_is_something_new(sign_in, carla, mo, call, clock):
    client = sign_in(carla)

    def asked(stamp):
        response = page(client, call, part="live", since=stamp)
        return response.status_code, re.search('data-stamp="(.*?)"', response.content.decode() or 'data-stamp=""')[1]

    def news(stamp):
        status, now = asked(stamp)
        assert status == 200 and asked(now)[0] == 204
        return now

    stamp = news("")
    post(client, call, "start")
    stamp = news(stamp)
    Attendance.mark(call, mo, by=mo)
    stamp = news(stamp)
    call.agenda_items.in_order()[0].edit(carla, title="Hello")
    stamp = news(stamp)
    call.agenda_items.in_order()[0].shift(carla, 1)
    stamp = news(stamp)
    clock.move_to(NOON + timedelta(minutes=1))
    news(stamp)


# For whom -------------------------------------------------------------------------------------------------


def test_members_neither_see_it_nor_write(sign_in, mo, olga, call):
    assert page(sign_in(mo), call).status_code == 403
    assert page(sign_in(olga), call).status_code == 404
    assert post(sign_in(mo), call, "start").status_code == 403
    assert post(sign_in(olga), call, "start").status_code == 404
    assert not CallRun.objects.exists()


def test_a_secretary_whose_call_is_not_started_waits_for_a_co_chair(sign_in, secretary, call):
    assert "A co-chair starts it." in text(page(sign_in(secretary), call))


def test_states_before_a_call_can_be_run(sign_in, carla, committee, call, clock):
    client = sign_in(carla)
    draft = MeetingFactory(committee=committee, by=carla, told_at=None, starts_in=timedelta(0))
    assert "isn’t told of this call yet" in text(page(client, draft))
    clock.move_to(NOON - timedelta(hours=1))
    assert "You can start it from" in text(page(client, call))
    clock.move_to(call.ends_at + timedelta(hours=13))
    assert "Nobody ran it here" in text(page(client, call))
    assert "This call is over" in text(post(client, call, "start"))
    call.cancel(carla, "Storm")
    assert "This call is canceled" in text(page(client, call))


def test_who_keeps_the_record_is_led_to_the_page_until_half_a_day_later(sign_in, carla, secretary, mo, call, clock):
    link = reverse("meeting_run", args=[call.slug])

    def led(person):
        return link in sign_in(person).get(call.get_absolute_url()).content.decode()

    assert [led(person) for person in (carla, secretary, mo)] == [True, True, False]
    clock.move_to(call.ends_at + timedelta(hours=13))
    assert [led(person) for person in (carla, secretary)] == [False, False]


# What it costs --------------------------------------------------------------------------------------------


def test_the_page_asks_as_much_for_three_entries_as_for_one(sign_in, carla, call, committee):
    client = sign_in(carla)
    run = CallRunFactory(meeting=call)
    first = call.agenda_items.in_order()[0]

    def questions():
        page(client, call)
        with CaptureQueriesContext(connection) as asked:
            assert page(client, call, part="live").status_code == 200
        return len(asked)

    def write(number):
        for _ in range(number):
            person = UserFactory()
            MembershipFactory(committee=committee, user=person)
            LogEntryFactory(run=run, agenda_item=first, by=person)
            post(client, call, "decision", text="Agree", ayes=1, mover=person.pk)
            post(client, call, "action", text="Send it", owner=person.pk)
            post(client, call, "here", user=person.pk)

    write(1)
    one = questions()
    write(2)
    assert questions() == one <= 12


# Those who follow -----------------------------------------------------------------------------------------


def test_members_see_which_item_the_call_is_on_and_nothing_of_the_log(sign_in, carla, mo, olga, call):
    client, follower = sign_in(carla), sign_in(mo)

    def seen(**query):
        return words(follower.get(call.get_absolute_url(), query, headers={"hx-request": "true"} if query else {}))

    assert "of 3 now" not in seen()
    post(client, call, "start")
    assert "Item 1 of 3 now: Welcome" in seen()
    _first, second, _third = call.agenda_items.in_order()
    post(client, call, "item", item=second.pk)
    post(client, call, "note", text="Not for everybody yet")
    assert "Item 2 of 3 now: Wage theft" in seen(part="join")
    assert "Not for everybody" not in seen()
    call.public = True
    call.save()
    assert "of 3 now" not in words(sign_in(olga).get(call.get_absolute_url()))
    with time_machine.travel(call.ends_at + timedelta(minutes=40)):
        assert "Item 2 of 3 now: Wage theft" in seen() and "It runs longer than planned." in seen(part="join")
        assert 'hx-trigger="every 30s"' in sign_in(mo).get(call.get_absolute_url()).text
    with time_machine.travel(call.ends_at + FORGOTTEN):
        assert "of 3 now" not in seen()
    post(client, call, "end")
    assert "of 3 now" not in seen(part="join")
    with time_machine.travel(call.ends_at + timedelta(minutes=40)):
        assert "of 3 now" not in seen()
