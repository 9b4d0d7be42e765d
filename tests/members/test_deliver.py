"""The pipeline of messages, rule by rule (docs/messages.md), against a real SMTP server and the real database."""

import ast
import os
import subprocess
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import time_machine
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models.functions import Now

from committees.joining.messages import tell_joined
from members import tasks
from members.accounts.messages import send_sign_in_code
from members.mail.emails import message_id
from members.mail.outgoing import queue
from members.mail.outgoing.smtp import Outcome, SmtpResult
from members.mail.outgoing.worker import deliver, deliver_fast
from members.models import Delivery, PermanentFailure, User
from portal.celery import app
from tests.factories import MembershipFactory
from tests.pipeline import forward

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(mo) -> Delivery:
    """One message to Mo that is due."""
    tell_joined(mo.memberships.get())
    return Delivery.objects.get()


def states() -> dict[str, str]:
    return dict(Delivery.objects.values_list("recipient__given_name", "state"))


# 2. In the transaction of the write --------------------------------------------------------------------


def test_what_is_rolled_back_tells_nobody(mo):
    with transaction.atomic():
        tell_joined(mo.memberships.get())
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_a_fact_is_told_once_however_often_it_is_told(mo):
    for _time in range(3):
        tell_joined(mo.memberships.get())
    assert Delivery.objects.count() == 1


# 3. Claim ------------------------------------------------------------------------------------------------


def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(waiting):
    mine, theirs = uuid.uuid4(), uuid.uuid4()
    assert queue.claim([0, 1], 10, mine) == [waiting]
    assert queue.claim([0, 1], 10, theirs) == []
    forward(queue.CLAIM_LEASE / 60)
    assert queue.claim([0, 1], 10, theirs) == [waiting]
    waiting.refresh_from_db()
    assert (waiting.lease, waiting.claims) == (theirs, 2)


def test_what_is_not_due_is_not_claimed(waiting):
    Delivery.objects.update(next_try_at=Now() + timedelta(seconds=30))
    assert queue.claim([0, 1], 10, uuid.uuid4()) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_claim_at_once_get_different_rows(mo, carla):
    tell_joined(mo.memberships.get())
    tell_joined(carla.memberships.get())
    with transaction.atomic():
        mine = queue.claim([0, 1], 1, uuid.uuid4())
        theirs = _elsewhere(queue.CLAIM, queue.claim_values([0, 1], 5, uuid.uuid4()))
    assert {row.pk for row in mine} | {pk for pk, _state in theirs} == set(
        Delivery.objects.values_list("pk", flat=True)
    )
    assert len(theirs) == 1


def test_a_conversation_claims_what_it_can_hand_over_in_a_moment(smtp, committee, monkeypatch):
    for membership in MembershipFactory.create_batch(60, committee=committee):
        tell_joined(membership)
    claimed = []
    claim = queue.claim
    monkeypatch.setattr(queue, "claim", lambda lanes, limit, lease: claimed.append(limit) or claim(lanes, limit, lease))
    monkeypatch.setattr("members.mail.outgoing.worker.SPAN", 0.001)
    assert deliver(conversations=1) == {"sent": 60}
    assert claimed == [50, 5, 5, 5]


# 4. Mark -------------------------------------------------------------------------------------------------


def test_who_lost_the_lease_hands_nothing_over(waiting):
    mine = uuid.uuid4()
    queue.claim([0, 1], 10, mine)
    forward(5)
    queue.claim([0, 1], 10, uuid.uuid4())
    assert queue.mark(waiting, mine) == queue.LOST
    waiting.refresh_from_db()
    assert waiting.state == "claimed"


def test_the_facts_are_asked_again_and_the_reason_is_kept(smtp, waiting, mo):
    mo.memberships.get().end(by=mo)
    assert deliver() == {"suppressed": 1}
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason, waiting.lease) == ("suppressed", "The person left the committee.", None)
    assert smtp.received == []


