"""Wherever calls are shown, they are the same calls: those the reader's committees are told of, and drafts for who manages them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from committees.models import Committee
from events.calendar import feeds
from events.messages import welcome
from events.models import Meeting
from portal.digest import weeks_of
from tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db
TITLE = "Fair workweek"

IN_A_MINUTE, A_MINUTE_AGO = timedelta(minutes=1), timedelta(minutes=-1)
STATES = {"draft": None, "held": IN_A_MINUTE, "told": A_MINUTE_AGO}


@pytest.fixture
def call(committee, carla, request):
    after = STATES[request.param]
    told_at = timezone.now() + after if after else None
    return MeetingFactory(committee=committee, by=carla, title=TITLE, told_at=told_at, public=True)


def shows(client, address):
    response = client.get(address)
    return response.status_code == 200 and TITLE in _unmarked(response.content.decode())


def _unmarked(page):
    return page.replace("<mark>", "").replace("</mark>", "")


def doors(client, person, call):
    """Where this reader finds the call."""
    issue = Committee.objects.select_related("issue").get(pk=call.committee_id).issue
    pages = {
        "home": reverse("home"),
        "calls": reverse("meeting_list"),
        "all calls": f"{reverse('meeting_list')}?show=all",
        "committee": call.committee.get_absolute_url(),
        "calls of the committee": reverse("committee_meetings", args=[call.committee.slug]),
        "search": f"{reverse('search')}?q=workweek",
        "issue": issue.get_absolute_url(),
        "call": call.get_absolute_url(),
        "print": reverse("meeting_print", args=[call.slug]),
        "API list": "/api/meetings/",
        "API": f"/api/meetings/{call.slug}/",
    }
    found = {name for name, address in pages.items() if shows(client, address)}
    if client.get(reverse("meeting_ics", args=[call.slug])).status_code == 200:
        found.add("ics")
    if person:
        found |= {"feed"} if TITLE.encode() in feeds.calendar(person) else set()
        found |= {"digest"} if any(each.title == TITLE for each in weeks_of([person.pk])[person.pk].ahead) else set()
        found |= {"welcome"} if welcome._coming([call.committee_id]) else set()
    return found


MANAGING = {"all calls", "calls of the committee", "search", "call", "print", "API list", "API"}
INVITED = {*MANAGING, "home", "calls", "committee", "ics", "feed", "digest", "welcome", "issue"}
PUBLIC = {"all calls", "search", "call", "issue", "API list", "API", "welcome"}


@pytest.mark.parametrize("call", ["draft", "held"], indirect=True)
def test_what_the_committee_is_not_told_of_is_behind_no_door_but_those_of_who_manages_it(
    sign_in, call, carla, mo, olga, stu
):
    assert {who: doors(sign_in(who), who, call) for who in (mo, olga)} == {mo: set(), olga: set()}
    assert doors(Client(), None, call) == set()
    assert doors(sign_in(carla), carla, call) == MANAGING
    assert doors(sign_in(stu), stu, call) >= MANAGING - {"all calls"}


@pytest.mark.parametrize("call", ["told"], indirect=True)
def test_what_it_is_told_of_is_behind_all(sign_in, call, carla, mo, olga):
    assert doors(sign_in(mo), mo, call) == INVITED
    assert doors(sign_in(carla), carla, call) == INVITED
    assert doors(sign_in(olga), olga, call) == PUBLIC
    assert doors(Client(), None, call) == {"issue"}


@pytest.mark.parametrize("call", ["draft", "held"], indirect=True)
@pytest.mark.parametrize("person", ["carla", "mo"])
def test_nobody_answers_what_they_are_not_told_of(sign_in, call, person, request):
    client = sign_in(request.getfixturevalue(person))
    answered = client.post(reverse("meeting_rsvp", args=[call.slug]), {"answer": "accepted", "version": "0"})
    assert answered.status_code in (403, 404)
    assert not Meeting.objects.get().rsvps.exists()


@pytest.mark.parametrize("call", ["draft", "held"], indirect=True)
def test_lists_of_who_manages_it_say_draft(sign_in, call, carla):
    client = sign_in(carla)
    row = client.get(reverse("committee_meetings", args=[call.committee.slug])).content.decode()
    assert "Draft" in row
    assert 'name="answer"' not in row.split(TITLE)[1]
    page = client.get(call.get_absolute_url()).content.decode()
    assert "Only co-chairs and staff see this call, and nobody is reminded of it." in page
    assert 'name="answer"' not in page
