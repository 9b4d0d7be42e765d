"""A mailed code works once, for whoever is first, however it is pasted; guessing and asking in others' names lead nowhere."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from members.accounts import guessing, passkeys
from members.mail.outgoing.worker import deliver_fast
from members.models import Count, Delivery, MailedCode
from members.models.codes import LONG, SHORT, grouped
from members.models.counts import span
from tests.members.test_sign_in import CODE, LOGIN, ask_for_code, mailed, mailed_code, signed_in, wrong_code

AGAIN = "/account/login/code/again/"
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def at_once(acts) -> list:
    """What each act returns, all begun at the same moment on connections of their own."""
    gate, answers = threading.Barrier(len(acts)), []

    def run(act):
        with closing(connection):
            gate.wait()
            answers.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def copies(client: Client, number: int) -> list[Client]:
    """The same browser, so often."""
    many = [Client(raise_request_exception=False) for _ in range(number)]
    for each in many:
        each.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    return many


def post_at_once(client: Client, path: str, given: dict, number: int = 20) -> list:
    return at_once([lambda each=each: each.post(path, given) for each in copies(client, number)])


# Once ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_of_a_right_code_at_once_open_one_session(mo, client):
    ask_for_code(client)
    answers = post_at_once(client, CODE, {"code": mailed_code(), "next": "/calls/"})
    assert {answer.status_code for answer in answers} == {302}
    assert sorted(answer.url for answer in answers).count("/calls/") == 1
    users = [session.get_decoded().get("_auth_user_id") for session in Session.objects.all()]
    assert [user for user in users if user] == [str(mo.pk)]


@pytest.mark.django_db(transaction=True)
def test_twenty_wrong_codes_at_once_are_five_tries(mo, client):
    ask_for_code(client)
    right = int(mailed_code())
    guesses = [f"{(right + offset) % 100_000_000:08}" for offset in range(1, 21)]
    acts = zip(copies(client, 20), guesses, strict=True)
    answers = at_once([lambda each=each, guess=guess: each.post(CODE, {"code": guess}) for each, guess in acts])
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 15
    assert client.post(CODE, {"code": mailed_code()}).status_code == 429


@pytest.mark.django_db(transaction=True)
def test_a_code_that_confirms_anything_else_works_once_too(mo, sign_in):
    client = sign_in(mo)
    client.post("/account/confirm/code/")
    answers = post_at_once(client, "/account/confirm/", {"code": mailed_code(), "next": "/settings/email/"}, 8)
    assert {(answer.status_code, answer.get("Location")) for answer in answers} == {(302, "/settings/email/")}
    assert MailedCode.objects.exclude(claimed_at=None).count() == 1
    client.post("/settings/email/", {"email": "mo.new@portal.example"})
    answers = post_at_once(client, "/settings/email/code/", {"code": mailed("address_code").facts["code"]}, 8)
    assert {answer.status_code for answer in answers} == {302}
    assert Delivery.objects.filter(kind="security_news").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_applicant_s_code_pressed_twice_leads_on(client):
    client.post("/apply/", {"name": "Soledad"})
    client.post("/apply/email/", {"email": "soledad@portal.example"})
    given = {"code": mailed("application_code").facts["code"]}
    answers = post_at_once(client, "/apply/code/", given, 8)
    led_to = {(answer.status_code, answer.get("Location")) for answer in answers}
    assert (302, "/apply/office/") in led_to  # also for a press that comes after the first is done
    assert led_to <= {(302, "/apply/office/"), (302, "/apply/code/")}
    assert client.get("/apply/code/").url == "/apply/office/"


@pytest.mark.django_db(transaction=True)
def test_a_passkey_answers_each_question_once(mo, rf):
    passkey = Authenticator.objects.create(user=mo, type="webauthn", data={})
    request = rf.post("/account/login/passkey/")

    def asked(seconds_ago: float = 0) -> None:
        at = (timezone.now() - timedelta(seconds=seconds_ago)).timestamp()
        request.session = {passkeys.ASKED: {"purpose": passkeys.SIGN_IN, "at": at}}

    asked()
    assert sorted(at_once([lambda: passkeys.is_first(request, passkey)] * 12)) == [False] * 11 + [True]
    asked(seconds_ago=60)
    assert not passkeys.is_first(request, passkey), "asked before it was used"
    asked()
    assert passkeys.is_first(request, passkey), "asked anew"


# However it is pasted -------------------------------------------------------------------------------


PASTED = [
    "{}",
    " {} ",
    "{0[0]} {0[1]}",
    "{0[0]}\u00a0{0[1]}",
    "{0[0]}-{0[1]}",
    "{}\r\n",
    "{0[0]}\u2013{0[1]}",
    "\u200b{}",
]
PASTED += [
    "{0[0]}\u00ad{0[1]}",
    "{}.",
    "“{}”",
    "\u202d{}\u202c",
    "{0[0]}\u2011{0[1]}",
    "\ufeff{}",
    "({}),",
    "{0[0]}\u2212{0[1]}",
]


@pytest.mark.parametrize("pasted", [*PASTED, "full width"])
def test_a_code_is_right_however_it_was_pasted(pasted, mo, client):
    ask_for_code(client)
    code = mailed_code()
    halves = (code[:4], code[4:])
    typed = pasted.format(halves) if "0[" in pasted else pasted.format(code)
    if pasted == "full width":
        typed = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert client.post(CODE, {"code": typed}).url == "/"


@pytest.mark.parametrize("typed", ["481720", "4817204", "481720460", "4817 204O", "4817.204", "४८१७२०४६"])
def test_what_has_not_eight_digits_is_no_code_and_no_try(typed, mo, client):
    ask_for_code(client)
    assert "The code has eight digits, like 4817 2046" in client.post(CODE, {"code": typed}).text
    assert MailedCode.objects.get().tries == 0


@pytest.mark.parametrize(
    "typed",
    [
        "mo@portal.example.",
        "mailto:mo@portal.example",
        "\u200bmo@portal.example",
        "Mo Haddad <mo@portal.example>",
        "<MO@portal.example>",
        "MAILTO:mo@portal.example?subject=Hi",
        "mo\u00ad@portal\u200b.example;",
        "ｍｏ@portal．example",
        "mailto:mo%40portal.example",
        " mo@portal.example,",
        "mo @ portal.example",
        "“mo@portal.example”",
    ],
)
def test_an_address_is_found_however_it_was_pasted(typed, mo, client):
    assert ask_for_code(client, typed).url == CODE
    assert mailed().recipient == mo


@pytest.mark.parametrize("typed", ["mo", "mo@", "<>", "mailto:", "a@b@portal.example", "mo portal.example", "\u200b"])
def test_what_is_no_address_is_refused_with_one_that_works(typed, mo, client):
    response = ask_for_code(client, typed)
    assert response.status_code == 200
    assert "Enter your email" in response.text or "Enter an email like name@example.org" in response.text


# Asking in somebody's name --------------------------------------------------------------------------


def sign_in_really(client: Client, email: str = "mo@portal.example") -> Client:
    ask_for_code(client, email)
    client.post(CODE, {"code": mailed_code()})
    client.post("/account/logout/")
    return client


def test_strangers_who_ask_in_somebody_s_name_do_not_close_out_a_browser_known_there(mo, client):
    sign_in_really(client)
    for number in range(14):
        ask_for_code(Client(REMOTE_ADDR=f"203.0.113.{number}"))
    assert ask_for_code(Client(**ELSEWHERE)).status_code == 429
    assert ask_for_code(client).url == CODE
    assert client.post(CODE, {"code": mailed_code()}).url == "/"


def test_one_network_does_not_close_out_another(mo):
    assert [ask_for_code(Client()).status_code for _ in range(4)] == [302, 302, 302, 429]
    assert ask_for_code(Client(**ELSEWHERE)).status_code == 302


def test_nobody_is_closed_out_for_more_than_ten_minutes(mo, time_machine):
    start = timezone.now()
    for minute in (0, 11, 22, 600):
        time_machine.move_to(start + timedelta(minutes=minute))
        answers = [ask_for_code(Client(REMOTE_ADDR=f"203.0.113.{number}")).status_code for number in range(14)]
        assert answers == [302] * 12 + [429] * 2
    time_machine.move_to(timezone.now() + timedelta(minutes=10, seconds=1))
    assert ask_for_code(Client(**ELSEWHERE)).status_code == 302


def test_a_known_browser_is_known_for_its_own_people_only(mo, carla, client):
    sign_in_really(client)
    for number in range(12):
        ask_for_code(Client(REMOTE_ADDR=f"203.0.113.{number}"), carla.email)
    assert ask_for_code(client, carla.email).status_code == 429


def test_a_forged_or_borrowed_mark_counts_for_nothing(mo, client):
    sign_in_really(client)
    client.cookies["device"] = client.cookies["device"].value[:-3] + "abc"
    for number in range(12):
        ask_for_code(Client(REMOTE_ADDR=f"203.0.113.{number}"))
    assert ask_for_code(client).status_code == 429


def test_the_mark_of_a_browser_signs_nobody_in_and_cannot_be_read_by_scripts(mo, client):
    sign_in_really(client)
    assert not signed_in(client)
    morsel = client.cookies["device"]
    assert (morsel["httponly"], morsel["samesite"], morsel["max-age"]) == (True, "Lax", 400 * 24 * 60 * 60)


def test_a_known_browser_has_a_limit_too(mo, client):
    sign_in_really(client)
    answers = []
    for minute in range(4):
        with time_machine.travel(timezone.now() + timedelta(minutes=minute), tick=False):
            answers.append(ask_for_code(client).status_code)
    assert answers == [302, 302, 302, 429]


# Guessing over all members --------------------------------------------------------------------------


def wrong(kind: str, whose: str, n: int) -> None:
    """So many wrong codes of today."""
    key = f"wrong code:{kind}:{whose}"
    since, ends_at = span(guessing.DAY)
    Count.objects.update_or_create(since=since, key=key, defaults={"n": n, "ends_at": ends_at})


def guess(client: Client, times: int = 1, email: str = "mo@portal.example") -> list[int]:
    """Ask for a code, type so many wrong ones; the answers."""
    assert ask_for_code(client, email).status_code == 302
    typed = wrong_code() if Delivery.objects.filter(kind="sign_in_code").exists() else "00000000"
    return [client.post(CODE, {"code": typed}).status_code for _time in range(times)]


OVER = [
    ("portal", "all", {}),
    ("network", "203.0.113.0/24", {"REMOTE_ADDR": "203.0.113.9"}),
    ("network", "203.0.113.0/24", {"REMOTE_ADDR": "::ffff:203.0.113.9"}),
    ("network", "2001:db8:1:2::/64", {"REMOTE_ADDR": "2001:db8:1:2::9"}),
    ("site", "2001:db8:1::/48", {"REMOTE_ADDR": "2001:db8:1:ffff::9"}),
]


@pytest.mark.parametrize(("kind", "whose", "where"), OVER)
def test_after_much_guessing_strangers_get_longer_codes_and_nobody_is_closed_out(mo, kind, whose, where):
    wrong(kind, whose, guessing.BUDGETS[kind] - 1)
    ask_for_code(stranger := Client(**where))
    assert len(mailed_code()) == SHORT
    wrong(kind, whose, guessing.BUDGETS[kind])
    stranger.post(AGAIN)
    assert (len(mailed_code()), "code of 12 digits" in stranger.get(CODE).text) == (LONG, True)
    assert stranger.post(CODE, {"code": mailed_code()}).url == "/"


@pytest.mark.parametrize(("kind", "whose", "where"), OVER)
def test_after_much_guessing_short_codes_of_strangers_end(mo, kind, whose, where):
    ask_for_code(stranger := Client(**where))
    wrong(kind, whose, guessing.BUDGETS[kind])
    assert stranger.post(CODE, {"code": mailed_code()}).status_code == 429
    stranger.post(AGAIN)
    assert stranger.post(CODE, {"code": mailed_code()}).url == "/"


def test_a_mailbox_takes_ten_wrong_short_codes_a_day_from_wherever_they_come(mo):
    for number in range(2):
        assert guess(Client(REMOTE_ADDR=f"203.0.{number}.9"), 5) == [200] * 5
    ask_for_code(owner := Client(**ELSEWHERE))
    assert len(mailed_code()) == LONG
    assert owner.post(CODE, {"code": mailed_code()}).url == "/"


def test_one_who_tries_many_mailboxes_from_one_network_gets_longer_codes_for_all(mo, carla, db):
    for number in range(6):
        guess(Client(REMOTE_ADDR=f"203.0.113.{number}"), 5, f"nobody{number}@portal.example")
    ask_for_code(Client(REMOTE_ADDR="203.0.113.77"), carla.email)
    assert len(mailed_code()) == LONG
    ask_for_code(Client(REMOTE_ADDR="198.51.100.7"))
    assert len(mailed_code()) == SHORT


def a_noon() -> datetime:
    """Tomorrow's noon in UTC: an hour that no midnight divides, as guesses count by the day."""
    return timezone.now().replace(hour=12, minute=0) + timedelta(days=1)