@pytest.mark.django_db(transaction=True)
def test_no_row_is_locked_while_the_mail_server_listens(smtp, waiting):
    def look(recipient):
        _elsewhere("UPDATE members_delivery SET reason = 'touched' WHERE id = %s RETURNING id", [waiting.pk])
        return ""

    smtp.on_data = look
    assert deliver() == {"sent": 1}


# 5. Hand over ----------------------------------------------------------------------------------------------


def test_a_mail_goes_and_is_recorded(smtp, waiting, mo):
    assert deliver() == {"sent": 1}
    waiting.refresh_from_db()
    assert (waiting.state, waiting.last_reply, waiting.handovers, waiting.lease) == ("sent", "250 taken", 1, None)
    assert waiting.sent_at is not None
    assert waiting.message_subject == "You’re on Economic Justice"
    assert [mail.message["Subject"] for mail in smtp.to(mo.email)] == ["You’re on Economic Justice"]
    assert deliver() == {}


def test_a_temporary_no_is_tried_again_later_and_later(smtp, waiting, mo):
    smtp.at_recipient[mo.email] = "451 greylisted"
    waits = []
    for _time in range(3):
        assert deliver() == {"queued": 1}
        waits.append(_seconds_to_wait())
        forward(60)
    assert waits[0] < waits[1] < waits[2]
    assert 3 <= waits[0] <= 7
    del smtp.at_recipient[mo.email]
    assert deliver() == {"sent": 1}
    waiting.refresh_from_db()
    assert (waiting.failures, waiting.handovers) == (3, 4)


def test_a_refused_address_is_dead_once_others_are_taken(smtp, waiting, mo, carla):
    smtp.at_recipient[mo.email] = "550 no such user"
    assert deliver() == {"queued": 1}
    tell_joined(carla.memberships.get())
    deliver()
    forward(1)
    assert deliver() == {"failed": 1}
    waiting.refresh_from_db()
    assert waiting.reason == "The mail server refused it: 550 no such user"
    assert states() == {"Mo": "failed", "Carla": "sent"}


def test_a_burst_of_refusals_for_everybody_marks_nobody_dead(smtp, mo, carla):
    smtp.on_data = lambda recipient: "554 account suspended"
    for person in (mo, carla):
        tell_joined(person.memberships.get())
    for _time in range(4):
        deliver()
        forward(60)
    assert states() == {"Mo": "queued", "Carla": "queued"}
    smtp.on_data = lambda recipient: ""
    assert deliver() == {"sent": 2}


def test_a_burst_that_meets_a_row_twice_gives_it_up_no_more_than_the_others(smtp, mo, carla, olga):
    everybody_is_refused = "550 nobody may send now"
    for person in (mo, carla):
        tell_joined(person.memberships.get())
    smtp.on_data = lambda recipient: everybody_is_refused
    deliver()
    smtp.on_data = lambda recipient: ""
    Delivery.objects.filter(recipient=mo).update(next_try_at=Now() + timedelta(minutes=5))
    forward(1)
    tell_joined(olga.memberships.get())
    assert deliver() == {"sent": 2}
    smtp.on_data = lambda recipient: everybody_is_refused
    forward(5)
    assert deliver() == {"queued": 1}
    smtp.on_data = lambda recipient: ""
    forward(1)
    assert deliver() == {"sent": 1}


def test_an_address_first_refused_in_a_burst_is_judged_by_the_next_refusal(smtp, mo, carla, olga):
    for person in (mo, carla):
        tell_joined(person.memberships.get())
    smtp.on_data = lambda recipient: "550 nobody may send now"
    deliver()
    smtp.on_data = lambda recipient: ""
    smtp.at_recipient[mo.email] = "550 no such user"
    Delivery.objects.filter(recipient=carla).update(next_try_at=Now())
    assert deliver() == {"sent": 1}
    forward(1)
    assert deliver() == {"queued": 1}
    tell_joined(olga.memberships.get())
    assert deliver() == {"sent": 1}
    forward(1)
    assert deliver() == {"failed": 1}


