"""*This wasn’t me*, for each kind of news: what was added is taken away, an address that was left signs in again, and
whoever only holds a forwarded mail locks nobody out.
"""

import re
from datetime import timedelta

import pytest
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from members.accounts import enrollment
from members.mail import links
from members.mail.outgoing.worker import deliver
from members.models import AuditEntry, Delivery, FormerAddress, User
from tests.members.test_sessions import come_in, is_in
from tests.members.test_sign_in import app_code, ask_for_code, mailed, mailed_code
from tests.portal.test_address_change import CODE, ask

pytestmark = pytest.mark.django_db
WEBAUTHN, CODES = Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def press(kind: str = "security_news") -> str:
    """The button in the newest mail, by somebody to whom it was forwarded. What the page says after."""
    news = Delivery.objects.filter(kind=kind).latest("pk")
    address = f"/n/{links.make(links.NOT_ME, news.facts['whose'], news.pk)}/"
    Client().get(address)
    return Client(enforce_csrf_checks=True).post(address).text


def types(person) -> list[str]:
    return sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))


def enters(email: str) -> Client:
    """Ask for a code at this address and type it."""
    cache.clear()
    client = Client()
    ask_for_code(client, email)
    assert mailed().address.lower() == email
    client.post("/account/login/code/", {"code": mailed_code()})
    return client


def told(smtp, person) -> str:
    deliver()
    return smtp.to(person.email)[-1].message.get_body(("plain",)).get_content()


def add_app(client) -> None:
    form = client.get("/settings/security/app/").context["form"]
    client.post("/settings/security/app/", {"sealed": form.sealed, "code": app_code(form.secret)})


def test_an_app_that_was_added_is_taken_away_and_the_mailed_code_signs_in_as_before(
    smtp, mo, ada, django_capture_on_commit_callbacks
):
    intruder = come_in(mo)
    with django_capture_on_commit_callbacks(execute=True):
        add_app(intruder)
    assert types(mo) == [CODES, Authenticator.Type.TOTP]
    news = Delivery.objects.filter(kind="security_news", facts__change="key").get()
    Client().post(f"/n/{links.make(links.NOT_ME, mo.pk, news.pk)}/")
    assert (types(mo), is_in(intruder)) == ([], False)
    assert is_in(enters(mo.email))
    assert "did not add a passkey or an app" in " ".join(told(smtp, ada).split())


def test_only_the_key_of_that_mail_is_taken_and_one_from_before_is_still_asked_for(mo):
    TOTP.activate(mo, generate_totp_secret())
    key = Authenticator.objects.create(user=mo, type=WEBAUTHN, data={})
    get_adapter().send_notification_mail("mfa/email/webauthn_added", mo)
    assert Delivery.objects.latest("pk").facts["key"] == key.pk
    press()
    assert types(mo) == [Authenticator.Type.TOTP]
    assert not is_in(enters(mo.email))  # a second step waits


@pytest.mark.parametrize("made_with_the_app", [True, False])
def test_new_recovery_codes_end_unless_their_person_has_nothing_else(mo, made_with_the_app):
    TOTP.activate(mo, generate_totp_secret())
    RecoveryCodes.activate(mo)
    used = timezone.now() - timedelta(minutes=1 if made_with_the_app else 60)
    Authenticator.objects.filter(user=mo, type=Authenticator.Type.TOTP).update(last_used_at=used)
    get_adapter().send_notification_mail("mfa/email/recovery_codes_generated", mo)
    press()
    assert types(mo) == ([] if made_with_the_app else [CODES]) + [Authenticator.Type.TOTP]


@pytest.mark.parametrize("prefix", ["mfa/email/totp_deactivated", "mfa/email/webauthn_removed"])
def test_what_was_removed_does_not_come_back_as_it_may_be_lost(smtp, mo, ada, prefix):
    get_adapter().send_notification_mail(prefix, mo)
    press()
    assert (types(mo), is_in(enters(mo.email))) == ([], True)
    assert "Call them." in told(smtp, ada)