def test_a_known_browser_has_a_budget_of_its_own(mo, client):
    sign_in_really(client)
    for kind, whose, _where in OVER:
        wrong(kind, whose, 1000)
    ask_for_code(client)
    assert len(mailed_code()) == SHORT
    assert client.post(CODE, {"code": mailed_code()}).url == "/"
    client.post("/account/logout/")
    Count.objects.all().delete()
    with time_machine.travel(a_noon(), tick=False) as clock:
        for _six in range(6):
            clock.shift(timedelta(minutes=4))
            assert guess(client, 5) == [200] * 5
        clock.shift(timedelta(minutes=4))
        ask_for_code(client)
        assert len(mailed_code()) == LONG
        ask_for_code(Client(**ELSEWHERE))
        assert len(mailed_code()) == SHORT


def wrong_ones() -> list[int]:
    return list(Count.objects.filter(key__startswith=guessing.WRONG).values_list("n", flat=True))


def test_right_codes_are_no_guesses(mo, client):
    sign_in_really(client)
    assert guessing.guessed_today().wrong == 0 and not any(wrong_ones())
    guess(stranger := Client(**ELSEWHERE), 2)
    assert guessing.guessed_today().wrong == 2
    stranger.post(CODE, {"code": mailed_code()})
    assert guessing.guessed_today().wrong == 2


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_no_more_than_the_budget(mo):
    """Of twelve browsers, each with a code that waits, the portal looks at five guesses."""
    wrong("portal", "all", guessing.BUDGETS["portal"] - 5)
    clients = [Client(REMOTE_ADDR=f"203.{number}.113.9", raise_request_exception=False) for number in range(12)]
    for each in clients:
        ask_for_code(each)
    typed = wrong_code()
    answers = at_once([lambda each=each: each.post(CODE, {"code": typed}).status_code for each in clients])
    assert sorted(answers) == [200] * 5 + [429] * 7