def test_three_bursts_with_a_mail_taken_after_each_give_nobody_up(smtp, mo, carla, committee):
    for person in (mo, carla):
        tell_joined(person.memberships.get())
    for membership in MembershipFactory.create_batch(3, committee=committee):
        smtp.on_data = lambda recipient: "550 nobody may send now"
        assert deliver() == {"queued": 2}
        smtp.on_data = lambda recipient: ""
        Delivery.objects.filter(state="queued").update(next_try_at=Now() + timedelta(minutes=5))
        tell_joined(membership)
        assert deliver() == {"sent": 1}
        forward(6)
    assert deliver() == {"sent": 2}


def test_a_mail_recorded_after_a_refusal_and_handed_over_before_it_proves_nothing(smtp, committee):
    """The server took the first and then refused everybody; the first is written down last."""
    slow, refused, earlier = MembershipFactory.create_batch(3, committee=committee)
    for membership in (earlier, slow, refused):
        tell_joined(membership)
    rows = {membership: Delivery.objects.get(recipient=membership.user) for membership in (earlier, slow, refused)}
    lease = uuid.uuid4()

    def mark(*memberships):
        for membership in memberships:
            Delivery.objects.filter(pk=rows[membership].pk).update(
                state="sending", lease=lease, next_try_at=Now() + timedelta(seconds=project.MAIL_LEASE)
            )

    def record(membership, result):
        return queue.record(rows[membership], lease, Outcome(result, "550 no"), Exception(), until=time.monotonic())

    mark(earlier)
    assert record(earlier, SmtpResult.SENT) == "sent"
    mark(slow, refused)
    assert (record(refused, SmtpResult.REFUSED), record(slow, SmtpResult.SENT)) == ("queued", "sent")
    mark(refused)
    assert record(refused, SmtpResult.REFUSED) == "queued"


def test_what_waited_for_hours_is_not_given_up_sooner(smtp, mo, carla, committee):
    for person in (mo, carla):
        tell_joined(person.memberships.get())
    Delivery.objects.update(created_at=Now() - timedelta(minutes=90))
    smtp.on_data = lambda recipient: "550 nobody may send now"
    deliver()
    smtp.on_data = lambda recipient: ""
    Delivery.objects.filter(state="queued").update(next_try_at=Now() + timedelta(seconds=10))
    tell_joined(MembershipFactory(committee=committee))
    deliver()
    smtp.on_data = lambda recipient: "550 nobody may send now"
    forward(0.2)
    assert deliver() == {"queued": 2}


def test_refusals_are_forgotten_when_nothing_is_tried_any_more_that_they_could_explain(smtp, mo):
    smtp.at_recipient[mo.email] = "550 no such user"
    tell_joined(mo.memberships.get())
    deliver()
    PermanentFailure.objects.update(at=Now() - timedelta(days=3))
    tasks.plan()
    assert PermanentFailure.objects.count() == 1
    PermanentFailure.objects.update(at=Now() - timedelta(days=5))
    tasks.plan()
    assert not PermanentFailure.objects.exists()


def test_two_refused_addresses_that_have_only_each_other_are_given_up_after_an_hour(smtp, mo, carla, olga):
    for person in (mo, carla):
        smtp.at_recipient[person.email] = "550 no such user"
        tell_joined(person.memberships.get())
    deliver()
    tell_joined(olga.memberships.get())
    deliver()
    forward(1)
    assert deliver() == {"queued": 2}
    Delivery.objects.filter(recipient=olga).update(sent_at=Now(), next_try_at=Now() + timedelta(minutes=5))
    Delivery.objects.update(refused_at=Now() - timedelta(minutes=61))
    forward(1)
    assert deliver() == {"failed": 2}


