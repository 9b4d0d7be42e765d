"""Devices that are signed in, the guard of the staff desk, and rights that end at once."""

import ast
import html
import re
import time
from collections import ChainMap
from importlib import import_module
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from members.accounts import sessions
from members.models import User
from tests.members.test_sign_in import app_code, ask_for_code, mailed_code

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def come_in(user: User, user_agent: str = CHROME) -> Client:
    """Really sign in, from a browser."""
    client = Client(headers={"User-Agent": user_agent})
    ask_for_code(client, user.email)
    client.post("/account/login/code/", {"code": mailed_code()})
    assert is_in(client)
    return client


def is_in(client: Client) -> bool:
    return client.get("/settings/security/").status_code == 200


def test_devices_are_listed_by_name_and_this_one_is_marked(mo):
    come_in(mo, IPHONE)
    page = come_in(mo).get("/settings/security/").content.decode()
    assert "Chrome on Linux" in page and "Safari on iPhone" in page
    assert page.count("This device") == 1


def test_another_device_is_ended_and_this_one_goes_on(mo):
    phone, laptop = come_in(mo, IPHONE), come_in(mo)
    device = UserSession.objects.get(session_key=phone.session.session_key)
    laptop.post(f"/settings/security/devices/{device.pk}/end/")
    assert (is_in(phone), is_in(laptop)) == (False, True)


def test_all_other_devices_are_ended_at_once(mo):
    others, laptop = [come_in(mo, IPHONE), come_in(mo)], None
    cache.clear()
    laptop = come_in(mo)
    laptop.post("/settings/security/devices/end/")
    assert ([is_in(other) for other in others], is_in(laptop)) == ([False, False], True)


def test_nobody_ends_the_device_of_another(mo, carla):
    phone, other = come_in(mo), come_in(carla)
    device = UserSession.objects.get(session_key=phone.session.session_key)
    assert other.post(f"/settings/security/devices/{device.pk}/end/").status_code == 404
    assert is_in(phone)


def test_devices_that_are_gone_are_not_listed(mo):
    phone, laptop = come_in(mo, IPHONE), come_in(mo)
    phone.post("/account/logout/")
    assert [device.session_key for device in sessions.devices_of(mo)] == [laptop.session.session_key]


def test_looking_at_the_devices_changes_nothing(mo):
    laptop = come_in(mo)
    before = sorted(UserSession.objects.values_list("pk", "last_seen_at")), Session.objects.count()
    laptop.get("/settings/security/")
    assert (sorted(UserSession.objects.values_list("pk", "last_seen_at")), Session.objects.count()) == before


# Rights end at once -------------------------------------------------------------------------------


def test_closing_an_account_ends_its_sessions(mo, ada):
    client = come_in(mo)
    mo.deactivate(by=ada, reason="Asked for it")
    assert not is_in(client)


def test_leaving_ends_the_sessions_begun_before(mo):
    client = come_in(mo)
    mo.leave(by=mo)
    assert not is_in(client)
    assert client.get("/people/").status_code == 302


def test_whoever_left_may_sign_in_again_and_is_no_member(mo):
    mo.leave(by=mo)
    time.sleep(0.01)
    client = come_in(mo)
    assert client.get("/people/").status_code in (403, 404)


# The staff desk -----------------------------------------------------------------------------------


def test_staff_with_a_mailed_code_alone_learn_how_to_go_on(stu):
    response = come_in(stu).get("/staff/applications/?page=2")
    page = response.content.decode()
    assert response.status_code == 403
    assert "One more step for the staff desk" in page and "next=%2Fstaff%2Fapplications%2F%3Fpage%3D2" in page