def test_a_token_ends(mo, sign_in):
    sign_in(mo).post("/settings/security/tokens/add/")
    assert AuthToken.objects.filter(user=mo).exists()
    press()
    assert not AuthToken.objects.filter(user=mo).exists()


def test_what_staff_did_is_not_undone(mo, ada):
    TOTP.activate(mo, generate_totp_secret())
    enrollment.forget_factors(mo, ada)
    press()
    assert (types(mo), is_in(enters(mo.email))) == ([], True)


# Another address -------------------------------------------------------------------------------------


@pytest.fixture
def taken(mo, sign_in) -> User:
    """Somebody with Mo’s session took another address and added an app to it."""
    client = sign_in(mo)
    client.post(CODE, {"code": ask(client, "thief@else.example")})
    add_app(client)
    assert types(mo) == [CODES, Authenticator.Type.TOTP]
    return User.objects.get(pk=mo.pk)


def deny_the_address() -> str:
    news = Delivery.objects.get(kind="security_news", facts__change="address")
    return Client().post(f"/n/{links.make(links.NOT_ME, news.facts['whose'], news.pk)}/").text


def test_the_address_that_was_left_signs_in_again_and_what_was_added_since_is_gone(smtp, taken, ada):
    assert not is_in_after(taken, "mo@portal.example")
    deny_the_address()
    assert types(taken) == []
    assert is_in(enters("mo@portal.example"))
    assert User.objects.get(pk=taken.pk).email == "thief@else.example"
    assert "old address signs in beside the new one" in " ".join(told(smtp, ada).split())


def is_in_after(person, email) -> bool:
    client = Client()
    ask_for_code(client, email)
    found = Delivery.objects.filter(kind="sign_in_code").order_by("-pk").first()
    return bool(found and found.recipient_id == person.pk and found.address == email)


def test_whoever_moved_on_is_not_locked_out_by_a_forwarded_mail(taken):
    deny_the_address()
    assert is_in(enters("thief@else.example"))


def test_until_it_is_settled_nobody_changes_how_it_signs_in(taken):
    deny_the_address()
    client = enters("mo@portal.example")
    for address in ("app/", "passkeys/add/"):
        assert client.get(f"/settings/security/{address}")["Location"] == "/settings/security/"
    page = client.post("/settings/email/", {"email": "third@else.example"}, follow=True).text
    assert "Until staff settle it" in page
    client.post("/settings/security/tokens/add/")
    assert (types(taken), AuthToken.objects.exists()) == ([], False)


def test_an_administrator_settles_that_it_was_them(taken, ada, sign_in):
    deny_the_address()
    client, page = sign_in(ada), f"/staff/members/{taken.pk}/access/"
    assert "did not change their email" in client.get(page).text
    client.post(f"/staff/members/{taken.pk}/email/settle/")
    assert "did not change their email" not in client.get(page).text
    assert not is_in_after(taken, "mo@portal.example")
    assert AuditEntry.objects.filter(verb="settled the email", actor=ada).count() == 1


def test_an_administrator_gives_the_old_one_back(taken, ada, sign_in):
    deny_the_address()
    client, page = sign_in(ada), f"/staff/members/{taken.pk}/email/"
    seen = re.search(r'name="seen" value="([^"]*)"', client.get(page).text)[1]
    client.post(page, {"email": "mo@portal.example", "reason": "They called.", "seen": seen})
    assert User.objects.get(pk=taken.pk).email == "mo@portal.example"
    assert not FormerAddress.objects.reopened().exists()
    assert not is_in_after(taken, "thief@else.example")


def test_after_a_week_it_holds_nothing_and_tells_staff_all_the_same(smtp, taken, ada):
    Delivery.objects.filter(kind="security_news").update(created_at=timezone.now() - timedelta(days=8))
    deny_the_address()
    assert types(taken) == [CODES, Authenticator.Type.TOTP]
    assert not FormerAddress.objects.reopened().exists()
    assert "did not change their email" in told(smtp, ada)


def test_somebody_elses_account_at_the_old_address_stays_theirs(taken, olga):
    olga.change_email("mo@portal.example")
    deny_the_address()
    assert User.objects.who_sign_in_at("mo@portal.example") == olga