def test_how_long_they_are_believed_is_a_setting(smtp, settings, mo, carla, olga):
    settings.MAIL_REFUSED_FOR = 120
    for person in (mo, carla):
        smtp.at_recipient[person.email] = "550 no such user"
        tell_joined(person.memberships.get())
    for minutes, states in ((1, {"queued": 2}), (3, {"failed": 2})):
        deliver()
        tell_joined(olga.memberships.get())
        deliver()
        Delivery.objects.filter(recipient=olga).update(sent_at=Now(), next_try_at=Now() + timedelta(minutes=5))
        Delivery.objects.exclude(recipient=olga).update(refused_at=Now() - timedelta(minutes=minutes))
        forward(1)
        assert deliver() == states


def test_what_nobody_takes_for_three_days_is_given_up(smtp, waiting, mo):
    smtp.at_recipient[mo.email] = "451 not now"
    forward(3 * 24 * 60 + 1)
    assert deliver() == {"failed": 1}
    waiting.refresh_from_db()
    assert waiting.reason == "The mail server did not take it for three days."


def test_a_line_that_breaks_before_the_content_leaves_no_doubt(smtp, waiting, mo):
    smtp.at_recipient[mo.email] = smtp.DROP
    assert deliver() == {"queued": 1}
    waiting.refresh_from_db()
    assert (waiting.failures, waiting.lease) == (0, None)


@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_away_leaves_everything_waiting(settings, mo, carla):
    nowhere = dict(
        project.MAILERS["default"], backend="django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=1
    )
    settings.MAILERS = {"default": nowhere, "calendar": nowhere}
    for person in (mo, carla):
        tell_joined(person.memberships.get())
    assert deliver() == {}
    assert set(Delivery.objects.values_list("state", "handovers", "lease")) == {("queued", 0, None)}
    assert not Delivery.objects.filter(next_try_at__lte=Now()).exists()


def test_one_bad_text_does_not_hold_up_the_others(smtp, waiting, mo, carla):
    broken = Delivery.enqueue("join_request_answer", [carla], "request:999")
    assert broken == 1
    Delivery.objects.filter(kind="join_request_answer").update(kind="security_news", facts={})
    assert deliver() == {"sent": 1, "queued": 1}
    assert "cannot be written" in Delivery.objects.get(kind="security_news").last_reply


# 6. Record ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_hand_over_is_recorded_although_the_database_goes_away_meanwhile(smtp, waiting, mo):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        worker = cursor.fetchone()[0]

    def cut(recipient):
        _elsewhere("SELECT pg_terminate_backend(%s)", [worker])
        return ""

    smtp.on_data = cut
    assert deliver() == {"sent": 1}
    assert states() == {"Mo": "sent"}
    assert len(smtp.to(mo.email)) == 1


# 7 and 8. In doubt, the same mail again ---------------------------------------------------------------------


def test_a_mail_whose_answer_got_lost_goes_again_under_the_same_message_id(smtp, waiting, mo):
    smtp.on_data = lambda recipient: smtp.DROP_AFTER
    assert deliver() == {"sending": 1}
    assert deliver() == {}
    smtp.on_data = lambda recipient: ""
    forward(1)
    assert deliver() == {"sent": 1}
    assert [mail.id for mail in smtp.to(mo.email)] == [message_id(waiting)] * 2


def test_a_mail_in_doubt_that_became_void_says_that_a_copy_may_have_arrived(smtp, waiting, mo):
    smtp.on_data = lambda recipient: smtp.DROP_AFTER
    deliver()
    mo.memberships.get().end(by=mo)
    forward(1)
    assert deliver() == {"suppressed": 1}
    waiting.refresh_from_db()
    assert waiting.reason == "The person left the committee. An earlier copy may have arrived."


# 9. The database's clock --------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_worker_whose_clock_is_wrong_does_no_harm(smtp, waiting, mo, hours):
    later = Delivery.objects.get()
    later.pk, later.about, later.next_try_at = None, f"membership:{later.about_id}0", Now() + timedelta(hours=1)
    later.save()
    with time_machine.travel(timedelta(hours=hours)):
        assert deliver() == {"sent": 1}
    waiting.refresh_from_db()
    assert abs(waiting.sent_at - waiting.created_at) < timedelta(minutes=1)


