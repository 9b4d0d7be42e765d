"""What people set about themselves, and how they change the way they sign in."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client
from knox.models import AuthToken

from members.models import AuditEntry, Delivery, User
from tests.members.test_sign_in import app_code, mailed, wrong_code

PAGES = ["details", "notifications", "privacy", "security", "email", "security/app", "security/passkeys/add"]
DETAILS = {
    "name": "Mo Haddad",
    "given_name": "Mo",
    "timezone": "America/Denver",
    "color_scheme": "",
    "single_key_shortcuts": "on",
    "pronouns": "",
    "bio": "",
    "phone": "",
}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def client(sign_in, mo) -> Client:
    return sign_in(mo)


def age(client: Client, seconds: int = 16 * 60) -> None:
    """Let what this session proved lie back."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - seconds
    session.save()


def add_app(client: Client):
    form = client.get("/settings/security/app/").context["form"]
    return client.post("/settings/security/app/", {"sealed": form.sealed, "code": app_code(form.secret)})


# Pages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_each_settings_page_opens_for_its_person_and_asks_others_to_sign_in(name, client):
    assert client.get(f"/settings/{name}/").status_code == 200
    assert Client().get(f"/settings/{name}/").url == f"/account/login/?next=/settings/{name}/"


def test_settings_lead_to_the_details(client):
    assert client.get("/settings/").url == "/settings/details/"


def test_somebody_who_applied_has_settings_too(ana, sign_in):
    assert {sign_in(ana).get(f"/settings/{page}/").status_code for page in PAGES} == {200}


@pytest.mark.parametrize("name", ["details", "notifications", "privacy", "security"])
def test_settings_pages_cost_few_queries(name, client, django_assert_max_num_queries):
    client.get(f"/settings/{name}/")
    with django_assert_max_num_queries(8):
        client.get(f"/settings/{name}/")


# Details ------------------------------------------------------------------------------------------


def test_details_are_saved_and_said_so(mo, client):
    changes = {
        "name": "  Mo   Haddad-Ruiz ",
        "given_name": "Moe",
        "timezone": "Pacific/Honolulu",
        "color_scheme": "dark",
        "single_key_shortcuts": "",
        "pronouns": "they/them",
        "bio": "I fix buses.",
        "phone": "719-555-0148",
    }
    page = client.post("/settings/details/", DETAILS | changes, follow=True).content.decode()
    mo = User.objects.select_related("profile").get(pk=mo.pk)
    assert "Your details are saved." in page and 'data-theme="dark"' in page
    assert (mo.name, mo.given_name, mo.timezone, mo.color_scheme, mo.single_key_shortcuts) == (
        "Mo Haddad-Ruiz",
        "Moe",
        "Pacific/Honolulu",
        "dark",
        False,
    )
    assert (mo.profile.pronouns, mo.profile.bio, str(mo.profile.phone)) == ("they/them", "I fix buses.", "+17195550148")


def test_changed_details_leave_a_line_with_before_and_after(mo, client):
    client.post("/settings/details/", DETAILS | {"name": "Mona Haddad"})
    line = AuditEntry.objects.get(verb="changed details")
    assert (line.actor, line.before, line.after) == (mo, {"name": "Mo Haddad"}, {"name": "Mona Haddad"})


def test_details_saved_unchanged_leave_no_line(client):
    client.post("/settings/details/", DETAILS)
    assert not AuditEntry.objects.filter(verb="changed details").exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Enter your name"),
        ("name", "123", "Enter your name in letters"),
        ("timezone", "Mars/Olympus", "Choose one of those shown"),
        ("phone", "12", "Enter a number like 719-555-0148"),
        ("bio", "x" * 2001, "Shorten this to 2000 characters"),
    ],
)
def test_bad_details_are_refused_in_words_and_nothing_is_lost(field, value, words, mo, client):
    page = client.post("/settings/details/", DETAILS | {"pronouns": "he/him", field: value}).content.decode()
    assert words in page and "<title>Error:" in page and 'value="he/him"' in page
    mo.refresh_from_db()
    assert (mo.name, mo.profile.pronouns) == ("Mo Haddad", "")


def test_a_script_in_a_name_stays_text(client):
    page = client.post(
        "/settings/details/", DETAILS | {"name": "<script>alert(1)</script>", "given_name": "<b>"}, follow=True
    ).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;" in page


def test_details_set_nothing_else(mo, client):
    """No mass assignment: what the form does not hold stays as it is."""
    client.post(
        "/settings/details/",
        DETAILS | {"email": "x@portal.example", "is_active": "", "admitted_at": "", "email_audience": "members"},
    )
    mo.refresh_from_db()
    assert (mo.email, mo.is_member, mo.profile.email_audience) == ("mo@portal.example", True, "staff")


def test_zones_of_the_united_states_come_first(client):
    page = client.get("/settings/details/").content.decode()
    assert page.index("Mountain") < page.index("Hawaiʻi") < page.index("Europe/Paris")


# Privacy ------------------------------------------------------------------------