@pytest.mark.django_db(transaction=True)
def test_a_right_code_pressed_twice_where_one_guess_is_left_is_no_mistake(mo, client):
    ask_for_code(client)
    wrong("portal", "all", guessing.BUDGETS["portal"] - 1)
    answers = post_at_once(client, CODE, {"code": mailed_code()}, 4)
    assert {answer.status_code for answer in answers} == {302}


def test_staff_and_metrics_see_guessing_once_there_is_some(mo, stu, sign_in, client, settings):
    desk, settings.METRICS_NETWORKS = sign_in(stu), ["127.0.0.1"]
    guess(Client(**ELSEWHERE), 5)
    assert "wrong codes" not in desk.get("/staff/").text
    guess(Client(**ELSEWHERE), 5)
    words = "10 wrong codes from the email were typed since midnight UTC. Codes are longer for 1 mailbox until"
    assert words in desk.get("/staff/").text
    wrong("network", "203.0.113.0/24", 30)
    assert "Codes are longer for 1 mailbox in 1 network until" in desk.get("/staff/").text
    assert 'portal_sign_in_long_codes{where="network"} 1.0' in client.get("/metrics").text
    wrong("portal", "all", 300)
    assert "Codes are longer for everybody until" in desk.get("/staff/").text
    numbers = client.get("/metrics").text
    assert "portal_sign_in_wrong_codes_today 10.0\n" in numbers
    assert 'portal_sign_in_long_codes{where="everywhere"} 1.0\n' in numbers


