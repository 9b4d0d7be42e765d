"""Every page a person can open, with text twice as large on a phone, on small phones and on a desk: nothing scrolls sideways,
overlaps, or breaks a word of a heading."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from committees.models import Committee
from events.models import CalendarReply, CallRun, Meeting, ReplyNote
from members.models import Application, BulkSend, InboundMail, Suppression, User
from tests.access_table import TABLE
from tests.access_world import World, make_world
from tests.browser.conftest import cookies_of
from tests.browser.looking import tight_spots
from tests.factories import UserFactory

PEOPLE = {
    "anonymous": "",
    "applicant": "newcomer@portal.example",
    "member": "teresa@portal.example",
    "chair": "denise@portal.example",
    "admin": "admin@portal.example",
}
QUERIES = {
    "meeting_agenda": ["item=new"],
    "meeting_list": ["when=past"],
    "search": ["q=wage", "q=zzzz"],
    "people": ["q=zzzz"],
    "staff_proof": ["by=kind&since=30d"],
}


class Network(World):
    """The demo network has more than one of these."""

    inbound = property(lambda self: InboundMail.objects.latest("pk"))
    calendar_reply = property(lambda self: CalendarReply.objects.latest("pk"))
    reply_note = property(lambda self: ReplyNote.objects.latest("pk"))
    sending = property(lambda self: BulkSend.objects.latest("pk"))
    suppression = property(lambda self: Suppression.objects.latest("pk"))


@pytest.fixture
def network(transactional_db, load_demo, settings, tmp_path) -> World:
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    load_demo()
    committee = Committee.objects.get(slug="economic-justice")
    teresa, denise, admin = (User.objects.get(email=PEOPLE[role]) for role in ("member", "chair", "admin"))
    call = Meeting.objects.filter(committee=committee).not_cancelled().upcoming()[0]
    world = make_world(
        committee=committee,
        elsewhere=Committee.objects.get(slug="education"),
        carla=denise,
        mo=teresa,
        olga=UserFactory(name="Bartholomew Featherstonehaugh-Cholmondeley"),
        ana=UserFactory(name="Soledad Ibarra"),
        stu=admin,
        meeting=call,
    )
    world.item = call.agenda_items.in_order()[1]
    world.application = Application.objects.waiting()[0]
    return Network(**vars(world))


@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_pages_stand_large_text_and_small_phones(network, browser, live_server, sign_in):
    wrong: list[str] = []
    for role, email in PEOPLE.items():
        client = sign_in(User.objects.get(email=email), strong=True) if email else sign_in()
        context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=live_server.url)
        if email:
            context.add_cookies(cookies_of(client, live_server.url))
        page = context.new_page()
        for address in [*pages_of(role, network, client), *(running() if role == "admin" else [])]:
            page.goto(address)
            wrong += [f"{role} {address} {problem}" for problem in tight_spots(page)]
        context.close()
    assert wrong == []


def pages_of(role: str, world: World, client) -> Iterator[str]:
    """The address of each HTML page this role is let in to, as far as a role before it has not seen the same."""
    for name, row in TABLE.items():
        letters = row.letters("GET")
        if letters.get(role) != "Y" or seen_before(role, letters):
            continue
        address = reverse(name, args=row.arguments(world)) if row.arguments else row.path or reverse(name)
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            yield address
            yield from (f"{address}?{query}" for query in QUERIES.get(name, []))


def running() -> list[str]:
    """The page of who runs a call, of one that is on."""
    return [reverse("meeting_run", args=[run.meeting.slug]) for run in CallRun.objects.filter(ended_at=None)]


def seen_before(role: str, letters: dict[str, str]) -> bool:
    """Visitors and members see pages of their own; co-chairs and staff are asked only for what those are not let in to."""
    before = {"chair": ["member"], "admin": ["member", "chair"], "applicant": ["anonymous", "member"]}.get(role, [])
    return any(letters[each] == "Y" for each in before)
