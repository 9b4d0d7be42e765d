"""What lies sealed in the database outlives a new SECRET_KEY, is sealed again, and is refused in words when no key opens it."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.fernet import InvalidToken
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from members.accounts import enrollment
from members.accounts.sealed_factors import PURPOSE
from members.mail import reply_addresses
from members.models import Enrollment
from members.sealing import newest, vault
from members.web.unsent import mark_of
from portal.checks import sealed_with_a_key_of_its_own
from tests.factories import UserFactory
from tests.members.test_sign_in import CODE, app_code, ask_for_code, mailed_code, secret, signed_in
from tests.portal.test_unsent import Browser
from tests.test_configuration import NEEDED, composed, started

__all__ = ["secret"]
pytestmark = pytest.mark.django_db
STEP = "/account/login/second-step/"
KEYS = [letter * 50 for letter in "abcd"]


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def before_the_step() -> Client:
    client = Client()
    ask_for_code(client)
    client.post(CODE, {"keep": "on", "code": mailed_code()})
    return client


def came_in_with(code: str) -> bool:
    client = before_the_step()
    assert client.post(STEP, {"code": code}).status_code in (302, 422)
    return signed_in(client)


def sealed_of(user, name: str = "secret") -> str:
    return next(each.data[name] for each in Authenticator.objects.filter(user=user) if name in each.data)


def said(capsys) -> str:
    call_command("seal_again")
    return capsys.readouterr().out


def test_a_new_secret_key_ends_no_second_step(mo, settings, secret):
    settings.SECRETS_KEY = KEYS[0]
    call_command("seal_again")
    settings.SECRET_KEY = KEYS[1]
    assert came_in_with(app_code(secret))
    assert came_in_with(Authenticator.objects.get(user=mo, type="recovery_codes").wrap().get_unused_codes()[0])


def test_what_was_sealed_before_there_was_a_key_of_its_own_still_opens(mo, settings, secret):
    settings.SECRETS_KEY = KEYS[0]
    with pytest.raises(InvalidToken):
        newest(PURPOSE).decrypt(sealed_of(mo))
    assert came_in_with(app_code(secret))


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRETS_KEY"])
def test_an_earlier_key_opens_as_long_as_it_is_named(mo, settings, name):
    setattr(settings, name, KEYS[0])
    TOTP.activate(mo, lost := generate_totp_secret())
    setattr(settings, name, KEYS[1])
    setattr(settings, f"{name}_FALLBACKS", [KEYS[0]])
    assert came_in_with(app_code(lost))


def test_sealing_again_is_done_once_and_no_row_keeps_another_from_its_turn(mo, settings, secret, capsys):
    other, broken = UserFactory(), UserFactory()
    settings.SECRETS_KEY = KEYS[3]
    TOTP.activate(other, generate_totp_secret())
    settings.SECRETS_KEY = KEYS[0]
    Authenticator.objects.create(user=broken, type="totp", data={"secret": 7})
    Authenticator.objects.create(user=broken, type="webauthn", data={"name": "Key"})
    TOTP.activate(UserFactory(), generate_totp_secret())
    with pytest.raises(Exception, match="1 failed"):
        call_command("seal_again")
    assert "2 sealed with the newest key, 1 were already.\n1 can’t be opened" in capsys.readouterr().out
    Authenticator.objects.filter(user=broken).delete()
    rows = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    assert said(capsys).startswith("0 sealed with the newest key, 3 were already.\n1 can’t be opened")
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == rows
    assert newest(PURPOSE).decrypt(sealed_of(mo)).decode() == secret
    settings.SECRET_KEY = KEYS[1]
    assert vault(PURPOSE).decrypt(sealed_of(mo)).decode() == secret
    assert vault(PURPOSE).decrypt(sealed_of(mo, "seed"))
    settings.SECRETS_KEY_FALLBACKS = [KEYS[3]]
    assert said(capsys) == "1 sealed with the newest key, 3 were already.\n"


def test_what_a_used_code_left_stays_when_it_is_sealed_again(mo, settings, secret):
    assert came_in_with(code := app_code(secret))
    settings.SECRETS_KEY = KEYS[0]
    call_command("seal_again")
    assert not came_in_with(code)


def test_what_no_key_opens_is_refused_in_words_with_a_way_on(mo, ada, settings, secret):
    settings.SECRET_KEY = KEYS[0]
    client = before_the_step()
    for code in (app_code(secret), "12345678", "000000"):
        page = client.post(STEP, {"code": code})
        assert (page.status_code, "The portal lost the key to these codes" in page.text) == (422, True)
        assert settings.CONTACT_EMAIL in page.text
    assert not signed_in(client)
    enrollment.forget_factors(mo, ada)
    assert signed_in(before_the_step())


def test_a_recovery_code_still_works_when_only_the_app_cannot_be_opened(mo, secret):
    app = Authenticator.objects.get(user=mo, type="totp")
    app.data["secret"] = "x" + app.data["secret"][1:]
    app.save()
    page = before_the_step().post(STEP, {"code": app_code(secret)})
    assert "The portal lost the key to your app" in page.text
    assert came_in_with(Authenticator.objects.get(user=mo, type="recovery_codes").wrap().get_unused_codes()[0])


def test_pages_about_what_no_key_opens_open(mo, sign_in, settings, secret):
    codes = Authenticator.objects.get(user=mo, type="recovery_codes").wrap().get_unused_codes()
    settings.SECRET_KEY = KEYS[0]
    client = sign_in(mo, strong=True)
    assert "The portal lost the key to these codes" in client.get("/settings/security/").text
    page = client.get("/settings/security/recovery-codes/")
    assert "Make new ones" in page.text and not page.context["codes"] and codes
    assert client.get("/settings/security/recovery-codes/file").status_code == 302
    assert client.post("/account/confirm/", {"code": app_code(secret)}).status_code in (200, 422)
    assert client.post("/settings/security/recovery-codes/new/").status_code == 302
    assert len(RecoveryCodes.activate(mo).get_unused_codes()) == 10
    assert "The portal lost the key to your app" in client.get("/settings/security/").text


def test_the_administrator_sees_what_no_key_opens(sign_in, ada, mo, settings, secret):
    page, words = reverse("staff_member_access", args=[mo.pk]), "The portal lost the key to it"
    client = sign_in(ada)
    assert words not in client.get(page).text
    Authenticator.objects.create(user=mo, type="webauthn", data={"name": "Key"})
    Authenticator.objects.filter(user=mo, type="totp").update(data={"secret": vault("another").encrypt(b"x").decode()})
    assert client.get(page).text.count(words) == 1


def test_nothing_is_right_for_what_no_key_opens(mo, settings, secret):
    settings.SECRET_KEY = KEYS[0]
    app = Authenticator.objects.get(user=mo, type="totp").wrap()
    empty = app_code("")  # of a secret of no letters
    assert not app.validate_code(app_code(secret)) and not app.validate_code(empty)


def test_setting_an_app_up_across_a_new_key_starts_over_in_words(mo, sign_in, settings):
    form = sign_in(mo).get("/settings/security/app/").context["form"]
    settings.SECRET_KEY = KEYS[0]
    typed = {"sealed": form.sealed, "code": app_code(form.secret)}
    settings.SECRET_KEY = KEYS[1]
    page = sign_in(mo).post("/settings/security/app/", typed, follow=True)
    assert "Scan the picture again" in page.text


# What SECRET_KEY signs and seals for a while ---------------------------------------------------------


def test_a_form_kept_across_a_new_key_goes_on_with_the_old_one_and_is_lost_in_words_without(sign_in, mo, settings):
    for fallbacks in ([settings.SECRET_KEY], []):
        browser, old = Browser(mo, sign_in), settings.SECRET_KEY
        send = browser.send("/settings/details/", "/settings/details/", pronouns="they/them and she/her")
        browser.lose_session()
        send()
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = KEYS[2], fallbacks
        browser.become(mo, sign_in)
        box = browser.box("/")
        assert ("they/them and she/her" in box, "A form that you sent was lost." in box) == (
            bool(fallbacks),
            not fallbacks,
        )
        assert fallbacks or not browser.box("/")
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = old, []


def test_what_was_signed_with_an_earlier_key_counts_while_it_is_named(mo, ada, settings):
    address, code, mark = (
        reply_addresses.address(reply_addresses.ANSWER, mo.pk, 7),
        Enrollment.issue(mo, ada),
        mark_of(mo),
    )
    old, settings.SECRET_KEY = settings.SECRET_KEY, KEYS[0]
    assert reply_addresses.read(reply_addresses.ANSWER, address) is None and mark_of(mo) != mark
    assert not Enrollment.claim(mo, code)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert reply_addresses.read(reply_addresses.ANSWER, address) == (mo.pk, 7)
    assert Enrollment.claim(mo, code)


def test_a_key_of_its_own_is_another_and_long_enough():
    for own in ("short", "k" * 50):
        failed = started(**composed(**NEEDED, SECRET_KEY="k" * 50, SECRETS_KEY=own))
        assert "SECRETS_KEY must be at least 32 random characters" in failed.stderr
    given = composed(**NEEDED, SECRET_KEY="k" * 50, SECRETS_KEY="l" * 50, SECRETS_KEY_FALLBACKS="m" * 40)
    assert started(**given | {"DATABASE_POOL": "0"}).returncode == 0


def test_production_is_told_that_it_has_no_key_of_its_own(settings):
    assert [each.id for each in sealed_with_a_key_of_its_own(None)] == ["portal.W001"]
    settings.SECRETS_KEY = KEYS[0]
    assert sealed_with_a_key_of_its_own(None) == []
