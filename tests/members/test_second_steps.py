"""Who guesses the second step waits, its owner hears of it, and nobody is closed out for long."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from members.models import Delivery, WrongSteps
from members.models.wrong_steps import FREE
from tests.members.device import Device
from tests.members.test_mailed_codes import at_once, copies
from tests.members.test_sessions import is_in
from tests.members.test_sign_in import app_code, ask_for_code, mailed_code, secret

__all__ = ["secret"]
pytestmark = pytest.mark.django_db
STEP, CONFIRM = "/account/login/second-step/", "/account/confirm/"
WAIT = "Too many wrong codes were typed in a row. Wait ten minutes, or use a passkey."


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def half_in(mo, client: Client | None = None, **where) -> Client:
    """A browser in which the code from the mail was right."""
    client = client or Client(**where or {"REMOTE_ADDR": "203.0.113.9"})
    ask_for_code(client, mo.email)
    client.post("/account/login/code/", {"code": mailed_code()})
    return client


def wrong(secret: str) -> str:
    right = {app_code(secret, after) for after in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


def times(client: Client, secret: str, number: int, at: str = STEP) -> list[str]:
    pages = [client.post(at, {"code": wrong(secret)}).text for _time in range(number)]
    return ["wait" if WAIT in page else "wrong" for page in pages]


def test_after_ten_wrong_ones_the_wait_doubles_up_to_ten_minutes(mo, secret, time_machine):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    client = half_in(mo)
    assert times(client, secret, 11) == ["wrong"] * 10 + ["wait"]
    moment = start
    for minutes in (1, 2, 4, 8, 10, 10):
        time_machine.move_to(moment + timedelta(minutes=minutes, seconds=-1), tick=False)
        assert times(client, secret, 1) == ["wait"], minutes
        moment += timedelta(minutes=minutes)
        time_machine.move_to(moment, tick=False)
        assert times(client, secret, 2) == ["wrong", "wait"], minutes
        client = half_in(mo, REMOTE_ADDR=f"203.0.113.{minutes}")


def test_a_right_one_within_the_wait_is_not_looked_at_and_one_after_it_ends_the_count(mo, secret, time_machine):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    client = half_in(mo)
    times(client, secret, FREE)
    assert WAIT in client.post(STEP, {"code": app_code(secret)}).text and not is_in(client)
    time_machine.move_to(start + timedelta(minutes=1), tick=False)
    client.post(STEP, {"code": app_code(secret)})
    assert is_in(client) and not WrongSteps.objects.exists()


def test_the_person_is_told_once_a_day_in_all_three_parts(mo, secret, smtp, time_machine):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    client = half_in(mo)
    times(client, secret, FREE - 1)
    assert not Delivery.objects.filter(kind="wrong_second_steps").exists()
    times(client, secret, 5)
    told = Delivery.objects.get(kind="wrong_second_steps")
    assert (told.recipient, told.facts) == (mo, {"wrong": 10})
    for hours, mails in ((12, 1), (23, 1), (25, 2)):
        time_machine.move_to(start + timedelta(hours=hours), tick=False)
        assert times(half_in(mo, REMOTE_ADDR=f"198.51.{hours}.7"), secret, 1) == ["wrong"]
        assert Delivery.objects.filter(kind="wrong_second_steps").count() == mails, hours


def test_a_browser_known_to_the_person_counts_for_itself(mo, secret):
    known = half_in(mo, Client())
    known.post(STEP, {"code": app_code(secret)})
    assert is_in(known)
    known.post("/account/logout/")
    times(half_in(mo), secret, 20)
    half_in(mo, known)
    known.post(STEP, {"code": app_code(secret, 1)})
    assert is_in(known)


def test_a_passkey_and_a_recovery_code_end_it(mo, secret, sign_in):
    client = sign_in(mo, strong=True)
    device = Device()
    asked = client.post("/settings/security/passkeys/options/").json()
    client.post("/settings/security/passkeys/add/", {"name": "Key", "credential": device.make(asked)})
    late = half_in(mo)
    times(late, secret, FREE)
    late.post(STEP, {"credential": device.answer(late.post(f"{STEP}options/").json())})
    assert is_in(late)


def test_recovery_codes_are_guessed_no_faster(mo, secret):
    client = half_in(mo)
    pages = [client.post(STEP, {"code": f"{number:08}"}).text for number in range(FREE + 1)]
    assert [WAIT in page for page in pages] == [False] * FREE + [True]


def test_the_same_holds_where_a_signed_in_person_confirms(mo, secret, sign_in):
    assert times(sign_in(mo, strong=False), secret, FREE + 1, CONFIRM) == ["wrong"] * FREE + ["wait"]


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_ten(mo, secret):
    client = half_in(mo)
    typed = wrong(secret)
    answers = at_once([lambda each=each: WAIT in each.post(STEP, {"code": typed}).text for each in copies(client, 20)])
    assert sorted(answers) == [False] * FREE + [True] * 10
    assert Authenticator.objects.filter(user=mo, type="totp").exists()


def test_staff_and_metrics_see_it_once_it_is_no_slip(mo, secret, stu, sign_in, settings):
    settings.METRICS_NETWORKS = ["127.0.0.1"]
    desk, client = sign_in(stu), half_in(mo)
    times(client, secret, FREE - 1)
    assert "in a row" not in desk.get("/staff/").text
    times(client, secret, 1)
    page = desk.get("/staff/").text
    assert f"10 wrong codes in a row were typed for the second step of {mo.name}" in page
    assert f'href="/staff/members/{mo.pk}/"' in page
    assert "portal_sign_in_wrong_second_steps 1.0\n" in Client().get("/metrics").text
