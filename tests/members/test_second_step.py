"""Every sign-in takes the second step: as a person asks, or as the organization asks its co-chairs."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from members.models import AuditEntry, Delivery, User
from tests.members.device import Device
from tests.members.test_factors import SECOND_STEP, SIGN_IN, device_of, options
from tests.members.test_sessions import come_in, is_in
from tests.members.test_sign_in import app_code, ask_for_code, mailed_code

pytestmark = pytest.mark.django_db
ALWAYS = "/settings/security/second-step/"
SECURITY = "/settings/security/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def chairs_are_asked(settings):
    settings.CHAIRS_TAKE_SECOND_STEP = True


def by_code(user: User, following: str = "/") -> tuple[Client, str]:
    """A sign-in by mailed code alone, and where it leads."""
    client = Client()
    ask_for_code(client, user.email)
    answer = client.post(f"/account/login/code/?next={following}", {"code": mailed_code()})
    return client, answer["Location"]


def with_passkey(user: User) -> tuple[Client, Device]:
    client = come_in(user)
    return client, device_of(client)


def news() -> str:
    return Delivery.objects.filter(kind="security_news").latest("pk").facts["news"]


# As a person asks -----------------------------------------------------------------------------------


def test_a_mailed_code_is_enough_beside_a_passkey_until_its_owner_asks_for_more(mo):
    client, device = with_passkey(mo)
    assert is_in(by_code(mo)[0])
    client.post(ALWAYS, {"always": "1"})
    waiting, leads_to = by_code(mo)
    assert (leads_to, is_in(waiting)) == (SECOND_STEP, False)
    page = waiting.get(SECOND_STEP).text
    assert "Recovery code" in page and "Use a passkey" in page and "Code from your app" not in page
    waiting.post(SECOND_STEP, {"credential": device.answer(options(waiting, SECOND_STEP))})
    assert is_in(waiting)


def test_a_recovery_code_is_a_second_step_too(mo):
    client, _device = with_passkey(mo)
    client.post(ALWAYS, {"always": "1"})
    waiting, _leads_to = by_code(mo)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    waiting.post(SECOND_STEP, {"code": code})
    assert is_in(waiting)


def test_the_passkey_signs_in_by_itself_as_before(mo):
    client, device = with_passkey(mo)
    client.post(ALWAYS, {"always": "1"})
    fresh = Client()
    fresh.post(SIGN_IN, {"credential": device.answer(options(fresh, SIGN_IN))})
    assert is_in(fresh)


def test_it_is_turned_off_again_with_a_recent_statistics_only(mo):
    client, _device = with_passkey(mo)
    client.post(ALWAYS, {"always": "1"})
    assert "On. After a mailed code we ask for your passkey" in client.get(SECURITY).text
    session = client.session
    session["account_authentication_methods"] = [
        each | {"at": each["at"] - 3600} for each in session["account_authentication_methods"]
    ]
    session.save()
    assert client.post(ALWAYS, {"always": ""})["Location"].startswith("/account/confirm/")
    assert User.objects.get(pk=mo.pk).second_step_since


def test_both_are_logged_and_told_once(mo):
    client, _device = with_passkey(mo)
    for always, words in (
        ("1", "Every sign-in takes a second step now"),
        ("", "A mailed code alone signs you in again."),
    ):
        before = Delivery.objects.count()
        for _time in range(2):
            client.post(ALWAYS, {"always": always})
        assert Delivery.objects.count() == before + 1 and news().startswith(words)
    verbs = AuditEntry.objects.filter(verb__startswith="asked for").values_list("verb", flat=True)
    assert sorted(verbs) == ["asked for no second step", "asked for second step"]
    assert is_in(by_code(mo)[0])


def test_nobody_without_a_factor_closes_themselves_out(mo, sign_in):
    client = sign_in(mo)
    client.post(ALWAYS, {"always": "1"})
    assert User.objects.get(pk=mo.pk).second_step_since is None
    assert "A second step at every sign-in" not in client.get(SECURITY).text


def test_with_the_last_factor_gone_a_mailed_code_is_enough(mo):
    client, _device = with_passkey(mo)
    client.post(ALWAYS, {"always": "1"})
    Authenticator.objects.filter(user=mo).delete()
    assert is_in(by_code(mo)[0])


def test_an_app_is_asked_for_as_before_and_needs_no_setting(mo, sign_in):
    secret = generate_totp_secret()
    TOTP.activate(mo, secret)
    waiting, _leads_to = by_code(mo)
    assert not is_in(waiting)
    waiting.post(SECOND_STEP, {"code": app_code(secret)})
    assert is_in(waiting) and "A second step at every sign-in" not in waiting.get(SECURITY).text


# As the organization asks ---------------------------------------------------------------------------


@pytest.mark.usefixtures("chairs_are_asked")
def test_co_chairs_are_asked_and_others_are_not(carla, mo):
    for person, asked in ((carla, True), (mo, False)):
        cache.clear()
        with_passkey(person)
        assert by_code(person)[1] == (SECOND_STEP if asked else "/")


def test_co_chairs_are_not_asked_where_the_organization_does_not(carla):
    with_passkey(carla)
    assert by_code(carla)[1] == "/"


@pytest.mark.usefixtures("chairs_are_asked")
def test_a_co_chair_does_not_turn_it_off(carla):
    client, _device = with_passkey(carla)
    page = client.get(SECURITY).text
    assert "asks you for it: your passkey or a recovery code after a mailed code." in page and "Turn o" not in page


@pytest.mark.usefixtures("chairs_are_asked")
def test_a_co_chair_without_a_factor_is_led_to_adding_one_and_is_not_closed_out(carla):
    client, leads_to = by_code(carla, "/calls/")
    assert leads_to == "/settings/security/?next=%2Fcalls%2F"
    page = client.get(leads_to).text
    assert "asks you for a second step at every sign-in." in page and 'href="/calls/"' in page
    assert "/settings/security/passkeys/add/?next=/calls/" in page and "Not now" not in page
    assert client.get("/calls/").status_code == 200


@pytest.mark.usefixtures("chairs_are_asked")
@pytest.mark.parametrize("change", ["ended_on", "left"])
def test_whoever_chairs_no_more_is_asked_no_more(carla, change):
    with_passkey(carla)
    if change == "left":
        carla.leave(by=carla)
    else:
        seat = carla.memberships.get()
        seat.ended_on = seat.started_on
        seat.save()
    assert by_code(carla)[1] == "/"