def test_staff_with_an_app_confirm_and_come_back(stu):
    client = come_in(stu)
    secret = generate_totp_secret()
    TOTP.activate(stu, secret)
    assert 'href="/account/confirm/?next=%2Fstaff%2F"' in client.get("/staff/").content.decode()
    assert client.post("/account/confirm/", {"code": app_code(secret), "next": "/staff/"}).url == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_a_session_that_grows_stronger_gets_a_new_key_and_stays_in_the_list(stu):
    client = come_in(stu)
    secret = generate_totp_secret()
    TOTP.activate(stu, secret)
    before = client.session.session_key
    client.post("/account/confirm/", {"code": app_code(secret)})
    after = client.session.session_key
    assert after != before and not Session.objects.filter(session_key=before).exists()
    assert [device.session_key for device in sessions.devices_of(stu)] == [after]


def test_members_and_visitors_find_no_staff_desk(mo, sign_in):
    assert sign_in(mo, strong=True).get("/staff/").status_code == 404
    assert Client().get("/staff/").url == "/account/login/?next=/staff/"


def test_a_strong_record_of_somebody_else_counts_for_nothing(stu, sign_in):
    """The records in a session are bound to the person who made them."""
    client = sign_in(stu)
    session = client.session
    session["account_authentication_methods_user"] = "0"
    session.save()
    assert client.get("/staff/").status_code == 403


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, ("Chrome", "Linux")),
        (IPHONE, ("Safari", "iPhone")),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            ("Edge", "Windows"),
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:130.0) Gecko/20100101 Firefox/130.0", ("Firefox", "Mac")),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("", ("", "")),
        ("<script>", ("", "")),
    ],
)
def test_devices_are_called_as_people_call_them(user_agent, name):
    assert sessions.device_name(user_agent) == name


@pytest.mark.parametrize(
    ("clock", "said"), [("America/Denver", ", clock set to Denver time"), ("Mars/Base", ""), ("", "")]
)
def test_news_about_signing_in_name_the_place_of_the_clock(rf, clock, said):
    """The browser's script says which; what no zone is called is left out."""
    request = rf.post("/", {"clock": clock}, headers={"User-Agent": CHROME})
    request.session = {}
    sessions.note_clock(request)
    assert sessions.device_of(request) == f"Chrome on Linux{said}"


def test_the_clock_of_a_device_stays_with_its_session(mo):
    client = Client(headers={"User-Agent": CHROME})
    client.post("/account/login/", {"email": mo.email, "clock": "Pacific/Honolulu"})
    client.post("/account/login/code/", {"code": mailed_code()})
    assert client.session[sessions.CLOCK] == "Pacific/Honolulu"


# What a session keeps --------------------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
APPS = ("members", "committees", "events", "portal")


def keys_written() -> set[str]:
    """Under which our code puts something into a session: each `….session[key] = …`, with what stands for the key."""
    found = set()
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        if "session[" not in (code := path.read_text()):
            continue
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        names = ChainMap(vars(module), {"purpose": "…"})
        for node in (target for each in ast.walk(ast.parse(code)) for target in getattr(each, "targets", [])):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("session"):
                found.add(eval(ast.unparse(node.slice), {}, names))
    return found


def test_each_key_of_a_session_is_named_with_the_words_that_tell_people_of_it(client, stu):
    """Whoever adds one says in docs/security.md what it is, and in Privacy that it is kept."""
    part = (ROOT / "docs/security.md").read_text().split("## What a session keeps")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in row.strip("| ").split(" | ")] for row in part.splitlines() if row.startswith("| `")
    ]
    told = {key: words for cells in rows for words in cells[3:] for key in re.findall("`(.+?)`", cells[0])}
    signed_in = set(come_in(stu).session.keys())
    assert {sessions.CLOCK, sessions.STAYS, sessions.OPEN, "code:…"} <= keys_written()
    assert (keys_written() | signed_in) - told.keys() == set()
    page = re.sub(r"\s+", " ", html.unescape(client.get("/privacy/").content.decode()))
    assert {words for words in told.values() if words not in page} == set()
    assert f"{settings.SESSION_COOKIE_AGE // 86400} days" in page