def test_no_address_stands_in_a_count(mo):
    guess(Client(**ELSEWHERE))
    assert not any("mo" in key.split(":")[-1] for key in Count.objects.values_list("key", flat=True))


def test_codes_are_forgotten_after_a_day(mo, client):
    ask_for_code(client)
    MailedCode.objects.update(sent_at=timezone.now() - timedelta(days=1, seconds=1))
    client.get(LOGIN)
    ask_for_code(client)
    assert MailedCode.objects.count() == 1


# One press, one mail ---------------------------------------------------------------------------------


def codes_mailed() -> int:
    return Delivery.objects.filter(facts__has_key="code").count()


def presses(client, mo):
    """Each button that mails a code: who presses it, and what it posts."""
    client.get("/account/login/")
    yield client, "/account/login/", {"email": mo.email}
    yield client, "/account/login/code/again/", {}
    client = Client()
    client.get("/apply/")
    client.post("/apply/", {"name": "Soledad Ibarra"})
    yield client, "/apply/email/", {"email": "soledad@portal.example"}
    yield client, "/apply/code/again/", {}


@pytest.mark.django_db
def test_two_quick_presses_mail_one_code_and_it_works(mo, client):
    seen = []
    for browser, address, words in presses(client, mo):
        before = codes_mailed()
        leads = [browser.post(address, words).headers.get("Location") for _press in range(2)]
        seen.append((address, codes_mailed() - before, leads[0] == leads[1] and bool(leads[0])))
    assert [(address, 1, True) for address, *_ in seen] == seen
    code = Delivery.objects.filter(kind="sign_in_code").latest("pk").facts["code"]
    assert client.post("/account/login/code/", {"code": code}).status_code == 302


