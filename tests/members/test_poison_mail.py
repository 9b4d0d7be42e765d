"""Ten mails of five megabytes that keep their reader busy hold up no invitation: real workers, as they run in the field."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as project
from django.db import connection
from django.db.models.functions import Now

from events.messages.invitations import Invitation
from members.mail import reply_addresses
from members.mail.incoming import mail_reading, mime
from members.mail.incoming.inbox import process, store
from members.models import Delivery, InboundMail
from members.tasks import deliver, read_mail
from portal.celery import app
from portal.embedded.processes import spawn
from tests.factories import MembershipFactory
from tests.members import poison
from tests.members.test_inbound import mail_of
from tests.pipeline import DAY, call_in

PEOPLE = 52
MINUTE = 60
READ_WITHIN = 240  # seconds: all ten, one after the other
State, Via = InboundMail.State, InboundMail.Via


@pytest.fixture
def start_worker(smtp, settings) -> Iterator[Callable[[str, int], None]]:
    """`start_worker(queue, processes)`: a worker on the database of the test, as docker-compose.yml starts them."""
    port, groups = settings.MAILERS["default"]["port"], []
    environment = os.environ | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "CALENDAR_EMAIL_URL": f"smtp://127.0.0.1:{port}",
    }

    def start(queue: str, processes: int) -> None:
        options = ["-Q", queue, "-c", str(processes), "--without-gossip", "--without-mingle", "-n", f"{queue}@%h"]
        groups.append(
            spawn(
                [sys.executable, "-m", "celery", "-A", "portal", "worker", *options],
                cwd=project.BASE_DIR,
                env=environment,
            )
        )

    yield start
    for group in groups:
        try:
            os.killpg(group.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def wait_for(true: Callable[[], bool], seconds: float) -> float:
    """How long it took to come true."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it never came true"
        time.sleep(0.2)
    return time.monotonic() - began


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(MINUTE + READ_WITHIN + 120)
def test_invitations_leave_within_a_minute_beside_ten_poisoned_mails(smtp, committee, carla, start_worker):
    people = [MembershipFactory(committee=committee).user for _number in range(PEOPLE)]
    letters = poison.mails()
    assert len(letters) == poison.MAILS and all(len(raw) > 0.99 * poison.SIZE for raw in letters)
    for raw in letters:
        store(raw, Via.LOCAL, envelope_to=poison.TO, envelope_from="stranger@evil.example")
    for queue, processes in (("celery", 2), ("mail", 1)):
        start_worker(queue, processes)
    for _tick in range(3):
        read_mail.delay()
    wait_for(lambda: InboundMail.objects.filter(attempts=1).exists(), MINUTE)  # they are being read

    Invitation.enqueue(people, call_in(5 * DAY, committee, carla).about, dedupe_key="invitation:0")
    Delivery.objects.update(due_at=Now(), next_try_at=Now())
    deliver.delay()
    took = wait_for(lambda: not Delivery.objects.exclude(state="sent").exists(), MINUTE)
    assert sorted(mail.recipient for mail in smtp.received) == sorted(person.email for person in people)
    still_reading = InboundMail.objects.filter(state=State.NEW).exists()

    def all_read() -> bool:
        read_mail.delay()  # as the beat does
        return not InboundMail.objects.filter(state=State.NEW).exists()

    wait_for(all_read, READ_WITHIN)
    assert InboundMail.objects.filter(attempts__gt=1).count() == 0  # nothing they do is worth a second try
    print(f"invitations left in {took:.1f} s, while mails were read: {still_reading}")


def test_mail_is_read_on_a_queue_of_its_own():
    """Nothing else waits there, and the workers of all else do not take from it."""
    app.loader.import_default_modules()
    of = {name: app.amqp.router.route({}, name)["queue"].name for name in app.tasks if not name.startswith("celery.")}
    assert {name for name, queue in of.items() if queue == "mail"} == {
        "members.tasks.read_mail",
        "members.tasks.poll_mailbox",
    }
    compose = (project.BASE_DIR / "docker-compose.yml").read_text()
    assert sorted(re.findall(r"worker, -Q, (\w+)", compose)) == ["celery", "fast", "mail"]


def test_every_codec_of_the_language_is_named():
    named = {name for letter in poison.mails() for name in re.findall(rb"charset=([^;\s]+);", letter)}
    assert len(poison.codec_names()) > 400
    assert [name for name in poison.codec_names() if name.encode() not in named] == []


# Whom it is for, before anybody looks into it ----------------------------------------------------------


@pytest.fixture
def taken_apart(monkeypatch):
    """What was taken apart, by its beginning."""
    opened, seen = mail_reading.opened, []

    def watched(raw: bytes) -> mime.Mail:
        seen.append(raw[:200])
        return opened(raw)

    monkeypatch.setattr(mail_reading, "opened", watched)
    return seen


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "envelope"),
    [
        ({"To": "sales@portal.example"}, ""),
        ({"To": "calls@elsewhere.example"}, ""),
        ({"To": "x@y.example", "Cc": "Calls <z@w.example>"}, "x@y.example"),
        ({"To": "callsign@portal.example"}, ""),
    ],
)
def test_a_mail_for_nobody_here_is_filed_and_never_taken_apart(taken_apart, headers, envelope):
    store(mail_of(**headers), Via.WEBHOOK, envelope_to=envelope)
    process()
    mail = InboundMail.objects.get()
    assert (mail.state, mail.outcome) == (State.IGNORED, "It is addressed to nobody here, so it was not taken apart.")
    assert taken_apart == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "envelope"),
    [
        ({}, ""),
        ({"To": "someone@else.example"}, "calls@portal.example"),
        ({"To": "someone@else.example", "Delivered-To": "CALLS@Portal.Example"}, ""),
        ({"To": "someone@else.example", "Received": "from a by b\r\n for <calls@portal.example>; now"}, ""),
        ({"To": "undisclosed-recipients:;"}, ""),
        (
            {"To": "calls+1.2.aaaaaaaaaaaaaaaa@portal.example"},
            "",
        ),  # a proof got lost: it may still be somebody's answer
        ({"To": "list@else.example", "Cc": "“Calls” <x@y.example>,\r\n <calls@portal.example>"}, ""),
    ],
)
def test_one_that_is_for_us_by_any_sign_is_read(taken_apart, headers, envelope):
    store(mail_of(**headers), Via.WEBHOOK, envelope_to=envelope)
    process()
    assert len(taken_apart) == 1


@pytest.mark.django_db
def test_a_proof_counts_however_it_is_wrapped_and_folded(taken_apart, mo, meeting):
    ours = reply_addresses.address(reply_addresses.ANSWER, mo.pk, meeting.pk)
    wrapped = ours.replace("@portal.example", "=portal.example@relay.example")
    folded = ours[:20] + "\r\n " + ours[20:]
    for number, address in enumerate((wrapped, folded)):
        store(mail_of(To=address, message_id=f"<{number}@x>"), Via.WEBHOOK)
    process()
    assert len(taken_apart) == 2


def test_addresses_are_found_in_long_headers_within_no_time():
    raw = b"To: " + b"a" * 60_000 + b"\r\nCc: " + b"@" * 60_000 + b"\r\n" + b"To: x@y.example, \r\n" * 2000 + b"\r\n"
    began = time.monotonic()
    assert len(mime.recipients(raw)) <= mime.MOST_RECIPIENTS
    assert time.monotonic() - began < 1
