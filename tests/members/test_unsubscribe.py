"""Stopping one kind of message from a mail."""

import re

import pytest
from django.template import engines
from django.test import Client

from events.messages.cancellations import tell_cancelled
from members.mail import links
from members.mail.kinds import Category, registry
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, Delivery, NotificationPreference
from tests.pipeline import call_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(mo, committee) -> str:
    return f"/u/{links.unsubscribe_token(mo.pk, 'reminder', committee.scope)}/"


@pytest.fixture
def stranger() -> Client:
    """Nobody's browser, or a mail program: no cookies, and CSRF checks on."""
    return Client(enforce_csrf_checks=True)


def choices() -> list[tuple[str, str, str, str]]:
    return list(NotificationPreference.objects.values_list("user__given_name", "kind", "scope", "cadence"))


def buttons(page) -> list[tuple[str, str]]:
    return re.findall(r'<button[^>]* name="(\w+)" value="(\w*)"', page.content.decode())


def test_the_page_says_what_it_stops_and_how_often_it_comes_and_each_button_is_a_form(address, stranger):
    page = stranger.get(address)
    words = page.content.decode()
    assert page.status_code == 200
    assert "Reminders of calls" in words and "Economic Justice" in words
    assert "m…@portal.example" in words and "mo@portal.example" not in words
    assert "You get these at once." in words
    assert words.count('<form method="post"') == 1 and re.search(r"<button[^>]*>\s*Stop these emails", words)
    assert buttons(page) == [("cadence", "never")]
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex")


def test_scanners_that_fetch_the_link_change_nothing(address, stranger):
    for _time in range(3):
        stranger.get(address)
        stranger.head(address)
    assert choices() == []
    assert not AuditEntry.objects.exists()


def test_a_mail_program_stops_it_with_one_post_without_cookies_or_redirect(address, stranger, committee):
    answer = stranger.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert choices() == [("Mo", "reminder", committee.scope, "never")]
    assert stranger.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert len(choices()) == 1


def test_the_address_in_the_header_of_a_reminder_stops_the_next_one(smtp, committee, carla, mo, stranger):
    call_in(9, committee, carla)
    plan()
    deliver()
    header = smtp.to(mo.email)[0].message["List-Unsubscribe"].strip(" <>")
    stranger.post(header.removeprefix("http://testserver"), {"List-Unsubscribe": "One-Click"})
    call_in(8, committee, carla)
    plan()
    deliver()
    assert len(smtp.to(mo.email)) == 1
    assert (
        Delivery.objects.filter(recipient=mo).order_by("-pk").first().reason
        == "The person turned this kind of message off."
    )
    assert len(smtp.to(carla.email)) == 2


def test_it_can_be_taken_back_on_the_spot(address, stranger, committee):
    stranger.post(address, {"cadence": "never"})
    page = stranger.post(address, {"undo": ""})
    assert "You get these at once." in page.content.decode()
    assert choices() == []


@pytest.mark.parametrize(
    ("posted", "stored"),
    [
        ({"cadence": "daily"}, ["daily"]),
        ({"cadence": "weekly"}, ["weekly"]),
        ({"cadence": "at_once"}, ["at_once"]),
        ({"cadence": "never"}, ["never"]),
        ({"undo": "weekly"}, ["weekly"]),
        ({"undo": ""}, []),
        ({"List-Unsubscribe": "One-Click", "cadence": "daily"}, ["never"]),
    ],
)
def test_each_button_chooses_for_this_kind_and_committee_alone(mo, committee, stranger, posted, stored):
    NotificationPreference.objects.create(user=mo, kind="invitation", scope="", cadence="daily")
    address = f"/u/{links.unsubscribe_token(mo.pk, 'invitation', committee.scope)}/"
    assert stranger.post(address, posted).status_code == 200
    assert [cadence for _name, _kind, scope, cadence in choices() if scope == committee.scope] == stored
    assert ("Mo", "invitation", "", "daily") in choices()


@pytest.mark.parametrize(
    "posted", [{}, {"cadence": "hourly"}, {"undo": "hourly"}, {"List-Unsubscribe": "Yes"}, {"list-unsubscribe": "x"}]
)
def test_a_post_that_says_nothing_of_that_changes_nothing(address, stranger, posted):
    assert stranger.post(address, posted).status_code == 400
    assert choices() == []


def test_the_buttons_are_the_other_ways_of_the_kind_and_undo_goes_back_to_what_stood(mo, committee, stranger):
    NotificationPreference.objects.create(user=mo, kind="invitation", scope=committee.scope, cadence="weekly")
    address = f"/u/{links.unsubscribe_token(mo.pk, 'invitation', committee.scope)}/"
    page = stranger.get(address)
    assert "You get these once a week." in page.content.decode()
    assert buttons(page) == [("cadence", "at_once"), ("cadence", "daily"), ("cadence", "never")]
    page = stranger.post(address, {"cadence": "never"})
    assert buttons(page)[0] == ("undo", "weekly")
    page = stranger.post(address, {"undo": "weekly"})
    assert ("undo", "never") not in buttons(page)
    assert choices() == [("Mo", "invitation", committee.scope, "weekly")]


def test_a_cancellation_arrives_all_the_same(smtp, committee, carla, mo, stranger):
    meeting = call_in(9, committee, carla)
    for kind in ("reminder", "invitation"):
        address = f"/u/{links.unsubscribe_token(mo.pk, kind, meeting.scope)}/"
        stranger.post(address, {"List-Unsubscribe": "One-Click"})
    plan()
    meeting.cancel(carla, "No room")
    tell_cancelled(meeting)
    deliver()
    assert [mail.message["Subject"].split(":")[0] for mail in smtp.to(mo.email)] == ["Off"]


@pytest.mark.parametrize(
    "kind", [kind for kind, notice in registry.items() if notice.category == Category.ROUTINE] or ["reminder"]
)
def test_every_mail_that_may_be_stopped_leads_there_in_both_parts(kind):
    for ending in ("html", "txt"):
        assert "stop_url" in _source(f"emails/{kind}.{ending}")


def _source(name: str) -> str:
    """A template with those it extends."""
    template = engines["django"].engine.get_template(name)
    source = template.source
    parent = re.search(r'{% extends "([^"]+)" %}', source)
    return source + (_source(parent[1]) if parent else "")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: "1" + token,
        lambda token: "x",
        lambda token: token.replace("reminder", "invitation"),
    ],
)
def test_a_damaged_link_stops_nothing(mo, committee, stranger, spoil):
    token = spoil(links.unsubscribe_token(mo.pk, "reminder", committee.scope))
    for answer in (stranger.get(f"/u/{token}/"), stranger.post(f"/u/{token}/")):
        assert answer.status_code == 404
        assert "This link doesn’t work" in answer.content.decode()
    assert choices() == []


def test_a_link_made_for_answering_a_call_stops_nothing(mo, stranger):
    assert stranger.post(f"/u/{links.rsvp_token(mo.pk, 1)}/").status_code == 404


def test_what_cannot_be_turned_off_has_no_link(mo, stranger):
    for kind in ("moved", "cancelled", "sign_in_code", "nonsense"):
        assert stranger.post(f"/u/{links.unsubscribe_token(mo.pk, kind)}/").status_code == 404
    assert choices() == []


def test_the_link_of_a_closed_account_is_dead(address, mo, stranger):
    mo.is_active = False
    mo.save()
    assert stranger.post(address).status_code == 404


def test_the_link_signs_nobody_in(address, stranger):
    stranger.post(address)
    assert "_auth_user_id" not in stranger.session
    assert stranger.get("/settings/").status_code == 302
