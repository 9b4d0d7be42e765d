"""Co-chairs decide on a request to join from the mail: the page asks once, and a GET changes nothing."""

import re

import pytest
from django.test import Client

from committees.joining import requests as joining
from committees.models import Committee, JoinRequest, Membership
from members.mail import links
from members.mail.outgoing.worker import deliver
from tests.factories import JurisdictionFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(elsewhere, chet, mo) -> JoinRequest:
    Committee.objects.filter(pk=elsewhere.pk).update(join_policy="ask")
    return joining.ask(Committee.objects.get(pk=elsewhere.pk), mo, "Let me in")


@pytest.fixture
def stranger() -> Client:
    """A device that knows nothing of us, with the checks that a browser meets."""
    return Client(enforce_csrf_checks=True)


def link(person, asked: JoinRequest) -> str:
    return f"/q/{links.make(links.DECIDE, person.pk, asked.pk)}/"


def outcome(asked: JoinRequest) -> str:
    return JoinRequest.objects.get(pk=asked.pk).outcome


def test_the_mail_says_who_asks_and_leads_to_both_answers(smtp, asked, elsewhere, chet, mo, olga):
    texas = JurisdictionFactory(state="TX", name="Austin")
    for person in (mo, olga):
        person.offices.create(title="Council member", level="city", jurisdiction=texas)
    deliver()
    text = smtp.to(chet.email)[0].message.get_body(("plain",)).get_content()
    assert "Council member, Austin, TX." in text and "Member since " in text
    assert f"On it from the same state: {olga.name}." in text
    accept = re.search(r"Accept: http://testserver(\S+)", text)[1]
    assert "Let me in" in Client().get(accept).text
    assert "?answer=decline" in text


def test_opening_it_changes_nothing_and_pressing_accepts_as_that_person(asked, elsewhere, chet, mo, stranger):
    for _time in range(3):
        stranger.get(link(chet, asked))
        stranger.head(link(chet, asked))
    assert outcome(asked) == ""
    page = stranger.post(link(chet, asked), {"decision": "accept", "note": "Gladly."})
    assert page.status_code == 200 and "is on Housing Justice now" in page.text
    assert (outcome(asked), JoinRequest.objects.get().closed_by) == ("accepted", chet)
    assert Membership.objects.held().filter(committee=elsewhere, user=mo).exists()
    assert not stranger.cookies.get("sessionid")


def test_a_decline_needs_a_note(asked, chet, stranger):
    page = stranger.post(link(chet, asked), {"decision": "decline"})
    assert (page.status_code, outcome(asked)) == (400, "")
    assert stranger.post(link(chet, asked), {"decision": "decline", "note": "We are full."}).status_code == 200
    assert outcome(asked) == "declined"


def test_pressed_again_it_says_that_it_was_answered(asked, chet, stranger):
    stranger.post(link(chet, asked), {"decision": "accept"})
    page = stranger.post(link(chet, asked), {"decision": "decline", "note": "No."})
    assert (page.status_code, outcome(asked)) == (410, "accepted")
    assert "answered already" in page.text


def test_who_does_not_decide_there_any_more_decides_nothing(asked, elsewhere, chet, olga, stranger):
    Membership.objects.get(committee=elsewhere, user=chet).end(chet)
    for person in (chet, olga, UserFactory()):
        assert stranger.post(link(person, asked), {"decision": "accept"}).status_code == 404
    assert outcome(asked) == ""


def test_a_link_for_something_else_is_none(asked, chet, stranger, meeting):
    for token in (links.rsvp_token(chet.pk, meeting.pk), link(chet, asked)[3:-2]):
        assert stranger.post(f"/q/{token}/", {"decision": "accept"}).status_code == 404


def test_the_staff_organizer_of_the_committee_decides_from_the_mail_as_long_as_they_are_staff(
    smtp, asked, elsewhere, stu, mo, stranger
):
    seat = MembershipFactory(committee=elsewhere, user=stu, role="liaison")
    JoinRequest.objects.all().delete()
    again = joining.ask(Committee.objects.get(pk=elsewhere.pk), mo, "Let me in")
    deliver()
    text = smtp.to(stu.email)[0].message.get_body(("plain",)).get_content()
    accept = re.search(r"Accept: http://testserver(\S+)", text)[1]
    appointment = stu.appointments.get()
    type(appointment).objects.filter(pk=appointment.pk).update(started_on=seat.started_on, ended_on=seat.started_on)
    assert stranger.post(accept, {"decision": "accept"}).status_code == 404
    type(appointment).objects.filter(pk=appointment.pk).update(ended_on=None)
    stranger.post(accept, {"decision": "accept"})
    assert (outcome(again), Membership.objects.get(user=mo, committee=elsewhere).role) == ("accepted", "member")


def test_staff_without_a_seat_there_have_no_such_link(asked, stu, stranger):
    assert stranger.post(link(stu, asked), {"decision": "accept"}).status_code == 404
