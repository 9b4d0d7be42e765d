"""Every kind of page in a real browser: axe in light and dark, no console error, no CSP violation, no sideways scroll."""

from collections.abc import Iterable
from itertools import cycle

import pytest
from django.urls import reverse

from committees.models import Announcement, Document, DocumentVersion, Publication
from events.models import Meeting
from members.mail import links
from members.models import Application, InboundMail, User
from tests.browser.conftest import cookies_of
from tests.browser.looking import violations
from tests.replies import receive, reply

PUBLIC = [
    "/",
    "/issues/",
    "/issues/economic-justice/",
    "/committees/",
    "/committees/economic-justice/",
    "/apply/",
    "/account/login/",
    "/about/",
    "/privacy/",
    "/accessibility/",
    "/developers/",
    "{publication}",
    "/issues/economic-justice/news/",
    "{answer}",
    "{stop}",
    "/places/?q=pueblo",
]
MEMBER = [
    "/",
    "/calls/",
    "{call}",
    "{call}join",
    "/committees/",
    "/committees/economic-justice/",
    "/committees/economic-justice/calls/",
    "/committees/economic-justice/documents/",
    "/committees/economic-justice/people/",
    "/announcements/",
    "{announcement}",
    "/committees/economic-justice/announcements/",
    "/library/",
    "/people/",
    "/people/?q=zzzz",
    "/people/{teresa}/",
    "/search/?q=wage",
    "/settings/calendar/",
    "/settings/calendar/new/",
    "/settings/details/",
    "/settings/notifications/",
    "/settings/messages/",
    "/settings/messages/?about={about}",
    "/settings/privacy/",
    "/settings/security/",
    "{document}",
    "{call}print/",
    "{call}book/",
    "/settings/email/",
    "/nowhere/",
]
CHAIR = [
    "{call}edit/",
    "{call}move/",
    "{call}cancel/",
    "{call}agenda/",
    "{call}answers/",
    "/committees/economic-justice/calls/new/",
    "/committees/economic-justice/calls/",
    "{draft}",
    "{draft}agenda/",
    "/committees/economic-justice/documents/upload/",
    "/committees/economic-justice/requests/",
    "/committees/economic-justice/manage/",
    "/committees/economic-justice/manage/people/?q=a",
    "/committees/economic-justice/health/",
    "/committees/economic-justice/handover/",
    "/committees/economic-justice/announcements/new/",
    "{announcement}sent/",
]
STAFF = [
    "/staff/",
    "/staff/applications/",
    "/staff/applications/{application}/",
    "/staff/members/",
    "/staff/members/lists/new/?ends=120",
    "/staff/members/act/?act=add&all=1&go=1",
    "/staff/exports/new/?all=1",
    "/staff/committees/",
    "/staff/activity/",
    "/staff/reports/",
    "/staff/papers/",
    "/staff/messages/",
    "/staff/messages/refused/",
    "/staff/messages/unknown/",
    "/staff/messages/held/",
    "/staff/messages/proof/?by=kind&since=30d",
    "/staff/messages/stopped/",
    "/staff/messages/inbound/",
    "/staff/messages/inbound/{inbound}/",
    "/staff/announcements/",
    "/staff/announcements/new/",
    "/staff/publications/",
    "/staff/publications/new/",
    "/staff/issues/economic-justice/",
    "/staff/committees/economic-justice/",
    "/staff/committees/economic-justice/edit/",
    "/staff/committees/new/",
    "/staff/members/{teresa}/",
    "/staff/members/{teresa}/messages/",
    "/staff/members/{teresa}/access/",
    "/staff/applications/{application}/decline/",
]
VISITS = [
    ("", PUBLIC),
    ("teresa@portal.example", MEMBER),
    ("denise@portal.example", CHAIR),
    ("admin@portal.example", STAFF),
    ("newcomer@portal.example", ["/"]),
]
SIGHTS = {"light": 1280, "dark": 390}  # a page is loaded once and looked at in both: no script asks for either


@pytest.fixture
def network(transactional_db, load_demo, settings, tmp_path):
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    load_demo()
    call, teresa = first_call(), User.objects.get(email="teresa@portal.example")
    receive(reply("google", call, teresa, "DECLINED", sender="assistant@city.example"))
    receive(reply("words", call, teresa))
    unread = DocumentVersion.objects.filter(document__withdrawn_at=None, document__latest__isnull=False)[0]
    DocumentVersion.objects.filter(pk=unread.document.latest_id).update(
        finding="failed", reason="It seems to be damaged"
    )


def first_call() -> Meeting:
    return Meeting.objects.filter(committee__slug="economic-justice").not_cancelled().upcoming()[0]


def addresses(templates: list[str]) -> list[str]:
    call = first_call()
    teresa = User.objects.get(email="teresa@portal.example")
    facts = {
        "call": call.get_absolute_url(),
        "draft": Meeting.objects.get(told_at=None).get_absolute_url(),
        "about": call.about,
        "teresa": teresa.pk,
        "application": Application.objects.waiting()[0].pk,
        "inbound": InboundMail.objects.latest("pk").pk,
        "publication": Publication.objects.published().filter(issue__slug="economic-justice")[0].get_absolute_url(),
        "announcement": Announcement.objects.filter(committee=call.committee)[0].get_absolute_url(),
        "document": Document.objects.filter(committee=call.committee)[0].get_absolute_url(),
        "answer": reverse("rsvp_link", args=[links.rsvp_token(teresa.pk, call.pk)]),
        "stop": reverse("unsubscribe", args=[links.unsubscribe_token(teresa.pk, "reminder", call.committee.scope)]),
    }
    return [template.format(**facts) for template in templates]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "in_each_sight", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["turns", "both"]
)
def test_pages_are_accessible_quiet_and_narrow_enough(network, browser, live_server, sign_in, in_each_sight):
    """Axe takes most of a minute for all pages: the plain suite shows it every other one, the thorough one each in each sight."""
    wrong: list[str] = []
    turns = cycle([["light"], [], ["dark"], []])
    for email, templates in VISITS:
        context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
        if email:
            client = sign_in(User.objects.get(email=email), strong=True)
            context.add_cookies(cookies_of(client, live_server.url))
        page = context.new_page()
        heard: list[str] = []
        page.on(
            "console",
            lambda message, heard=heard: heard.append(message.text) if message.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error, heard=heard: heard.append(str(error)))
        for address in addresses(templates):
            heard.clear()
            schemes = SIGHTS if in_each_sight else next(turns)
            wrong += [f"{email} {address}: {problem}" for problem in problems(page, address, heard, schemes)]
        context.close()
    assert wrong == []


def problems(page, address: str, heard: list[str], schemes: Iterable[str]) -> list[str]:
    """What a visitor or axe would complain about on one page."""
    response = page.goto(address)
    found = (
        [f"status {response.status}"]
        if response.status >= 500 or (response.status >= 400 and address != "/nowhere/")
        else []
    )
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": SIGHTS[scheme], "height": 900})
        found += [f"{scheme} {rule['id']}: {rule['nodes'][0]['html'][:120]}" for rule in violations(page)]
    found += [
        f"console: {text[:160]}" for text in heard if not (response.status >= 400 and "Failed to load resource" in text)
    ]
    for width in (*SIGHTS.values(), 320):
        page.set_viewport_size({"width": width, "height": 900})
        excess = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [f"scrolls sideways by {excess} px at {width}"] if excess > 0 else []
    return found
