"""Mail to people without an account has an end: by network, by mailbox, and over all. Nobody with an account notices."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from members.accounts import strangers
from members.mail.outgoing.worker import deliver_fast
from members.models import Count, Delivery
from members.models.counts import span
from tests.members.test_sign_in import CODE, ask_for_code, mailed_code

pytestmark = pytest.mark.django_db
STRANGER = "soledad@portal.example"
MANY = 50


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def hurried(settings):
    """Without the limits of ten minutes, which are tested in test_mailed_codes."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | dict.fromkeys(
        ("request_code", "request_code_anywhere", "trusted_code", "application_code"), "100000/m/ip"
    )


def ask(email: str, **where: str) -> int:
    return ask_for_code(Client(**where), email).status_code


def apply(email: str, **where: str):
    client = Client(**where)
    client.post("/apply/", {"name": "Soledad"})
    return client.post("/apply/email/", {"email": email})


def sent(smtp) -> int:
    """How many mails go out now."""
    before = len(smtp.received)
    while deliver_fast():
        pass
    return len(smtp.received) - before


def asked(key: str, seconds: int, n: int) -> None:
    since, ends_at = span(seconds)
    Count.objects.update_or_create(key=key, since=since, defaults={"ends_at": ends_at, "n": n})


def everywhere(number: int) -> dict[str, str]:
    return {"REMOTE_ADDR": f"203.{number}.113.9"}


def test_a_network_writes_to_so_many_strangers_a_day_and_the_pages_stay_the_same(hurried, smtp, settings):
    settings.STRANGER_MAILS_AN_HOUR = 10_000
    most = strangers.MOST["network"]
    answers = [ask(f"nobody{number}@portal.example", REMOTE_ADDR=f"203.0.113.{number}") for number in range(most + 5)]
    assert (set(answers), sent(smtp)) == ({302}, most)
    assert ask("another@portal.example", REMOTE_ADDR="198.51.100.7") == 302 and sent(smtp) == 1
    late = Delivery.objects.filter(state="suppressed").first()
    assert late.reason == "Too many emails to people without an account were asked for."


@pytest.mark.parametrize("addresses", [[STRANGER], [f"soledad+{number}@portal.example" for number in range(8)]])
@pytest.mark.parametrize("letters", [str.lower, str.upper])
def test_a_mailbox_without_an_account_gets_five_a_day_of_each_form(hurried, smtp, addresses, letters):
    for number in range(8):
        address = letters(addresses[number % len(addresses)])
        assert ask(address, **everywhere(number)) == 302
    assert sent(smtp) == 5
    answers = [apply(addresses[number % len(addresses)], **everywhere(number)) for number in range(8)]
    assert [each.status_code for each in answers] == [302] * 5 + [429] * 3
    assert "five emails to this address today" in answers[-1].text and sent(smtp) == 5


def test_dots_make_another_mailbox(hurried, smtp):
    for number in range(6):
        ask("sole.dad@portal.example", **everywhere(number))
        ask(STRANGER, **everywhere(number))
    assert sent(smtp) == 10


def test_whoever_has_an_account_gets_codes_whatever_strangers_did(mo, hurried, smtp):
    for number in range(MANY):
        ask(mo.email, **everywhere(number % 3))
    for key in ("strangers:sign in:network:203.9.113.0/24", "strangers:sign in:network:127.0.0.0/24"):
        asked(key, strangers.DAY, 1000)
    asked(strangers.BRAKE, strangers.HOUR, 1000)
    assert sent(smtp) == MANY
    client = Client()
    ask_for_code(client)
    assert client.post(CODE, {"code": mailed_code()}).url == "/"


def test_the_limits_tell_nobody_who_has_an_account(mo, hurried):
    """The same posts for an address with an account and for one without are answered in the same way, before and after."""
    seen = []
    for address in (mo.email, STRANGER):
        Count.objects.all().delete()
        seen.append(
            [ask(address, **everywhere(number)) for number in range(7)]
            + [apply(address, **everywhere(number)).status_code for number in range(7)]
        )
    assert seen == [[302] * 7 + [302] * 5 + [429] * 2] * 2


def test_one_brake_stops_all_mail_to_strangers_and_half_of_it_keeps_applications_going(mo, hurried, smtp, settings):
    settings.STRANGER_MAILS_AN_HOUR = 10
    for number in range(20):
        ask(f"nobody{number}@portal.example", **everywhere(number))
    assert sent(smtp) == 5
    asked(strangers.BRAKE, strangers.HOUR, 5)
    answers = [apply(f"somebody{number}@portal.example", **everywhere(number)) for number in range(7)]
    assert [each.status_code for each in answers] == [302] * 5 + [429] * 2
    assert "Try again in an hour" in answers[-1].text and sent(smtp) == 5
    ask_for_code(client := Client())
    assert client.post(CODE, {"code": mailed_code()}).url == "/"


def test_an_hour_later_the_brake_is_off(settings, hurried, time_machine):
    settings.STRANGER_MAILS_AN_HOUR = 0
    assert apply(STRANGER).status_code == 429
    settings.STRANGER_MAILS_AN_HOUR = 1
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    assert apply(STRANGER).status_code == 302


def test_staff_and_metrics_see_the_brake_when_it_holds(stu, sign_in, client, settings, time_machine):
    settings.STRANGER_MAILS_AN_HOUR, settings.METRICS_NETWORKS = 2, ["127.0.0.1"]
    desk, start = sign_in(stu), timezone.now()
    for number in range(3):
        assert "without an account" not in desk.get("/staff/").text
        apply(f"somebody{number}@portal.example", **everywhere(number))
    page = desk.get("/staff/").text
    assert "In 1 of the last 24 hours more than 2 emails to people without an account were asked for." in page
    assert "none of them goes, and new people can’t apply" in page
    numbers = client.get("/metrics").text
    assert "portal_strangers_asked_hour 3.0\n" in numbers and "portal_strangers_most_an_hour 2.0\n" in numbers
    time_machine.move_to(start + timedelta(hours=3))
    page = desk.get("/staff/").text
    assert "In 1 of the last 24 hours" in page and "none of them goes" not in page
    time_machine.move_to(start + timedelta(hours=26))
    assert "of the last 24 hours" not in desk.get("/staff/").text


def test_a_member_s_new_address_counts_and_their_own_does_not(mo, sign_in, hurried):
    client = sign_in(mo)
    asked("strangers:prove:network:127.0.0.0/24", strangers.DAY, 1000)
    answer = client.post("/settings/email/", {"email": "new@portal.example"})
    assert answer.status_code == 429 and "from your network today" in answer.text
    client.post("/account/confirm/code/")
    assert Delivery.objects.filter(kind="sign_in_code", recipient=mo).count() == 1


def test_no_address_stands_in_the_counts(hurried):
    ask(STRANGER)
    apply(STRANGER)
    assert not any("soledad" in key or "@" in key for key in Count.objects.values_list("key", flat=True))
