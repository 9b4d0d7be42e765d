"""How long a second factor opens the staff desk, and what asks for a proof of the last quarter of an hour."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.test import Client

from committees.announcements import announcing
from committees.models import Announcement, Mailing
from members.accounts import sessions
from members.mail.bulk import undo
from members.mail.bulk.sending import preview_act, send
from members.models import AuditEntry, BulkSend, InboundMail, StaffAppointment, User
from members.web.unsent import mark_of
from tests.forms_on_pages import forms_on
from tests.members.test_sessions import come_in
from tests.members.test_sign_in import app_code

pytestmark = pytest.mark.django_db
RECORDS = "account_authentication_methods"
HOUR = 60 * 60


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def age(client: Client, seconds: float) -> Client:
    """As if all that was proved in this session had been proved that much earlier."""
    session = client.session
    session[RECORDS] = [record | {"at": record["at"] - seconds} for record in session[RECORDS]]
    session.save()
    return client


def app_of(user: User) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def strong(user: User) -> tuple[Client, str]:
    """Really signed in and confirmed with the app; and its secret."""
    client, secret = come_in(user), app_of(user)
    client.post("/account/confirm/", {"code": app_code(secret)})
    assert client.get("/staff/").status_code == 200
    return client, secret


# How long the desk is open --------------------------------------------------------------------------


def test_the_desk_closes_after_twelve_hours_and_opens_with_another_proof(stu):
    client, secret = strong(stu)
    assert age(client, 11.9 * HOUR).get("/staff/").status_code == 200
    page = age(client, 0.2 * HOUR).get("/staff/applications/")
    assert page.status_code == 403 and "/account/confirm/?next=%2Fstaff%2Fapplications%2F" in page.text
    assert client.get("/settings/details/").status_code == 200  # still signed in
    client.post("/account/confirm/", {"code": app_code(secret, 1)})
    assert client.get("/staff/").status_code == 200


def test_the_desk_closes_with_the_browser(stu):
    client, secret = strong(stu)
    kept = client.cookies[sessions.OPEN]
    assert (kept["max-age"], kept["expires"], kept["httponly"]) == ("", "", True)
    again = Client()
    again.cookies["session"] = client.cookies["session"].value  # all that a closed browser keeps
    assert again.get("/staff/").status_code == 403
    again.post("/account/confirm/", {"code": app_code(secret, 1)})
    assert (again.get("/staff/").status_code, client.get("/staff/").status_code) == (200, 302)


def test_a_cookie_that_somebody_made_up_opens_nothing(stu):
    client, _secret = strong(stu)
    for made_up in ("", "open", client.session[sessions.OPEN]):
        client.cookies[sessions.OPEN] = made_up
        assert client.get("/staff/").status_code == 403


def test_a_session_without_a_strong_proof_gains_nothing_by_the_cookie(stu, sign_in):
    assert sign_in(stu, strong=False).get("/staff/").status_code == 403


# What asks for a proof of the last quarter of an hour -----------------------------------------------


def mail() -> InboundMail:
    return InboundMail.objects.create(raw=b"Subject: x\r\n\r\nx", message_id="a@b", size=14)


def everybody(by: User) -> Announcement:
    return Announcement.begin(by, None, by_staff=True, headline="To all", body="Words.", state="", level="")


def undone(by: User) -> BulkSend:
    """Sent to all, and taken back."""
    draft = everybody(by)

    def act() -> bool:
        return announcing.announce(Announcement.objects.get(pk=draft.pk), by)

    send(act, by, fingerprint=preview_act(act, by).fingerprint)
    sending = BulkSend.objects.get()
    undo.undo(sending, by)
    return sending


def role_of(person: User) -> StaffAppointment:
    return person.appointments.get()


ASKING: dict[str, Callable[[dict[str, User]], tuple[str, dict[str, str]]]] = {
    "a page of the admin": lambda cast: ("GET /admin/members/user/", {}),
    "a change in the admin": lambda cast: (f"POST /admin/members/user/{cast['mo'].pk}/change/", {"name": "Moritz"}),
    "appointing": lambda cast: (f"POST /staff/members/{cast['mo'].pk}/access/appoint/", {"role": "organizer"}),
    "another person’s address": lambda cast: (
        f"POST /staff/members/{cast['mo'].pk}/email/",
        {"email": "mo@elsewhere.example", "reason": "Lost the mailbox"},
    ),
    "ending a role": lambda cast: (
        f"POST /staff/members/{cast['stu'].pk}/access/roles/{role_of(cast['stu']).pk}/end/",
        {},
    ),
    "forgetting factors": lambda cast: (f"POST /staff/members/{cast['stu'].pk}/access/forget/", {}),
    "the page for closing an account": lambda cast: (f"GET /staff/members/{cast['mo'].pk}/standing/?to=deactivate", {}),
    "closing an account": lambda cast: (
        f"POST /staff/members/{cast['mo'].pk}/standing/",
        {"to": "deactivate", "reason": "Asked for it by phone"},
    ),
    "raw mail": lambda cast: (f"POST /staff/messages/inbound/{mail().pk}/raw/", {}),
    "letting go what a restore held": lambda cast: ("POST /staff/messages/held/decide/", {"to": "send"}),
    "sending to everybody": lambda cast: (
        "POST /announcements/{0.pk}/send/?version={0.version}".format(everybody(cast["ada"])),
        {"fingerprint": "x"},
    ),
    "sending to a list": lambda cast: (
        f"POST /staff/mailings/{Mailing.begin(cast['ada'], subject='To all', body='Words.').pk}/send/?version=0",
        {"fingerprint": "x", "when": "now"},
    ),
    "sending to everybody after all": lambda cast: (
        f"POST /sendings/{undone(cast['ada']).pk}/again/",
        {"fingerprint": "x"},
    ),
    "one’s own address": lambda cast: ("GET /settings/email/", {}),
    "signing out others": lambda cast: ("POST /settings/security/devices/end/", {}),
    "a token": lambda cast: ("POST /settings/security/tokens/add/", {}),
}


@pytest.mark.parametrize("act", ASKING)
def test_it_asks_who_one_is_and_does_nothing(act, sign_in, ada, stu, mo):
    asked, fields = ASKING[act]({"ada": ada, "stu": stu, "mo": mo})
    method, _space, address = asked.partition(" ")
    client = age(sign_in(ada), 0.3 * HOUR)
    assert client.get("/staff/").status_code == 200
    before = AuditEntry.objects.count()
    answer = client.generic(method, address) if method == "GET" else client.post(address, fields)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/confirm/")
    assert AuditEntry.objects.count() == before
    fresh = sign_in(ada)
    answer = fresh.generic(method, address) if method == "GET" else fresh.post(address, fields)
    assert "/account/confirm/" not in answer.get("Location", "")


def test_what_was_typed_goes_through_after_the_proof(stu, mo):
    client, secret = strong(stu)
    page = f"/staff/members/{mo.pk}/standing/?to=deactivate"
    typed = {"to": "deactivate", "reason": "Asked for it by phone", "typed_by": ""}
    asked = age(client, 0.3 * HOUR).post(page, typed, HTTP_REFERER=f"http://testserver{page}")
    assert unquote(asked.url) == f"/account/confirm/?next={page}"
    waiting = client.get(asked.url)
    assert "Not sent yet, and nothing is lost:" in waiting.text and "data-unsent" not in waiting.text
    assert "Asked for it by phone" not in waiting.text
    there = client.post(asked.url, {"code": app_code(secret, 1), "next": page})
    box = BeautifulSoup(client.get(there.url).content, "html.parser").find("section", class_="unsent")
    assert "We asked who you are in between. Nothing is lost." in box.get_text()
    again = next(iter(forms_on(str(box), page)))
    client.post(again.action, dict(again.fields))
    mo.refresh_from_db()
    assert not mo.is_active
    assert AuditEntry.objects.get(verb="closed account").reason == "Asked for it by phone"


def test_other_pages_lead_to_the_proof(stu, mo):
    client, _secret = strong(stu)
    page = f"/staff/members/{mo.pk}/standing/?to=deactivate"
    age(client, 0.3 * HOUR).post(page, {"reason": "Because"}, HTTP_REFERER=f"http://testserver{page}")
    box = BeautifulSoup(client.get("/").content, "html.parser").find("section", class_="unsent")
    assert unquote(box.find("a")["href"]) == f"/account/confirm/?next={page}" and box.find("form") is None


def test_the_desk_does_not_send_again_by_itself_what_it_asks_a_proof_for(stu, ana):
    """A script that sends it while the proof is missing would be asked again, for ever."""
    app_of(stu)
    client = come_in_by_code(stu)
    page = client.post("/staff/issues/none/", {"title": "Words of mine", "typed_by": mark_of(stu)}, follow=True)
    assert page.status_code == 403
    waiting = client.get("/account/confirm/?next=/staff/").text
    assert "Not sent yet, and nothing is lost:" in waiting and "data-unsent" not in waiting


def come_in_by_code(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="members.auth.StandingBackend")
    return client


# Django's admin -------------------------------------------------------------------------------------


def test_the_admin_asks_an_administrator_with_an_app_to_confirm(ada):
    client, _secret = strong(ada)
    page = age(client, 13 * HOUR).get("/admin/members/user/")
    assert page.status_code == 403 and "/account/confirm/?next=%2Fadmin%2Fmembers%2Fuser%2F" in page.text


def test_what_was_typed_in_the_admin_is_there_after_the_proof(ada, committee):
    client, secret = strong(ada)
    page = f"/admin/committees/committee/{committee.pk}/change/"
    asked = age(client, 0.3 * HOUR).post(page, {"name": "Justice"}, HTTP_REFERER=f"http://testserver{page}")
    there = client.post(asked.url, {"code": app_code(secret, 1), "next": page}).url
    html = BeautifulSoup(client.get(there).content, "html.parser")
    form = html.find("input", attrs={"name": "resent"}).parent
    assert (there, form["action"], form.find("input", attrs={"name": "name"})["value"]) == (page, page, "Justice")


@pytest.mark.parametrize("following", ["%23", "%23/", "x", "//evil.example/", "https://testserver/", "%0a", "", "/%5c"])
def test_whatever_comes_next_signing_in_at_the_admin_leads_on(following, client, sign_in, ada, mo):
    assert client.get(f"/admin/login/?next={following}").status_code == 302
    assert sign_in(ada).get(f"/admin/login/?next={following}").status_code == 302
    assert sign_in(mo).get(f"/admin/login/?next={following}").status_code == 404
