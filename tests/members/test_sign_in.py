"""Signing in: by mailed code, with a second step, and what must not be learned on the way."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from members.models import Delivery, MailedCode, User
from members.models.codes import LASTS

LOGIN, CODE = "/account/login/", "/account/login/code/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def ask_for_code(client: Client, email: str = "mo@portal.example", **more: str):
    return client.post(LOGIN, {"email": email} | more)


def mailed(kind: str = "sign_in_code") -> Delivery:
    return Delivery.objects.filter(kind=kind).latest("pk")


def mailed_code() -> str:
    return mailed().facts["code"]


def wrong_code() -> str:
    return "00000000" if mailed_code() != "00000000" else "11111111"


def signed_in(client: Client) -> bool:
    return client.get("/settings/details/").status_code == 200


def app_code(secret: str, after: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + after))


@pytest.fixture
def secret(mo) -> str:
    """Mo has an authenticator app with this secret."""
    secret = generate_totp_secret()
    TOTP.activate(mo, secret)
    RecoveryCodes.activate(mo)
    return secret


# The mailed code ----------------------------------------------------------------------------------


def test_a_mailed_code_signs_in_and_leads_home(mo, client):
    assert ask_for_code(client).url == CODE
    assert (mailed().recipient, mailed().lane) == (mo, Delivery.Lane.FAST)
    response = client.post(CODE, {"keep": "on", "code": mailed_code()})
    assert response.url == "/"
    assert signed_in(client)


def test_the_code_may_be_pasted_with_spaces_and_the_address_typed_in_capitals(mo, client):
    ask_for_code(client, " MO@Portal.Example ")
    code = mailed_code()
    assert client.post(CODE, {"code": f" {code[:4]} {code[4:]}"}).url == "/"


def test_the_code_page_has_one_field_that_phones_fill_in(mo, client):
    ask_for_code(client)
    html = client.get(CODE).content.decode()
    field = re.search(r"<input[^>]*name=\"code\"[^>]*>", html)[0]
    assert 'autocomplete="one-time-code"' in field and 'inputmode="numeric"' in field


def test_somebody_who_applied_signs_in_too(ana, client):
    ask_for_code(client, ana.email)
    assert client.post(CODE, {"keep": "on", "code": mailed_code()}).url == "/"


def test_the_session_holds_no_code(mo, client):
    ask_for_code(client)
    assert mailed_code() not in str(dict(client.session))


def test_a_code_works_once_and_only_in_the_browser_that_asked(mo, client):
    ask_for_code(client)
    code = mailed_code()
    other = Client()
    ask_for_code(other, "stranger@portal.example")
    other.post(CODE, {"code": code})
    assert not signed_in(other)
    client.post(CODE, {"code": code})
    client.post("/account/logout/")
    client.post(CODE, {"code": code})
    assert not signed_in(client)


def test_a_new_code_ends_the_earlier_one(mo, client):
    ask_for_code(client)
    first = mailed_code()
    client.post("/account/login/code/again/")
    second = mailed_code()
    if first != second:
        client.post(CODE, {"code": first})
        assert not signed_in(client)
    client.post(CODE, {"code": second})
    assert signed_in(client)


def test_an_old_code_is_refused_with_a_way_on(mo, client):
    ask_for_code(client)
    MailedCode.objects.update(sent_at=timezone.now() - LASTS)
    response = client.post(CODE, {"keep": "on", "code": mailed_code()})
    assert "That code has expired. Ask for a new one." in response.content.decode()
    assert not signed_in(client)


def test_five_wrong_codes_end_the_code(mo, client):
    ask_for_code(client)
    for _ in range(5):
        response = client.post(CODE, {"code": wrong_code()})
        assert (response.status_code, "That code isn’t right" in response.content.decode()) == (200, True)
    response = client.post(CODE, {"keep": "on", "code": mailed_code()})
    assert (response.status_code, "That was too many tries" in response.content.decode()) == (429, True)
    assert not signed_in(client)


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "١٢٣٤٥٦", "1" * 500, "1234567", "12345O"])
def test_what_is_no_code_is_refused_in_words(typed, mo, client):
    ask_for_code(client)
    response = client.post(CODE, {"code": typed})
    assert response.status_code == 200
    assert "field__error" in response.content.decode()


def test_a_closed_account_gets_no_code(mo, client):
    User.objects.filter(pk=mo.pk).update(is_active=False)
    ask_for_code(client)
    assert not Delivery.objects.filter(kind="sign_in_code").exists()


# What nobody learns -------------------------------------------------------------------------------


def pages(email: str) -> tuple:
    """All that a visitor sees on the way: each page with the address taken out."""
    client = Client()
    seen = [ask_for_code(client, email)]
    seen += [
        client.get(CODE),
        client.post(CODE, {"code": "000000" if not mailed_is("000000") else "111111"}),
        client.post("/account/login/code/again/"),
        client.get(CODE),
    ]
    return tuple((each.status_code, each.headers.get("Location"), shown(each, email)) for each in seen)


def mailed_is(code: str) -> bool:
    return Delivery.objects.filter(kind="sign_in_code", facts__code=code).exists()


def shown(response, email: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode().replace(email, "…"))


def test_known_and_unknown_addresses_see_the_same_pages(mo):
    assert pages(mo.email) == pages("nobody@portal.example")


def test_known_and_unknown_addresses_cost_the_same_statements(mo):
    def statements(email: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            ask_for_code(Client(), email)
        return [
            " ".join(re.findall(r"SELECT|INSERT|UPDATE|DELETE|SAVEPOINT|django_\w+|members_\w+", query["sql"]))
            for query in queries
        ]

    ask_for_code(Client(), "warm@portal.example")
    assert statements(mo.email) == statements("nobody@portal.example")


def test_an_unknown_address_is_told_so_by_mail(db, client):
    ask_for_code(client, "nobody@portal.example")
    delivery = mailed("sign_in_unknown")
    assert (delivery.address, delivery.recipient, delivery.facts, delivery.lane) == (
        "nobody@portal.example",
        None,
        {},
        Delivery.Lane.FAST,
    )


def test_no_code_is_right_for_an_unknown_address(db, client):
    ask_for_code(client, "nobody@portal.example")
    for code in ("000000", "123456"):
        client.post(CODE, {"code": code})
    assert not signed_in(client)


def test_a_look_alike_address_reaches_nobody(mo, client):
    response = ask_for_code(client, "mо@portal.example")
    assert response.status_code == 200
    assert not Delivery.objects.exists()


def test_compatibility_letters_reach_the_address_they_stand_for(mo, client):
    ask_for_code(client, "ｍｏ@portal.example")
    assert mailed().address == "mo@portal.example" or mailed().recipient == mo


def test_nobody_gets_an_account_with_a_look_alike_address(db):
    with pytest.raises(Exception, match="plain letters"):
        User.objects.create_user("mо@portal.example", "Mo Haddad")


# Limits -------------------------------------------------------------------------------------------


def test_three_codes_in_ten_minutes_an_address(mo):
    statuses = [ask_for_code(Client()).status_code for _ in range(4)]
    assert statuses == [302, 302, 302, 429]
    assert Delivery.objects.filter(kind="sign_in_code").count() == 3


def test_the_limit_speaks_plainly_and_holds_for_unknown_addresses(db):
    for _ in range(3):
        ask_for_code(Client(), "nobody@portal.example")
    response = ask_for_code(Client(), "Nobody@portal.example")
    assert (response.status_code, "We’ve sent three codes in ten minutes" in response.content.decode()) == (429, True)


def test_a_code_sent_again_counts(mo, client):
    ask_for_code(client)
    for _ in range(4):
        client.post("/account/login/code/again/")
    assert Delivery.objects.filter(kind="sign_in_code").count() == 3


# Where to go next ---------------------------------------------------------------------------------


def test_next_leads_on_after_the_code(mo, client):
    assert ask_for_code(client, next="/committees/").url == f"{CODE}?next=%2Fcommittees%2F"
    assert client.post(CODE, {"keep": "on", "code": mailed_code(), "next": "/committees/"}).url == "/committees/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://testserver/calls/",
        "evil.example",
        "/\t/evil.example",
    ],
)
def test_next_never_leads_elsewhere(elsewhere, mo, client):
    assert ask_for_code(client, next=elsewhere).url == CODE
    assert client.post(CODE, {"keep": "on", "code": mailed_code(), "next": elsewhere}).url == "/"
    assert client.get(LOGIN, {"next": elsewhere}).url == "/"


def test_a_page_that_needs_sign_in_comes_back_afterwards(mo, client):
    assert client.get("/settings/details/").url == f"{LOGIN}?next=/settings/details/"


# The second step ----------------------------------------------------------------------------------


def test_an_authenticator_app_is_asked_after_the_code_and_makes_the_session_strong(mo, secret, client):
    ask_for_code(client)
    assert (
        client.post(CODE, {"keep": "on", "code": mailed_code(), "next": "/people/"}).url
        == "/account/login/second-step/"
    )
    assert not signed_in(client)
    response = client.post("/account/login/second-step/", {"code": app_code(secret)})
    assert response.url == "/people/"
    assert client.get("/settings/details/").wsgi_request.user.is_strongly_authenticated


def test_a_wrong_app_code_does_not_sign_in(mo, secret, client):
    ask_for_code(client)
    client.post(CODE, {"keep": "on", "code": mailed_code()})
    response = client.post(
        "/account/login/second-step/", {"code": "000000" if app_code(secret) != "000000" else "111111"}
    )
    assert "That code isn’t right" in response.content.decode()
    assert not signed_in(client)


def test_an_app_code_works_once(mo, secret):
    code = app_code(secret)
    outcomes = []
    for _ in range(2):
        client = Client()
        ask_for_code(client)
        client.post(CODE, {"keep": "on", "code": mailed_code()})
        client.post("/account/login/second-step/", {"code": code})
        outcomes.append(signed_in(client))
    assert outcomes == [True, False]


def test_a_recovery_code_stands_in_for_the_app_once(mo, secret):
    recovery = Authenticator.objects.get(user=mo, type="recovery_codes").wrap().get_unused_codes()[0]
    outcomes = []
    for _ in range(2):
        client = Client()
        ask_for_code(client)
        client.post(CODE, {"keep": "on", "code": mailed_code()})
        client.post("/account/login/second-step/", {"code": recovery})
        outcomes.append(signed_in(client))
    assert outcomes == [True, False]


def test_the_second_step_cannot_be_guessed_without_end(mo, secret, client):
    ask_for_code(client)
    client.post(CODE, {"keep": "on", "code": mailed_code()})
    for number in range(10):
        client.post("/account/login/second-step/", {"code": f"{number:06}"})
    client.post("/account/login/second-step/", {"code": app_code(secret)})
    assert not signed_in(client)


def test_the_second_step_is_out_of_reach_without_the_first(mo, secret, client):
    assert client.get("/account/login/second-step/").url == LOGIN
    assert client.post("/account/login/second-step/", {"code": app_code(secret)}).url == LOGIN


def test_secrets_of_apps_lie_encrypted_in_the_database(mo, secret):
    assert secret not in str(Authenticator.objects.get(user=mo, type="totp").data)


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "null",
        "[]",
        "{}",
        '"x"',
        "1",
        '{"id":"x","rawId":"x","type":"public-key","response":{"userHandle":"\\u0000"}}',
        "{",
        '{"response": 5}',
        '{"response":{"userHandle":null}}',
    ],
)
def test_junk_instead_of_a_passkey_is_refused_in_words(credential, db, client):
    client.post("/account/login/passkey/options/")
    response = client.post("/account/login/passkey/", {"credential": credential})
    assert (response.status_code, "That passkey isn’t one we know here" in response.content.decode()) == (200, True)


# Sessions on the way ------------------------------------------------------------------------------


def test_signing_in_changes_the_session_key_and_lasts_sixty_days(mo, client):
    ask_for_code(client)
    before = client.session.session_key
    response = client.post(CODE, {"keep": "on", "code": mailed_code()})
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    assert response.cookies["session"]["max-age"] == 60 * 60 * 24 * 60


def test_whoever_does_not_want_to_be_kept_is_signed_in_until_the_browser_closes(mo, secret, client):
    ask_for_code(client)
    client.post(CODE, {"code": mailed_code()})
    response = client.post("/account/login/second-step/", {"code": app_code(secret)})
    assert response.cookies["session"]["max-age"] == "" and signed_in(client)


def test_signing_out_ends_the_session_and_only_by_post(mo, sign_in):
    client = sign_in(mo)
    key = client.session.session_key
    assert client.get("/account/logout/").status_code == 200
    assert signed_in(client)
    assert client.post("/account/logout/").url == "/"
    assert not signed_in(client)
    assert not Session.objects.filter(session_key=key).exists()


def test_nothing_of_allauth_but_what_we_use_is_reachable():
    reachable = {pattern.name for pattern in get_resolver("members.account_urls").url_patterns}
    assert reachable == {
        "account_login", "account_confirm_login_code", "account_code_again", "mfa_authenticate", "mfa_authenticate_options", "account_passkey",
        "account_passkey_options", "account_logout", "account_reauthenticate", "reauthenticate_code", "reauthenticate_options",
        "account_standing", "account_unsent_forget",
    }  # fmt: skip
    for name in (
        "account_signup",
        "account_reset_password",
        "account_change_password",
        "account_set_password",
        "account_email",
        "mfa_index",
        "usersessions_list",
    ):
        with pytest.raises(NoReverseMatch):
            reverse(name)


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "password/reset/",
        "password/change/",
        "password/set/",
        "email/",
        "confirm-email/",
        "reauthenticate/",
        "inactive/",
        "2fa/",
        "sessions/",
        "3rdparty/",
    ],
)
def test_there_are_no_passwords_to_change_or_reset(path, db, client):
    assert client.get(f"/account/{path}").status_code == 404


def test_a_password_signs_in_nobody(ada, client):
    ada.set_password("correct horse battery staple")
    ada.save()
    client.post("/admin/login/", {"username": ada.email, "password": "correct horse battery staple"})
    assert not client.login(username=ada.email, password="correct horse battery staple")
    assert not signed_in(client)