@pytest.mark.django_db
def test_a_press_a_few_seconds_later_another_browser_and_another_address_mail_their_own(mo, client):
    client.get("/account/login/")
    for later in (0, 6):
        with time_machine.travel(timezone.now() + timedelta(seconds=later), tick=False):
            client.post("/account/login/", {"email": mo.email})
    other = Client()
    other.get("/account/login/")
    other.post("/account/login/", {"email": mo.email})
    assert codes_mailed() == 3


@pytest.mark.django_db(transaction=True)
def test_presses_at_the_same_moment_mail_one_code_and_both_browsers_tabs_wait_for_it(mo):
    page = Client()
    page.get("/account/login/")

    def press(_n):
        tab = Client()
        tab.cookies["csrftoken"] = page.cookies["csrftoken"].value
        try:
            return tab, tab.post("/account/login/", {"email": mo.email}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        tabs = list(pool.map(press, range(3)))
    assert ([status for _tab, status in tabs], codes_mailed()) == ([302] * 3, 1)
    code = Delivery.objects.latest("pk").facts["code"]
    assert tabs[0][0].post("/account/login/code/", {"code": code}).url == "/"


# Two groups of four ----------------------------------------------------------------------------------


def test_a_code_has_eight_digits_and_mail_and_page_show_it_in_two_groups_of_four(mo, client, smtp):
    ask_for_code(client)
    code = mailed_code()
    assert len(code) == 8
    deliver_fast()
    mail = smtp.received[0].message
    grouped = f"{code[:4]} {code[4:]}"
    assert mail["Subject"] == f"{grouped} is your sign-in code"
    assert all(grouped in part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
    page = client.get(CODE).text
    assert "a code of 8 digits" in page and "Groups of four, like 1234 5678" in page


@pytest.mark.parametrize(("code", "written"), [("48172046", "4817 2046"), ("481720465511", "4817 2046 5511")])
def test_a_code_is_written_in_groups_of_four(code, written):
    assert grouped(code) == written