def test_privacy_is_saved_with_a_line(mo, client):
    client.post(
        "/settings/privacy/", {"email_audience": "members", "phone_audience": "staff", "rsvp_audience": "committees"}
    )
    mo.profile.refresh_from_db()
    assert mo.profile.email_audience == "members"
    assert AuditEntry.objects.get(verb="changed privacy").after == {"email_audience": "members"}


def test_an_unknown_audience_is_refused(mo, client):
    client.post("/settings/privacy/", {"email_audience": "world", "phone_audience": "staff", "rsvp_audience": "staff"})
    mo.profile.refresh_from_db()
    assert (mo.profile.email_audience, mo.profile.rsvp_audience) == ("staff", "committees")


# Another address ----------------------------------------------------------------------------------


def test_another_address_counts_from_when_its_code_is_typed(mo, client):
    assert client.post("/settings/email/", {"email": "Mo.New@portal.example"}).url == "/settings/email/code/"
    mo.refresh_from_db()
    assert mo.email == "mo@portal.example"
    client.post("/settings/email/code/", {"code": mailed("address_code").facts["code"]})
    mo.refresh_from_db()
    assert mo.email == "mo.new@portal.example"
    assert mailed("address_code").address == "mo.new@portal.example"


def test_the_old_address_hears_of_the_change_and_other_devices_are_signed_out(mo, client, sign_in):
    other = sign_in(mo)
    client.post("/settings/email/", {"email": "new@portal.example"})
    client.post("/settings/email/code/", {"code": mailed("address_code").facts["code"]})
    assert (mailed("security_news").address, mailed("security_news").recipient) == ("mo@portal.example", None)
    assert client.get("/settings/security/").status_code == 200
    assert other.get("/settings/security/").status_code == 302


def test_an_address_of_somebody_else_looks_the_same_and_never_works(mo, carla, client):
    taken = client.post("/settings/email/", {"email": carla.email})
    assert (taken.status_code, taken.url) == (302, "/settings/email/code/")
    assert mailed("address_taken").facts == {}
    assert not Delivery.objects.filter(kind="address_code").exists()
    client.post("/settings/email/code/", {"code": "123456"})
    mo.refresh_from_db()
    assert mo.email == "mo@portal.example"


def test_an_address_taken_in_the_meantime_changes_nothing(mo, client):
    client.post("/settings/email/", {"email": "new@portal.example"})
    User.objects.create_user("new@portal.example", "Somebody Faster")
    page = client.post(
        "/settings/email/code/", {"code": mailed("address_code").facts["code"]}, follow=True
    ).content.decode()
    mo.refresh_from_db()
    assert mo.email == "mo@portal.example" and "belongs to another account" in page


def test_a_look_alike_or_the_same_address_is_refused(client):
    assert "plain letters" in client.post("/settings/email/", {"email": "mo@pоrtal.example"}).content.decode()
    assert "address you have now" in client.post("/settings/email/", {"email": "MO@portal.example"}).content.decode()


def test_codes_to_a_new_address_are_limited(client):
    statuses = [client.post("/settings/email/", {"email": "new@portal.example"}).status_code for _ in range(4)]
    assert statuses == [302, 302, 302, 429]


# Proving it again ---------------------------------------------------------------------------------

GUARDED = ["email", "security/app", "security/passkeys/add"]


@pytest.mark.parametrize("name", GUARDED)
def test_a_session_left_open_cannot_change_how_one_signs_in(name, client):
    age(client)
    assert client.get(f"/settings/{name}/").url == f"/account/confirm/?next=%2Fsettings%2F{name.replace('/', '%2F')}%2F"


def test_a_mailed_code_proves_it_again(mo, client):
    age(client)
    client.post("/account/confirm/code/", {"next": "/settings/email/"})
    assert mailed().recipient == mo
    assert client.post("/account/confirm/", {"code": wrong_code(), "next": "/settings/email/"}).status_code == 200
    assert (
        client.post("/account/confirm/", {"code": mailed().facts["code"], "next": "/settings/email/"}).url
        == "/settings/email/"
    )
    assert client.get("/settings/email/").status_code == 200


def test_looking_at_the_confirm_page_sends_nothing(client):
    age(client)
    client.get("/account/confirm/")
    assert not Delivery.objects.exists()


def test_whoever_has_an_app_proves_it_with_the_app_and_not_by_mail(mo, client):
    secret = generate_totp_secret()
    TOTP.activate(mo, secret)
    assert client.get("/settings/email/").status_code == 302
    assert (
        client.post("/account/confirm/", {"code": app_code(secret), "next": "/settings/email/"}).url
        == "/settings/email/"
    )
    assert client.get("/settings/email/").status_code == 200


# The authenticator app and recovery codes ---------------------------------------------------------


