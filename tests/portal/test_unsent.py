"""What is sent without a session is kept, and goes through once when the same person has signed in again."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import reverse

from committees.models import Announcement
from events.models import AgendaItem, Rsvp
from members.accounts import sessions
from members.models import Application, Delivery, User
from members.web import unsent
from tests.factories import JurisdictionFactory
from tests.forms_on_pages import TYPED, forms_on, html_of, pages_of
from tests.test_access import clients, world

__all__ = ["clients", "world"]
OURS = {"Origin": "http://testserver"}


class Browser(Client):
    """A visitor whose forms carry what the page put in them, with the token checked as in production."""

    def __init__(self, user: User | None = None, sign_in: Callable | None = None):
        super().__init__(enforce_csrf_checks=True)
        if user:
            self.become(user, sign_in)

    def become(self, user: User, sign_in: Callable) -> None:
        self.cookies.update(sign_in(user).cookies)

    def fields_of(self, page: str, action: str) -> dict[str, str]:
        html = self.get(page).text
        form = next(one for one in re.findall(r"<form.*?</form>", html, re.DOTALL) if action in one[:400])
        return dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))

    def send(self, page: str, action: str, **typed: str):
        """As a browser sends the form that stands on `page`, fetched before the session ended."""
        fields = self.fields_of(page, f'action="{action}"' if action != page else "post") | typed
        return lambda **headers: self.post(
            action, fields, headers=OURS | {"Referer": f"http://testserver{page}"} | headers
        )

    def lose_session(self) -> None:
        Session.objects.filter(session_key=self.cookies["session"].value).delete()

    def lose_cookies(self) -> None:
        self.cookies.clear()

    def box(self, page: str) -> str:
        found = re.search(r'<section class="unsent".*?</section>', self.get(page).text, re.DOTALL)
        return found[0] if found else ""

    def send_box(self, page: str):
        form = re.search(r"<form.*?</form>", self.box(page), re.DOTALL)[0]
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
        return self.post(re.search(r'action="([^"]+)"', form)[1], fields, headers=OURS)


@pytest.fixture
def browser_of(sign_in):
    return lambda user=None: Browser(user, sign_in)


LOSSES = [Browser.lose_session, Browser.lose_cookies]


@pytest.mark.parametrize("lose", LOSSES)
def test_a_tap_without_a_session_leads_to_signing_in_and_goes_through_once(lose, browser_of, sign_in, meeting, mo):
    page, action = meeting.get_absolute_url(), reverse("meeting_rsvp", args=[meeting.slug])
    browser = browser_of(mo)
    tap = browser.send(page, action, answer="tentative", next=page)
    lose(browser)
    assert tap()["Location"].startswith(f"/account/login/?next={page}")
    assert "You were signed out. Nothing is lost:" in browser.box("/account/login/")
    browser.become(mo, sign_in)
    assert "tentative" in browser.box(page)
    assert browser.send_box(page)["Location"] == page
    assert Rsvp.objects.get(user=mo, meeting=meeting).response == "tentative"
    assert browser.box(page) == ""


def test_sent_twice_after_it_worked_leads_on(browser_of, sign_in, meeting, carla):
    page, action = reverse("meeting_agenda", args=[meeting.slug]), reverse("agenda_item_add", args=[meeting.slug])
    browser = browser_of(carla)
    add = browser.send(page, action, line="Budget 15m")
    browser.lose_session()
    add()
    browser.become(carla, sign_in)
    form = re.search(r"<form.*?</form>", browser.box(page), re.DOTALL)[0]
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    cookies = browser.cookies.copy()
    answers = []
    for _time in range(2):
        browser.cookies = cookies.copy()
        answers.append(browser.post(action, fields, headers=OURS))
    assert [answer.status_code for answer in answers] == [302, 303]
    assert list(AgendaItem.objects.values_list("title", flat=True)) == ["Budget"]


def test_what_another_person_typed_is_neither_shown_nor_sent(browser_of, sign_in, committee, carla, chet):
    page = reverse("announcement_new", args=[committee.slug])
    browser = browser_of(carla)
    write = browser.send(page, page, headline="We meet in Denver", body="A secret of Carla’s", preview="1")
    browser.lose_session()
    write()
    browser.become(chet, sign_in)
    first, second = browser.get("/").text, browser.get("/").text
    assert "Nothing was sent." in first and "Nothing was sent." not in second
    assert "A secret" not in first + second
    assert not Announcement.objects.exists()


def test_a_form_of_an_earlier_sign_in_goes_on_in_the_next(browser_of, sign_in, committee, carla):
    """Signed in again in another tab: the token on the page is of the sign-in before."""
    page = reverse("announcement_new", args=[committee.slug])
    browser = browser_of(carla)
    write = browser.send(page, page, headline="We meet in Denver", body="In June.")
    browser.cookies.pop("csrftoken")
    browser.get("/")
    answer = write()
    assert (answer.status_code, answer["Location"]) == (303, page)
    browser.send_box(page)
    assert Announcement.objects.get().headline == "We meet in Denver"


def test_a_form_of_somebody_else_is_not_sent_by_who_is_signed_in_now(browser_of, sign_in, committee, carla, chet):
    page = reverse("announcement_new", args=[committee.slug])
    browser = browser_of(carla)
    write = browser.send(page, page, headline="We meet in Denver", body="In June.")
    browser.become(chet, sign_in)
    browser.cookies.pop("csrftoken")
    write()
    assert "Nothing was sent." in browser.box("/")
    assert not Announcement.objects.exists()


def test_another_site_can_neither_send_nor_leave_a_form(browser_of, committee, carla):
    browser = browser_of(carla)
    page = reverse("announcement_new", args=[committee.slug])
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        answer = browser.post(page, {"headline": "Evil", "body": "Evil"}, headers=headers)
        assert (answer.status_code, unsent.COOKIE in answer.cookies) == (403, False)
    assert not Announcement.objects.exists()


@pytest.mark.parametrize("secret", sorted(unsent.NEVER))
def test_codes_and_keys_are_never_kept(secret, client, meeting):
    answer = client.post(reverse("meeting_rsvp", args=[meeting.slug]), {secret: "48172046"})
    assert answer.status_code == 302 and unsent.COOKIE not in answer.cookies


def test_nothing_huge_is_kept_and_not_without_end(client, committee):
    page = reverse("announcement_new", args=[committee.slug])
    assert unsent.COOKIE not in client.post(page, {"body": "a" * (unsent.MOST_LETTERS + 1)}).cookies
    for _time in range(60):
        answer = client.post(page, {"body": "a"})
    assert unsent.COOKIE in answer.cookies
    assert unsent.COOKIE not in Client().post(page, {"body": "a"}).cookies


def test_the_copy_is_sealed_and_ends_after_an_hour(client, committee, carla, sign_in, monkeypatch):
    page = reverse("announcement_new", args=[committee.slug])
    key = client.post(page, {"body": "Plain words of mine", "preview": "1"}).cookies[unsent.COOKIE].value
    row = Session.objects.get(session_key=key)
    assert "Plain" not in str(row.get_decoded())
    assert (row.expire_date - row.expire_date.now(row.expire_date.tzinfo)).total_seconds() <= unsent.LASTS
    client.cookies.update(sign_in(carla).cookies)
    assert "Plain words of mine" in client.get("/").text
    assert "<dt>Preview</dt>" not in client.get("/").text
    monkeypatch.setattr(unsent, "LASTS", -1)
    assert "Plain words of mine" not in client.get("/").text


def test_signing_out_and_throwing_away_end_it(client, committee, carla, sign_in):
    page = reverse("announcement_new", args=[committee.slug])
    for end in (
        lambda key: client.post("/account/logout/"),
        lambda key: client.post("/account/unsent/forget/", {"copy": key}),
    ):
        key = client.post(page, {"body": "Words"}).cookies[unsent.COOKIE].value
        client.cookies.update(sign_in(carla).cookies)
        end(key)
        assert not Session.objects.filter(session_key=key).exists()
        assert client.cookies[unsent.COOKIE].value == ""
        client.cookies.clear()


def test_what_is_refused_when_it_is_sent_stays(browser_of, sign_in, meeting, carla, committee):
    page, action = reverse("meeting_agenda", args=[meeting.slug]), reverse("agenda_item_add", args=[meeting.slug])
    browser = browser_of(carla)
    add = browser.send(page, action, line="Budget 15m")
    browser.lose_session()
    add()
    browser.become(carla, sign_in)
    form = re.search(r"<form.*?</form>", browser.box("/"), re.DOTALL)[0]
    assert "data-unsent" in form
    committee.memberships.update(role="member")
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
    assert browser.post(action, fields, headers=OURS).status_code == 403
    assert "It didn’t go through." in browser.box("/") and "data-unsent" not in browser.box("/")


def test_a_script_is_told_with_a_fragment(client, browser_of, meeting, mo):
    action = reverse("meeting_rsvp", args=[meeting.slug])
    for headers in ({"HX-Request": "true"}, {"Sec-Fetch-Dest": "empty"}):
        answer = client.post(action, {"answer": "tentative"}, headers=headers | {"Referer": "http://testserver/calls/"})
        assert (answer.status_code, answer.headers["X-Signed-Out"]) == (401, "1")
        assert "<html" not in answer.text and "next=%2Fcalls%2F" in answer.text
        assert unsent.COOKIE not in answer.cookies
    browser = browser_of(mo)
    tap = browser.send(meeting.get_absolute_url(), action, answer="tentative")
    browser.lose_cookies()
    assert tap(**{"HX-Request": "true"}).status_code == 401


def test_a_page_asks_who_is_signed_in_now(client, sign_in, mo):
    nobody, somebody = client.get("/account/standing/").json(), sign_in(mo).get("/account/standing/").json()
    assert (nobody["account"], somebody["account"]) == ("", unsent.mark_of(mo))
    assert len(nobody["token"]) == 64


@pytest.mark.django_db
def test_cookies_that_are_off_are_named(browser_of):
    browser = browser_of()
    sign_in = browser.send("/account/login/", "/account/login/", email="mo@portal.example")
    browser.lose_cookies()
    location = sign_in()["Location"]
    browser.lose_cookies()
    assert "Your browser keeps no cookies from this site." in browser.get(location).text
    browser.get(location)
    assert "keeps no cookies" not in browser.get(location).text


def test_a_visitor_whose_cookies_went_sends_the_form_after_all(browser_of, mo):
    browser = browser_of()
    sign_in = browser.send("/account/login/", "/account/login/", email="mo@portal.example")
    browser.lose_cookies()
    sign_in()
    assert "mo@portal.example" in browser.box("/account/login/")
    assert browser.send_box("/account/login/")["Location"] == "/account/login/code/"
    assert Delivery.objects.get(kind="sign_in_code").recipient == mo


def test_staff_approve_after_signing_in(browser_of, sign_in, stu, ana):
    application = Application.objects.create(applicant=ana, title="Mayor", jurisdiction=JurisdictionFactory())
    page, action = (reverse(name, args=[application.pk]) for name in ("staff_application", "staff_application_approve"))
    browser = browser_of(stu)
    approve = browser.send(page, action)
    browser.lose_session()
    approve()
    browser.become(stu, sign_in)
    browser.send_box(page)
    ana.refresh_from_db()
    assert ana.is_member


def test_one_more_step_keeps_what_was_sent(browser_of, sign_in, stu, ana):
    application = Application.objects.create(applicant=ana, title="Mayor", jurisdiction=JurisdictionFactory())
    client = sign_in(stu, strong=False)
    answer = client.post(reverse("staff_application_approve", args=[application.pk]), {"note": "Welcome aboard"})
    assert answer.status_code == 403 and f"next=%2Fstaff%2Fapplications%2F{application.pk}%2F" in answer.text
    client.cookies.update(sign_in(stu).cookies)
    assert "Welcome aboard" in client.get(reverse("staff_application", args=[application.pk])).text


# Every form there is ---------------------------------------------------------------------------------

EXPECTED = {  # some that must be among those found: if they are not, nobody looks at anything
    "agenda_item_add",
    "announcement_new",
    "committee_ask",
    "document_upload",
    "meeting_move",
    "meeting_rsvp",
    "settings_notifications",
    "staff_application_approve",
    "staff_publication_new",
}


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_every_form_on_every_page_comes_through_an_ended_session_without_script(world, clients, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"unsent": "9999/m/ip"}
    wrong, seen = [], set()
    for role in ("chair", "elsewhere", "membership", "organizer", "admin", "applicant"):
        for name, path in pages_of(role, world):
            for form in forms_on(html_of(clients[role].get(path)), path):
                if (name, form.name) not in seen:
                    seen.add((name, form.name))
                    wrong += [f"{role}: {path}: {form.action}: {trouble}" for trouble in troubles(form, clients[role])]
    assert {form for _page, form in seen} >= EXPECTED
    assert wrong == []


def troubles(form, client) -> Iterator[str]:
    """What goes wrong when it is sent after the session ended, and its person signs in again."""
    visitor = Client()
    sent = visitor.post(form.action, multi(form.fields), HTTP_REFERER=f"http://testserver{form.page}")
    if unquote(sent.get("Location", "")) != f"/account/login/?next={form.page}":
        yield f"{sent.status_code} {sent.get('Location')}"
    if form.is_secret:
        if unsent.COOKIE in visitor.cookies:
            yield "a secret was kept"
        return
    for name in ("session", sessions.OPEN):
        visitor.cookies[name] = client.cookies[name].value
    box = BeautifulSoup(visitor.get(form.page).content, "html.parser").find("section", class_="unsent")
    again = next(iter(forms_on(str(box), form.page)), None)
    if again is None or again.action != form.action:
        yield f"nothing to send: {again}"
        return
    kept = {(name, value) for name, value in again.fields if name != "resent"}
    if missing := {pair for pair in form.fields if pair[0] not in unsent.OURS} - kept:
        yield f"lost {missing}"
    if form.typed and TYPED not in box.get_text():
        yield "words not shown"
    with transaction.atomic():
        answer = visitor.post(again.action, multi(again.fields))
        transaction.set_rollback(True)
    if answer.status_code >= 500 or "/account/login/" in answer.get("Location", ""):
        yield f"sent: {answer.status_code}"


def multi(fields) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found