# 10. The lease outlasts the slowest hand-over ---------------------------------------------------------------


def test_a_lease_shorter_than_a_slow_hand_over_is_refused_at_the_start(settings, waiting):
    settings.MAIL_LEASE = settings.SMTP_TIMEOUT * 5 + settings.MAIL_PATIENCE
    with pytest.raises(ImproperlyConfigured, match="MAIL_LEASE must be more than 105 seconds"):
        deliver()
    waiting.refresh_from_db()
    assert waiting.claims == 0


# 11. Tasks carry nothing -----------------------------------------------------------------------------------


def test_ticks_carry_nothing(smtp, waiting):
    for tick in app.conf.beat_schedule.values():
        assert not tick.get("args") and not tick.get("kwargs")
    tasks.plan()
    tasks.deliver()
    tasks.deliver_fast()
    assert states() == {"Mo": "sent"}


def test_no_task_is_set_for_a_time():
    banned = {"eta", "countdown"}
    for package in ("portal", "events", "committees", "members"):
        for path in (Path(project.BASE_DIR) / package).rglob("*.py"):
            named = {
                keyword.arg
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Call)
                for keyword in node.keywords
            }
            assert not named & banned, f"{path} sets a task for a time; store a delivery instead"


KICK = """
import time
import django
django.setup()
from django.db import transaction
from members.accounts.messages import send_sign_in_code
began = time.monotonic()
with transaction.atomic():
    send_sign_in_code("stranger@portal.example", None, "48172046")
print(time.monotonic() - began)
"""


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_away_nobody_waits_and_nothing_is_lost():
    database = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": database,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", KICK], cwd=project.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 1
    assert Delivery.objects.get().state == "queued"


# 12. The fast lane ------------------------------------------------------------------------------------------


def test_a_sign_in_code_overtakes_everything(smtp, waiting, mo):
    send_sign_in_code(mo.email, mo, "48172046")
    deliver()
    assert [mail.message["Subject"] for mail in smtp.received] == [
        "4817 2046 is your sign-in code",
        "You’re on Economic Justice",
    ]


def test_the_fast_worker_takes_codes_alone(smtp, waiting, mo):
    send_sign_in_code(mo.email, mo, "48172046")
    assert deliver_fast() == {"sent": 1}
    assert Delivery.objects.get(kind="joined").state == "queued"


def test_a_code_is_forgotten_once_it_is_sent(smtp, mo):
    send_sign_in_code(mo.email, mo, "48172046")
    deliver()
    sent = Delivery.objects.get()
    assert (sent.facts, sent.message_subject) == ({}, "")


def test_a_code_that_comes_too_late_is_not_sent_and_forgotten(smtp, mo):
    send_sign_in_code(mo.email, mo, "48172046")
    forward(16)
    assert deliver() == {"expired": 1}
    assert Delivery.objects.get().facts == {}


def test_an_unknown_address_gets_a_mail_of_the_same_cost(smtp, mo, django_assert_num_queries):
    with django_assert_num_queries(1):
        send_sign_in_code(mo.email, mo, "48172046")
    with django_assert_num_queries(1):
        send_sign_in_code("stranger@portal.example", None, "48172046")
    deliver()
    (mail,) = smtp.to("stranger@portal.example")
    assert mail.message["Subject"] == "You have no account with this email"
    assert "48172046" not in mail.raw.decode()


def _elsewhere(statement, parameters) -> list[tuple]:
    """In a connection of its own."""
    known = connection.get_connection_params()
    with psycopg.connect(
        **{name: known[name] for name in ("dbname", "user", "host", "port", "password") if name in known}
    ) as other:
        return other.execute(statement, parameters).fetchall()


def _seconds_to_wait() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM next_try_at - statement_timestamp()) FROM members_delivery")
        return float(cursor.fetchone()[0])


def test_telling_nobody_stores_nothing(db):
    assert Delivery.enqueue("joined", [], "membership:1") == 0
    assert Delivery.enqueue("joined", User.objects.none(), "membership:1") == 0
