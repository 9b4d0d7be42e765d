"""Whatever door of a call somebody takes, it tells them the same: one rule says who learns more than when and what about."""

from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from events.answers import answering
from events.calendar import feeds
from events.models import AgendaItem, Meeting
from tests.access_world import make_document
from tests.factories import MeetingFactory, UserFactory, publish_quietly

pytestmark = pytest.mark.django_db

OPEN = {"title": "Topicword", "summary": "Aboutword"}  # of a public call, what everybody with an account may read
INSIDE = {
    "dial-in": "Dialword",
    "video": "videoword",
    "agenda": "Itemword",
    "explanation": "Explainword",
    "paper": "Paperword",
    "move reason": "Moveword",
    "cancel reason": "Cancelword",
    "going": "Goesword",
    "uid": "@calls",
}
STATES = ("on", "moved", "canceled")
INSIDERS, OUTSIDERS = ("mo", "carla", "stu"), ("olga", "ana", "ended", "closed", "nobody")


@pytest.fixture
def call(committee, carla, mo, settings, tmp_path, request):
    settings.MEDIA_ROOT = tmp_path
    state, public = request.param
    call = MeetingFactory(
        committee=committee,
        by=carla,
        title=OPEN["title"],
        summary=OPEN["summary"],
        dial_in=INSIDE["dial-in"],
        video_url=f"https://{INSIDE['video']}.example/j",
        public=public,
    )
    item = AgendaItem.add(call, carla, title=INSIDE["agenda"], description=INSIDE["explanation"], minutes=5)
    paper = make_document(committee, carla, INSIDE["paper"])
    item.papers.add(paper)
    publish_quietly(call)
    if state == "moved":
        call.move(
            carla,
            local_date=localdate() + timedelta(days=3),
            local_time=time(15),
            timezone=call.timezone,
            reason=INSIDE["move reason"],
        )
    mo.name = INSIDE["going"]
    mo.save()
    answering.respond(call, mo, "accepted", seen=0)
    if state == "canceled":
        call.cancel(carla, INSIDE["cancel reason"])
    return call


@pytest.fixture
def readers(sign_in, committee, carla, mo, olga, ana, stu) -> dict[str, Client]:
    ended, closed = (UserFactory(name=name) for name in ("Ende Dent", "Clo Sed"))
    for person in (ended, closed):
        committee.memberships.create(user=person, started_on=localdate() - timedelta(days=9))
    people = {"mo": mo, "carla": carla, "stu": stu, "olga": olga, "ana": ana}
    clients = {name: sign_in(person) for name, person in people.items()}
    clients |= {"closed": sign_in(closed), "nobody": Client()}
    ended.leave(carla)
    closed.deactivate(carla, "asked")
    return clients | {"ended": sign_in(ended)}  # who was signed in before is nobody


def through(client: Client, call: Meeting, *chosen: str) -> dict[str, set[str]]:
    """By door, all or those chosen, which words come out."""
    doors = {
        "page": (call.get_absolute_url(), {}),
        "fragment": (f"{call.get_absolute_url()}?part=join", {"HTTP_HX_REQUEST": "true"}),
        "list": (f"{reverse('meeting_list')}?show=all", {}),
        "list of the committee": (reverse("committee_meetings", args=[call.committee.slug]), {}),
        "who comes": (reverse("meeting_answers", args=[call.slug]), {}),
        "join": (reverse("meeting_join", args=[call.slug]), {}),
        "print": (reverse("meeting_print", args=[call.slug]), {}),
        "calendar file": (reverse("meeting_ics", args=[call.slug]), {}),
        "committee": (call.committee.get_absolute_url(), {}),
        "home": (reverse("home"), {}),
        "search": (f"{reverse('search')}?q=itemword", {}),
        "search by topic": (f"{reverse('search')}?q=topicword", {}),
        "messages": (f"{reverse('settings_messages')}?about={call.about}", {}),
        "API": (f"/api/meetings/{call.slug}/", {}),
        "API list": ("/api/meetings/", {}),
        "API agenda": (f"/api/meetings/{call.slug}/agenda/", {}),
        "API answer": (f"/api/meetings/{call.slug}/rsvp/", {}),
    }
    return {
        name: _words(client.get(address, **more))
        for name, (address, more) in doors.items()
        if name in (chosen or doors)
    }


def _words(response) -> set[str]:
    text = response.content.decode() + response.get("Location", "")
    return {name for name, word in {**OPEN, **INSIDE}.items() if word in text}


@pytest.mark.parametrize("call", [(state, True) for state in STATES], indirect=True)
def test_a_public_call_tells_outsiders_its_topic_through_every_door_and_no_more(call, readers):
    told = {reader: through(readers[reader], call) for reader in OUTSIDERS}
    more = {(reader, door): words - OPEN.keys() for reader in OUTSIDERS for door, words in told[reader].items()}
    assert more == {key: set() for key in more}
    seen = {door: told["olga"][door] for door in ("page", "API", "list")}
    assert seen == {"page": {*OPEN}, "API": {*OPEN}, "list": {"title"}}  # the control: these doors are open


@pytest.mark.parametrize("call", [(state, True) for state in STATES], indirect=True)
def test_those_inside_find_the_same_behind_each_door_whoever_they_are(call, readers, request):
    state = request.node.callspec.params["call"][0]
    because = {"moved": {"move reason"}, "canceled": {"cancel reason"}}.get(state, set())
    for reader in INSIDERS:
        told = through(readers[reader], call, "page", "fragment", "API", "API agenda", "calendar file")
        assert told["page"] >= {*OPEN, "agenda", "explanation", "paper", *because}
        assert told["API"] >= {*OPEN, "dial-in", "uid", *(because - {"move reason"})}
        assert told["API agenda"] == {"agenda", "explanation"}
        assert told["calendar file"] >= {"title", "uid"}
        assert told["fragment"] == {"dial-in"}


@pytest.mark.parametrize("call", [("canceled", False)], indirect=True)
def test_a_call_of_the_committee_alone_tells_outsiders_nothing(call, readers):
    told = {(reader, door): words for reader in OUTSIDERS for door, words in through(readers[reader], call).items()}
    assert told == {key: set() for key in told}


@pytest.mark.parametrize("call", [("canceled", True)], indirect=True)
def test_numbers_of_a_public_call_stay_inside_too(call, readers):
    row = readers["olga"].get(f"/api/meetings/{call.slug}/").json()
    assert {row[name] for name in ("dial_in", "uid", "sequence", "cancel_reason", "going")} == {None}
    assert readers["mo"].get(f"/api/meetings/{call.slug}/").json()["going"] == 1


@pytest.mark.parametrize("call", [("on", True)], indirect=True)
def test_who_left_finds_none_of_it_in_the_calendar_address(call, mo, carla):
    address = reverse("calendar_feed", args=[feeds.token(mo, feeds.number_of(mo))])
    assert INSIDE["dial-in"] in Client().get(address).content.decode()
    mo.leave(carla)
    assert _words(Client().get(address)) == set()
