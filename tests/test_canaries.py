"""One word in each private field, every address as each role, plain and as a fragment: none is out of place."""

from dataclasses import replace

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate, now, timedelta

from committees.models import IssueArea
from members.models import Application, Delivery, Profile, StaffAppointment, Suppression
from tests.access_table import TABLE
from tests.access_world import World, make_document, make_world
from tests.canaries import ALLOWED
from tests.factories import CommitteeFactory, IssueAreaFactory, JurisdictionFactory, UserFactory

PARTS = 4
KEYS = ("calendar_feed", "rsvp_link", "rsvp_link_ics", "unsubscribe")  # addresses that speak to whoever holds them
FRAGMENTS_AS = ("ended", "elsewhere", "organizer")


@pytest.fixture
def world(committee, elsewhere, carla, mo, olga, ana, stu, meeting, settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    world = make_world(committee, elsewhere, carla, mo, olga, ana, stu, meeting)
    _the_call(world)
    _papers_and_words(world)
    _people(world)
    return world


def _the_call(world: World) -> None:
    call, carla = world.meeting, world.carla
    call.edit(carla, dial_in="Dialword", public=True)
    call.move(
        carla,
        local_date=localdate() + timedelta(days=4),
        local_time=call.local_time,
        timezone=call.timezone,
        reason="Reasonword",
    )
    world.item.edit(carla, title="Itemword")
    answer = {"edition": call.edition, "response": "accepted", "note": "Noteword"}
    call.rsvps.create(user=world.mo, **answer)
    type(world.reply_note).objects.update(words="Replyword")
    type(world.hidden).objects.filter(pk=world.hidden.pk).update(name="Hiddenword")
    type(call).objects.filter(pk=world.hidden_meeting.pk).update(title="Quietword")


def _papers_and_words(world: World) -> None:
    make_document(world.committee, world.carla, "Paperword")
    type(world.announcement).objects.filter(pk=world.announcement.pk).update(headline="Newsword")
    type(world.draft).objects.filter(pk=world.draft.pk).update(headline="Draftword")
    type(world.request).objects.update(message="Requestword")
    hidden_issue = IssueAreaFactory(name="Issueword", slug="issue-canary", published_at=None)
    CommitteeFactory(name="Of an issue to come", slug="to-come", issue=hidden_issue)
    assert IssueArea.objects.filter(published_at=None).exists()


def _people(world: World) -> None:
    Profile.objects.filter(user=world.mo).update(phone="+17195550177")
    Application.objects.update(why="Whyword")
    declined = UserFactory(name="Dee Clined", admitted_at=None)
    other = Application.objects.create(applicant=declined, title="Alder", jurisdiction=JurisdictionFactory())
    other.decline(world.stu, "Declineword")
    UserFactory(name="Clo Sed").deactivate(world.stu, "Closeword")
    reply = "550 <canary-mailbox@portal.example> unknown"
    Delivery.objects.create(
        recipient=world.mo,
        kind="joined",
        subject="committee:1",
        edition=7,
        state="dead",
        refused_at=now(),
        last_reply=reply,
    )
    Suppression.stop("canary-mailbox@portal.example", "bounce", "the mailbox doesn’t exist.", reply=reply)


@pytest.fixture
def clients(world, sign_in, ana, olga, mo, carla, stu, ada) -> dict[str, Client]:
    ended, organizer = UserFactory(name="Ende Dent"), UserFactory(name="Olive Organizer")
    world.committee.memberships.create(user=ended, started_on=localdate() - timedelta(days=9))
    organizer.appoint(StaffAppointment.Role.ORGANIZER)
    people = {"applicant": ana, "ended": ended, "elsewhere": olga, "member": mo, "chair": carla}
    people |= {"organizer": organizer, "membership": stu, "admin": ada}
    clients = {"anonymous": Client()} | {role: sign_in(person) for role, person in people.items()}
    ended.leave(world.carla)
    return clients


def addresses(world: World) -> list[str]:
    hidden = replace(world, committee=world.hidden, meeting=world.hidden_meeting)
    found = [reverse(name, args=row.arguments(world) if row.arguments else None) for name, row in _readable()]
    found += [
        reverse(name, args=row.arguments(hidden))
        for name, row in _readable()
        if row.arguments and name.startswith(("committee_d", "committee_m", "committee_p", "meeting_", "api_meeting"))
    ]
    return [*found, "/committees/to-come/", "/calls/?show=all", f"/settings/messages/?about={world.meeting.subject}"]


def _readable() -> list:
    return [(name, row) for name, row in sorted(TABLE.items()) if "Y" in row.GET and not row.path and name not in KEYS]


def words_in(response: HttpResponse) -> set[str]:
    text = response.get("Location", "")
    if not response.streaming:
        text += response.content.decode(errors="replace")
    return {word for word in ALLOWED if word in text}


def crawl(world: World, clients: dict[str, Client], part: int) -> set[tuple[str, str, str]]:
    """(word, role, address) of all that is found."""
    found = set()
    for address in addresses(world)[part::PARTS]:
        for role, client in clients.items():
            client.raise_request_exception = False
            answers = [client.get(address)]
            if role in FRAGMENTS_AS:
                hx = {"HTTP_HX_REQUEST": "true"}
                answers += [client.get(address, **hx), client.get(address, {"part": "join"}, **hx)]
            found |= {(word, role, address) for answer in answers for word in words_in(answer)}
    return found


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_word_is_out_of_place(part, world, clients):
    found = crawl(world, clients, part)
    assert {(word, role, address) for word, role, address in found if role not in ALLOWED[word]} == set()


@pytest.mark.django_db
def test_each_word_stands_where_it_may(world, clients):
    """The control: a crawl that looks for words nobody could find proves nothing."""
    call = world.meeting.get_absolute_url()
    places = {
        call: {"Reasonword", "Itemword", "Dialword"},
        f"{call}answers/": {"Noteword", "Replyword"},
        f"{world.committee.get_absolute_url()}documents/": {"Paperword"},
        f"{world.committee.get_absolute_url()}requests/": {"Requestword"},
        "/announcements/": {"Newsword"},
        "/staff/announcements/": {"Draftword"},
        "/staff/committees/": {"Hiddenword"},
        "/staff/publications/new/": {"Issueword"},
        "/staff/activity/": {"Closeword", "Declineword"},
        "/staff/messages/": {"canary-mailbox"},
        f"/staff/applications/{world.application.pk}/": {"Whyword"},
        world.hidden_meeting.get_absolute_url(): {"Quietword"},
    }
    seen = {address: words_in(clients["admin"].get(address)) & words for address, words in places.items()}
    assert seen == places
    assert words_in(clients["member"].get("/settings/details/")) == {"555-0177"}
    assert {*ALLOWED} == {"555-0177"}.union(*places.values())