def test_adding_an_app_makes_this_session_strong_and_shows_recovery_codes(
    mo, client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert add_app(client).url == "/settings/security/recovery-codes/"
    page = client.get("/settings/security/recovery-codes/")
    codes = Authenticator.objects.get(user=mo, type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10 and all(code in page.content.decode() for code in codes)
    assert page.wsgi_request.user.is_strongly_authenticated
    assert mailed("security_news").recipient == mo


def test_a_wrong_first_code_adds_no_app_and_keeps_the_picture(mo, client):
    form = client.get("/settings/security/app/").context["form"]
    wrong = "000000" if app_code(form.secret) != "000000" else "111111"
    response = client.post("/settings/security/app/", {"sealed": form.sealed, "code": wrong})
    assert "That code isn’t right" in response.content.decode()
    assert response.context["form"].secret == form.secret
    assert not Authenticator.objects.exists()


def test_a_secret_made_for_somebody_else_adds_no_app(mo, client, carla, sign_in):
    form = sign_in(carla).get("/settings/security/app/").context["form"]
    client.post("/settings/security/app/", {"sealed": form.sealed, "code": app_code(form.secret)})
    assert not Authenticator.objects.exists()


def test_recovery_codes_are_downloaded_as_a_file_and_made_anew(mo, client):
    add_app(client)
    file = client.get("/settings/security/recovery-codes/file")
    before = Authenticator.objects.get(user=mo, type="recovery_codes").wrap().get_unused_codes()
    assert (
        file["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
        and before[3] in file.content.decode()
    )
    client.post("/settings/security/recovery-codes/new/")
    after = Authenticator.objects.get(user=mo, type="recovery_codes").wrap().get_unused_codes()
    assert not set(before) & set(after)


def test_removing_the_app_weakens_this_session_and_ends_the_others(mo, client, sign_in):
    add_app(client)
    other = sign_in(mo)
    assert client.post("/settings/security/app/remove/").url == "/settings/security/"
    assert not Authenticator.objects.filter(user=mo).exists()
    assert not client.get("/settings/security/").wsgi_request.user.is_strongly_authenticated
    assert other.get("/settings/security/").status_code == 302


def test_nobody_removes_the_passkey_of_another(mo, carla, client):
    passkey = Authenticator.objects.create(user=carla, type="webauthn", data={"name": "Phone", "credential": {}})
    assert client.post(f"/settings/security/passkeys/{passkey.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=passkey.pk).exists()


def test_nobody_is_asked_whether_they_co_chair(client):
    assert "co-chair" not in client.get("/settings/security/").content.decode()


def test_the_invitation_to_a_second_step_can_be_put_away(client):
    assert "Sign in without waiting for an email." in client.get("/settings/security/").content.decode()
    client.post("/settings/security/later/")
    assert "Sign in without waiting for an email." not in client.get("/settings/security/").content.decode()


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "null",
        "[]",
        "{}",
        '"x"',
        '{"id":"x","rawId":"x","type":"public-key","response":{}}',
        "5",
        '{"response": []}',
    ],
)
def test_junk_instead_of_a_new_passkey_is_refused(credential, mo, client):
    client.post("/settings/security/passkeys/options/")
    assert client.post("/settings/security/passkeys/add/", {"name": "x", "credential": credential}).status_code == 200
    assert not Authenticator.objects.exists()


# Tokens -------------------------------------------------------------------------------------------


def make_token(client: Client) -> str:
    return client.post("/settings/security/tokens/add/").context["token"]


def ask_api(token: str) -> int:
    return Client().get("/api/me/", headers={"Authorization": f"Token {token}"}).status_code


def test_a_token_is_shown_once_and_speaks_for_its_member(mo, client):
    token = make_token(client)
    assert ask_api(token) == 200
    assert token not in client.get("/settings/security/").content.decode()


def test_a_revoked_token_is_dead_at_once(mo, client):
    token = make_token(client)
    client.post(f"/settings/security/tokens/{AuthToken.objects.get().token_key}/revoke/")
    assert ask_api(token) == 401


@pytest.mark.parametrize("end", ["leave", "deactivate"])
def test_tokens_die_with_the_membership_or_the_account(end, mo, client, ada):
    token = make_token(client)
    getattr(mo, end)(by=ada, reason="It is over")
    assert ask_api(token) == 401


def test_tokens_of_others_cannot_be_revoked(mo, carla, client):
    AuthToken.objects.create(carla)
    assert client.post(f"/settings/security/tokens/{AuthToken.objects.get().token_key}/revoke/").status_code == 404


def test_nobody_holds_more_than_ten_tokens(mo, client):
    for number in range(11):
        client.post("/settings/security/tokens/add/", {"once": f"page {number}"})
    assert AuthToken.objects.filter(user=mo).count() == 10


def test_applicants_make_no_tokens_that_work(ana, sign_in):
    client = sign_in(ana)
    assert client.post("/settings/security/tokens/add/").status_code == 403


def test_recovery_codes_alone_do_not_exist_without_a_factor(mo, client):
    assert client.get("/settings/security/recovery-codes/").status_code == 404
    RecoveryCodes.activate(mo)
    assert client.post("/settings/security/recovery-codes/new/").status_code == 302
