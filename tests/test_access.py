"""Every address x method x role, compared with the table in tests/access_table.py.

Red when an address has no row, a row no address, a cell differs, when a GET or a refused call writes, or when a GET is a
dead end or lacks the script it needs. To ask every address as everybody takes a minute, so it is done once: whoever wants
to know something else of each answer adds a function to LOOKED_AT. `python -m tests.access_table` prints the table for
the documentation.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils.timezone import now

from committees.models import Committee
from events.models import JointCommittee
from members.models import Submission
from members.web.acts import PAGE
from tests import markup
from tests.access_table import (
    A_CALL,
    A_COMMITTEE,
    ADMIN,
    CONFIDENTIAL,
    MARKED_PUBLIC,
    OTHERS,
    PUBLIC_CALL,
    ROLES,
    SHARED,
    TABLE,
    Row,
    as_markdown,
)
from tests.access_world import World, end_standings, make_announcement, make_document, make_people, make_world
from tests.factories import MeetingFactory

SESSIONS = r'(?!"?(django_session|usersessions|members_count ))'  # and how many began (members.session_store)
WRITES = re.compile(
    rf"(?:^|;)\s*(?:WITH\b.*?)?\b(INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE) {SESSIONS}",
    re.IGNORECASE | re.DOTALL,
)
CHANGES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|nextval|setval)\b", re.IGNORECASE)
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
STRONGEST = ("anonymous", "chair", "admin")  # whom a method is tried with that a row leaves out or gives nobody
PARTS = 4  # of the table, so that several processes share the work


def patterns(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(name, pattern) of each address, namespaced; an address without a name is called by its route."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, inner)
        else:
            yield f"{namespace}{entry.name or entry.pattern}", entry


def names() -> list[str]:
    return sorted({name for name, pattern in patterns() if not name.startswith(ADMIN)})


@pytest.fixture
def world(db, committee, elsewhere, carla, mo, olga, chet, ana, stu, ada, meeting, settings, tmp_path) -> World:
    settings.MEDIA_ROOT = tmp_path
    return make_world(
        committee=committee, elsewhere=elsewhere, carla=carla, mo=mo, olga=olga, ana=ana, stu=stu, meeting=meeting
    )


@pytest.fixture
def clients(world, sign_in, ana, olga, mo, chet, carla, stu, ada) -> dict[str, Client]:
    people = {"applicant": ana, "elsewhere": olga, "member": mo, "chair elsewhere": chet, "chair": carla}
    people |= {"membership": stu, "admin": ada} | make_people(world, by=ada)
    clients = {"anonymous": sign_in(), "staff, code only": sign_in(stu, strong=False)}
    clients |= {role: sign_in(person) for role, person in people.items()}
    end_standings(people, by=ada)
    clients["ended"] = sign_in(people["ended"])  # again: what they had ended with the membership
    return {role: clients[role] for role in ROLES}


def outcome(response: HttpResponse) -> str:
    """One letter: L sign in first, P led to the page of the form, N not found, F forbidden, M no such method,
    B refused input, Y let in, ! broken."""
    if response.status_code == 303:
        return "P"
    if response.status_code in (301, 302) and "/account/login/" in response["Location"]:
        return "L"
    letters = {401: "L", 404: "N", 403: "F", 405: "M", 400: "B", 409: "B", 422: "B", 429: "T"}
    return letters.get(response.status_code, "Y" if response.status_code < 400 else "!")


def ask(client: Client, method: str, url: str, data: dict | None = None) -> tuple[str, list[str]]:
    """The outcome and the statements that wrote, undone afterwards."""
    response, wrote = answer_to(client, method, url, data)
    return outcome(response), wrote


def answer_to(client: Client, method: str, url: str, data: dict | None = None) -> tuple[HttpResponse, list[str]]:
    """The response and the statements that wrote, undone afterwards."""
    with transaction.atomic():
        response, wrote, _changed = _answer_to(client, method, url, data)
        transaction.set_rollback(True)
    return response, wrote


def _answer_to(client: Client, method: str, url: str, data: dict | None) -> tuple[HttpResponse, list[str], bool]:
    """The response, the statements that wrote, and whether there is anything to undo, sessions and locks among it."""
    cookies = deepcopy(client.cookies)
    client.raise_request_exception = False
    with CaptureQueriesContext(connection) as queries:
        response = client.generic(method, url, **client_body(method, url, data))
        asked = [query["sql"] for query in queries.captured_queries]
        wrote = [statement[:400] for statement in asked if WRITES.search(statement)]
        claims = [statement for statement in wrote if "members_submission" in statement]
        if claims and not Submission.objects.exists():  # undone with the refusal (members/web/once.py)
            wrote = [statement for statement in wrote if statement not in claims]
    client.cookies = cookies
    return response, wrote, connection.needs_rollback or any(map(CHANGES.search, asked))


def client_body(method: str, url: str, data: dict | None) -> dict:
    if method in ("GET", "HEAD"):
        return {}
    if url.startswith("/api/"):
        return {"data": "{}", "content_type": "application/json"}
    return {
        "data": "&".join(f"{key}={value}" for key, value in (data or {}).items()),
        "content_type": "application/x-www-form-urlencoded",
    }


def test_every_address_has_a_row_and_every_row_an_address():
    assert names() == sorted(TABLE)


def test_the_documentation_shows_the_table_as_it_is():
    assert (settings.BASE_DIR / "docs" / "access.md").read_text() == as_markdown()


@dataclass(frozen=True)
class Answer:
    """What one role got at one address, and what the table says it gets."""

    name: str
    method: str
    url: str
    role: str
    expected: str
    response: HttpResponse
    wrote: list[str]
    client: Client

    @property
    def letter(self) -> str:
        return outcome(self.response)

    @cached_property
    def body(self) -> bytes:
        """Read once, whoever asks: what is streamed is gone afterwards."""
        return b"".join(self.response) if self.response.streaming else self.response.content


def differs(answer: Answer) -> str:
    seen, expected = answer.letter, answer.expected
    allowed = (
        expected == seen
        or (expected == "?" and seen in "MLNF")
        or (expected == "Y" == seen.replace("B", "Y") and answer.method != "GET")
    )
    return "" if allowed else f"{seen}, the table says {expected}"


def writes(answer: Answer) -> str:
    """A GET, or what is refused."""
    forbidden = answer.method == "GET" or answer.letter not in "YB"
    return f"({answer.letter}) wrote: {answer.wrote[0]}" if answer.wrote and forbidden else ""


def ends_dead(answer: Answer) -> str:
    """No address is a dead end: a GET brings a body, or leads on to an address that shows a page."""
    if answer.method != "GET":
        return ""
    page = answer.response
    if page.status_code == 405:
        return "takes no GET"
    if 300 <= page.status_code < 400:
        return f"leads to {page['Location']}, which only takes a POST" if takes_only_posts(page["Location"]) else ""
    return "" if answer.body.strip() else f"{page.status_code} and empty"


def heads_differ(answer: Answer) -> str:
    """HEAD says the same where an address names the page of its form."""
    if answer.method != "GET" or not takes_only_posts(answer.url):
        return ""
    status = answer.client.head(answer.url).status_code
    return "" if status == answer.response.status_code else f"HEAD says {status}, GET {answer.response.status_code}"


def loads_wrong_script(answer: Answer) -> str:
    """htmx comes where it is used, and never for visitors."""
    is_page = answer.response.get("Content-Type", "").startswith("text/html")
    if answer.method != "GET" or answer.letter != "Y" or not is_page:
        return ""
    page = answer.body.decode()
    loads, uses = "htmx" in page, re.search(r"\shx-(get|post)=", page) is not None
    return f"loads htmx: {loads}, uses it: {uses}" if uses > loads or loads > (answer.role != "anonymous") else ""


def misses_html(answer: Answer) -> str:
    """What it is written in is HTML, and each part that one can jump to has a name of its own."""
    is_page = answer.response.get("Content-Type", "").startswith("text/html")
    if answer.method != "GET" or not is_page or answer.name.startswith(ADMIN):
        return ""
    return "; ".join(markup.mistakes(answer.body.decode()))


def hides_its_origin(answer: Answer) -> str:
    """Without script, browsers say where a form came from only on a page that may say so, and Django asks."""
    body = answer.body
    hidden = "no-referrer" in answer.response.get("Referrer-Policy", "") or b'content="no-referrer"' in body
    return "no form of this page would be taken" if hidden and b"csrfmiddlewaretoken" in body else ""


def takes_only_posts(location: str) -> bool:
    path, _mark, query = location.partition("?")
    after = [each.partition("?")[0] for each in parse_qs(query).get("next", [])]
    return any(hasattr(resolve(each).func, PAGE) for each in (path, *after) if each.startswith("/"))


MISTAKES_IN_HTML = (
    "<span><form></form></span>",
    "<p><b>Words.</p>",
    "<div><figcaption>Words.</figcaption></div>",
    "<aside>Words.</aside>",
    '<nav aria-label="Main"></nav><nav aria-label="Main"></nav>',
    '<a href="/"><button>Words</button></a>',
    '<i id="one"></i><i id="one"></i>',
    "Words.</p>",
)
LOOKED_AT: tuple[Callable[[Answer], str], ...] = (
    differs,
    writes,
    ends_dead,
    heads_differ,
    loads_wrong_script,
    misses_html,
    hides_its_origin,
)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", range(PARTS))
def test_each_role_gets_what_the_table_says_and_no_dead_end(part, world, clients):
    wrong = [
        f"{answer.method} {answer.url} as {answer.role}: {trouble}"
        for name in names()[part::PARTS]
        if name in TABLE
        for answer in answers(name, world, clients)
        for look in LOOKED_AT
        if (trouble := look(answer))
    ]
    assert wrong == []


def answers(name: str, world: World, clients: dict[str, Client]) -> Iterator[Answer]:
    """One address by every method: as each role where its row speaks of the method, else as the strongest.

    Most answers leave nothing to undo, and to be ready for it took as long as three questions each time.
    """
    row = TABLE[name]
    url = reverse(name, args=row.arguments(world)) if row.arguments else row.path or reverse(name)
    before = transaction.savepoint()
    for method in ("GET", *UNSAFE):
        for role, letter in told(row, method).items():
            response, wrote, changed = _answer_to(clients[role], method, url, row.data)
            if changed:
                transaction.savepoint_rollback(before)
                transaction.set_rollback(False)
            yield Answer(name, method, url, role, letter, response, wrote, clients[role])
            if role == "anonymous" and letter == "?" and outcome(response) == "M":
                break  # the method itself is refused, before anything is known of who asks
    transaction.savepoint_commit(before)


def told(row: Row, method: str) -> dict[str, str]:
    """What each role gets, the strongest where the row leaves the method out, or says that nobody has it."""
    letters = row.letters(method)
    if set(letters.values()) == {"M"}:
        return dict.fromkeys(STRONGEST, "M")
    return letters or dict.fromkeys(STRONGEST, "?")


def test_each_look_sees_what_it_is_for_and_nothing_else():
    """The control: each is shown an answer with one mistake."""
    act, other = reverse("account_unsent_forget"), SimpleNamespace(head=lambda url: HttpResponse(status=404))
    fine = Answer("about", "GET", "/about/", "anonymous", "Y", HttpResponse("Words."), [], Client())
    page, wrote, refused = HttpResponse, ["UPDATE events_rsvp"], HttpResponse(status=403)
    mistakes = [
        (differs, replace(fine, expected="N")),
        (differs, replace(fine, response=HttpResponse("Words.", status=500))),
        (writes, replace(fine, wrote=wrote)),
        (writes, replace(fine, method="POST", response=refused, expected="F", wrote=wrote)),
        (ends_dead, replace(fine, response=HttpResponse(" "))),
        (ends_dead, replace(fine, response=HttpResponse("Words.", status=405), expected="M")),
        (ends_dead, replace(fine, response=HttpResponseRedirect(act))),
        (ends_dead, replace(fine, response=HttpResponseRedirect(f"/account/login/?next={act}"), expected="L")),
        (heads_differ, replace(fine, url=act, client=other)),
        (loads_wrong_script, replace(fine, role="chair", response=page('<a href="/" hx-get="/">Words</a>'))),
        (loads_wrong_script, replace(fine, response=page('<script src="/static/htmx.js"></script>'))),
        *((misses_html, replace(fine, response=page(html))) for html in MISTAKES_IN_HTML),
    ]
    assert [look for look in LOOKED_AT if look(fine)] == []
    for look, answer in mistakes:
        assert [each for each in LOOKED_AT if each(answer)] == [look], answer


def others(world: World) -> dict[str, World]:
    """The world in which these addresses lead to things of other kinds."""
    public, marked = (
        MeetingFactory(committee=place, by=world.carla, public=True) for place in (world.committee, world.hidden)
    )
    inside = replace(
        world,
        committee=world.hidden,
        asking=world.hidden,
        meeting=world.hidden_meeting,
        document=make_document(world.hidden, world.carla),
        announcement=make_announcement(world.hidden, world.carla, sent_at=now()),
    )
    shared = MeetingFactory(committee=world.committee, by=world.carla)
    JointCommittee.objects.create(meeting=shared, committee=Committee.objects.get(slug="housing-justice"))
    return {
        PUBLIC_CALL: replace(world, meeting=public),
        SHARED: replace(world, meeting=shared),
        CONFIDENTIAL: inside,
        MARKED_PUBLIC: replace(inside, meeting=marked),
    }


def letters_of(name: str, world: World, clients: dict[str, Client]) -> tuple[str, str]:
    """What each role gets there, by GET and by POST; over the API by PUT where an answer can be put."""
    url = reverse(name, args=TABLE[name].arguments(world))
    unsafe = "PUT" if name == "api_meeting-rsvp" else "POST"
    got = {method: [ask(clients[role], method, url, TABLE[name].data) for role in ROLES] for method in ("GET", unsafe)}
    assert not [writes for letter, writes in got["GET"] if writes], url
    assert not [writes for letter, writes in got[unsafe] if writes and letter not in "YB"], url
    return tuple("".join(letter for letter, _writes in both) for both in got.values())


@pytest.mark.timeout(400)
def test_things_of_other_kinds_are_open_to_whom_the_table_says(world, clients):
    found = {
        kind: {
            name: letters_of(name, of_kind, clients)
            for name in (A_COMMITTEE + A_CALL if kind == CONFIDENTIAL else A_CALL)
        }
        for kind, of_kind in others(world).items()
    }
    assert found == OTHERS


def test_a_write_of_somebody_signed_in_would_be_seen(world, clients, meeting):
    """The history of changes is told who acts in front of each statement, which hid all writes once."""
    url = reverse("meeting_rsvp", args=[meeting.slug])
    seen, writes = ask(clients["member"], "POST", url, {"answer": "accepted", "version": "0"})
    assert seen == "Y"
    assert any("events_rsvp" in statement for statement in writes)


@pytest.mark.parametrize(
    ("statement", "writes"),
    [
        ('INSERT INTO "events_rsvp" ("id") VALUES (1)', True),
        ('SELECT set_config(\'pghistory.context_id\', %s, true); UPDATE "events_rsvp" SET "note" = %s', True),
        ("WITH due AS (SELECT 1) DELETE FROM members_delivery USING due", True),
        ('UPDATE "django_session" SET "expire_date" = %s', False),
        ('SELECT set_config(\'x\', %s, true); INSERT INTO "django_session" ("session_key") VALUES (%s)', False),
        ('SELECT "note" FROM "events_rsvp" FOR UPDATE', False),
    ],
)
def test_statements_that_write_are_told_from_those_that_do_not(statement, writes):
    assert bool(WRITES.search(statement)) is writes


def test_only_an_admin_with_a_second_factor_reaches_the_database_admin(world, clients):
    let_in = {
        (name, role)
        for name, pattern in patterns()
        if name.startswith(ADMIN) and not re.search(r"[<(]", str(pattern.pattern))
        for role, client in clients.items()
        if ask(client, "GET", reverse(name))[0] == "Y" and role != "admin"
    }
    assert {name for name, role in let_in} <= {f"{ADMIN}login", f"{ADMIN}logout", f"{ADMIN}jsi18n"}
