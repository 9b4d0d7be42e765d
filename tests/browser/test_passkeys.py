"""Passkeys in a real Chromium with a virtual authenticator: added, used to sign in, and used for the staff desk."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import expect

from members.models import Delivery, Enrollment


@pytest.fixture
def server(live_server) -> str:
    """By name: browsers take no passkeys for a bare address such as 127.0.0.1."""
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def visitor(page, context):
    """A browser whose device can make passkeys, and all that its console complained about."""
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    page.complaints = []
    page.on(
        "console",
        lambda message: page.complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


def sign_in_by_code(page, server: str, email: str) -> None:
    page.goto(f"{server}/account/login/")
    page.get_by_label("Your email").fill(email)
    page.get_by_role("button", name="Email me a code").click()
    code = Delivery.objects.filter(kind="sign_in_code").latest("pk").facts["code"]
    page.get_by_label("Code").fill(f"{code[:4]} {code[4:]}")
    page.get_by_role("button", name="Sign in").click()


def add_passkey(page, server: str) -> None:
    page.goto(f"{server}/settings/security/passkeys/add/")
    page.get_by_label("What you call it").fill("My laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def test_a_passkey_is_added_and_signs_in(transactional_db, mo, visitor, server):
    cache.clear()
    sign_in_by_code(visitor, server, mo.email)
    add_passkey(visitor, server)
    assert Authenticator.objects.get(user=mo, type="webauthn").wrap().name == "My laptop"

    visitor.goto(f"{server}/account/logout/")
    visitor.get_by_role("button", name="Sign out").click()
    visitor.goto(f"{server}/account/login/?next=/settings/security/")
    visitor.get_by_role("button", name="Use a passkey").click()
    expect(visitor.get_by_text("My laptop", exact=True).first).to_be_visible()
    assert visitor.url == f"{server}/settings/security/"
    assert visitor.complaints == []


def test_staff_open_the_desk_with_a_passkey(transactional_db, stu, visitor, server):
    cache.clear()
    sign_in_by_code(visitor, server, stu.email)
    visitor.goto(f"{server}/staff/")
    visitor.get_by_role("link", name="Add a passkey").click()
    visitor.get_by_label("Enrollment code").fill(Enrollment.issue(stu, None))
    visitor.get_by_role("button", name="Make the passkey").click()
    visitor.get_by_role("link", name="I’ve saved them").click()
    visitor.wait_for_url(f"{server}/staff/")

    visitor.context.clear_cookies()
    sign_in_by_code(visitor, server, stu.email)
    visitor.goto(f"{server}/staff/")
    visitor.get_by_role("link", name="Confirm it’s you").click()
    visitor.get_by_role("button", name="Use a passkey").click()
    visitor.wait_for_url(f"{server}/staff/")
    expect(visitor.get_by_role("heading", level=1)).to_be_visible()
    assert [words for words in visitor.complaints if "403" not in words] == []


def test_a_passkey_of_nobody_here_is_refused_in_words(transactional_db, mo, visitor, server):
    cache.clear()
    sign_in_by_code(visitor, server, mo.email)
    add_passkey(visitor, server)
    Authenticator.objects.all().delete()
    visitor.context.clear_cookies()
    visitor.goto(f"{server}/account/login/")
    visitor.get_by_role("button", name="Use a passkey").click()
    expect(visitor.get_by_text("That passkey isn’t one we know here")).to_be_visible()


def test_without_script_there_is_the_code_and_no_dead_button(transactional_db, mo, browser, server):
    cache.clear()
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{server}/account/login/")
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    sign_in_by_code(page, server, mo.email)
    page.goto(f"{server}/settings/security/passkeys/add/")
    expect(page.get_by_role("link", name="Use an authenticator app")).to_be_visible()
    page.context.close()


def test_a_passkey_asked_for_without_a_session_says_that_one_was_signed_out(transactional_db, mo, visitor, server):
    cache.clear()
    sign_in_by_code(visitor, server, mo.email)
    visitor.goto(f"{server}/settings/security/passkeys/add/")
    visitor.get_by_label("What you call it").fill("My laptop")
    Session.objects.all().delete()
    visitor.get_by_role("button", name="Make the passkey").click()
    expect(visitor.get_by_text("You were signed out.")).to_be_visible()
    expect(visitor.get_by_label("What you call it")).to_have_value("My laptop")
    expect(visitor.locator("[data-trouble]")).to_be_hidden()
    assert not Authenticator.objects.exists()
