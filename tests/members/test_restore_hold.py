"""After a restore from a backup what was due before waits for staff; nothing else makes it wait."""

import os
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from committees.joining.messages import tell_joined
from events.messages.invitations import tell_scheduled
from members.accounts.messages import send_sign_in_code
from members.mail.outgoing import restore_hold
from members.mail.outgoing.digests import plan_summaries
from members.mail.outgoing.planning import plan
from members.mail.outgoing.worker import deliver
from members.mail_desk.explain import explain
from members.mail_desk.statistics import statistics
from members.models import AuditEntry, Delivery, NotificationPreference, Pipeline
from portal.embedded.binaries import postgres_binaries
from portal.embedded.processes import unprivileged
from tests.pipeline import DAY, TUESDAY, call_in, coming

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(mo) -> Delivery:
    plan()  # the database is seen where it lies
    tell_joined(mo.memberships.get())
    return Delivery.objects.get()


def restore(age: timedelta = timedelta(hours=3), identity: str = "elsewhere") -> None:
    """As the row comes out of a backup of that age, taken of another database."""
    Delivery.objects.update(due_at=F("due_at") - age, created_at=F("created_at") - age)
    Pipeline.objects.update(identity=identity, seen_at=Now() - age)


def test_what_was_due_before_a_restore_waits_for_staff(smtp, waiting):
    restore()
    plan()
    assert deliver() == {}
    assert list(restore_hold.held()) == [waiting]
    assert AuditEntry.objects.get().reason == "The database was restored from a backup, or moved."
    waiting.refresh_from_db()
    assert explain(waiting).startswith("It was due before the database was restored from a backup")


def test_a_worker_that_is_there_before_the_first_sweep_holds_too(smtp, waiting):
    restore()
    assert deliver() == {}
    assert restore_hold.held().count() == 1


def test_what_follows_from_facts_after_the_restore_goes(smtp, waiting, carla):
    restore()
    plan()
    tell_joined(carla.memberships.get())
    assert deliver() == {"sent": 1}
    assert smtp.received[0].recipient == carla.email


def test_reminders_planned_later_for_a_time_before_the_restore_wait_as_well(smtp, committee, carla, mo):
    plan()
    call_in(DAY - 30, committee, carla)  # the reminder of a day before was due half an hour ago
    Delivery.objects.all().delete()
    restore()
    assert plan() == 2
    assert deliver() == {}
    assert set(restore_hold.held().values_list("kind", flat=True)) == {"reminder"}


def test_codes_are_never_held(smtp, mo, waiting):
    send_sign_in_code(mo.email, mo, "48172046")
    restore(timedelta(minutes=12))
    assert deliver() == {"sent": 1}
    assert smtp.received[0].message["Subject"] == "4817 2046 is your sign-in code"


@pytest.mark.parametrize(
    ("what", "age", "identity"),
    [
        ("a failover", timedelta(minutes=1), "another timeline"),
        ("a beat that was away", timedelta(minutes=30), None),
        ("a clock that jumped ahead", timedelta(hours=1), None),
        ("a clock that jumped back", timedelta(hours=-1), "another timeline"),
        ("a row of which nothing is known", timedelta(days=3), ""),
    ],
)
def test_nothing_else_holds(smtp, waiting, what, age, identity):
    Pipeline.objects.update(seen_at=Now() - age)
    if identity is not None:
        Pipeline.objects.update(identity=identity)
    plan()
    assert deliver() == {"sent": 1}, what
    assert not AuditEntry.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT members_database_identity()")
        assert Pipeline.objects.get().identity == cursor.fetchone()[0]


def test_the_identity_names_server_database_table_and_timeline(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT members_database_identity(), 'members_pipeline'::regclass::oid::text")
        identity, table = cursor.fetchone()
        parts = identity.split(".")
        assert len(parts) == 4 and all(part.isdigit() for part in parts) and parts[2] == table
        cursor.execute("REVOKE EXECUTE ON FUNCTION pg_control_system(), pg_control_checkpoint() FROM PUBLIC")
        cursor.execute("CREATE ROLE plain")
        cursor.execute("GRANT USAGE ON SCHEMA public TO plain")
        cursor.execute("SET LOCAL ROLE plain")
        cursor.execute("SELECT members_database_identity()")
        assert cursor.fetchone()[0] == ".".join(parts[1:3])
        cursor.execute("RESET ROLE")


def test_a_restore_that_the_database_cannot_see_is_held_by_hand(smtp, waiting, capsys):
    Delivery.objects.update(due_at=F("due_at") - timedelta(seconds=1))
    call_command("hold_messages", reason="The disk of Tuesday night")
    assert capsys.readouterr().out.startswith("Held: 1 messages")
    assert deliver() == {}
    assert Pipeline.objects.get().held_reason == "The disk of Tuesday night"


def test_let_go_they_are_sent_and_were_late_from_then_on_only(smtp, waiting, stu):
    restore()
    plan()
    before = restore_hold.held_before()
    assert restore_hold.let_go(stu, before) == 1
    assert restore_hold.let_go(stu, before) is None and restore_hold.drop(stu, before) is None
    assert deliver() == {"sent": 1}
    waiting.refresh_from_db()
    assert waiting.sent_at - waiting.ready_at < timedelta(minutes=1)
    assert AuditEntry.objects.latest("pk").after == {"messages": 1}


def test_dropped_they_are_never_sent_and_say_why(smtp, waiting, stu):
    restore()
    plan()
    assert restore_hold.drop(stu, restore_hold.held_before()) == 1
    assert deliver() == {}
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("suppressed", "Staff decided not to send it after a restore.")


def test_what_is_digested_is_held_as_well(smtp, committee, carla, mo, stu):
    plan()
    NotificationPreference.objects.create(user=mo, kind="invitation", scope="", cadence="daily")
    tell_scheduled(call_in(10 * DAY, committee, carla))
    deliver()
    assert Delivery.objects.get(recipient=mo).state == "digested"
    restore(timedelta(days=2))
    plan()
    assert plan_summaries(coming(TUESDAY)) == 0
    assert restore_hold.held().filter(state="digested").count() == statistics().now.held == 1
    restore_hold.let_go(stu, restore_hold.held_before())
    assert plan_summaries(coming(TUESDAY)) == 1


RESTORED = """
import django
django.setup()
from members.models import Delivery, Pipeline
from members.mail.outgoing import restore_hold
from members.mail.outgoing.worker import deliver
from members.mail.outgoing.planning import plan
plan()
print(dict(deliver()), restore_hold.held().count())
"""


@pytest.mark.django_db(transaction=True)
def test_a_real_dump_that_is_restored_holds_what_was_due(smtp, waiting, tmp_path, settings):
    Delivery.objects.update(due_at=Now() - timedelta(hours=1))
    Pipeline.objects.update(seen_at=Now() - timedelta(hours=1))
    binaries = postgres_binaries(tmp_path, unprivileged())
    known, copy = connection.settings_dict, f"{connection.settings_dict['NAME']}_restored"
    address = urlsplit(os.environ["DATABASE_URL"])
    asked = dict(os.environ, PGHOST=known["HOST"], PGUSER=known["USER"], PGPORT=str(known["PORT"] or ""))
    if known["PASSWORD"]:
        asked["PGPASSWORD"] = known["PASSWORD"]

    def run(program: str, *arguments: str) -> None:
        subprocess.run([binaries / program, *arguments], env=asked, check=True, capture_output=True)

    run("pg_dump", "-Fc", "-f", str(tmp_path / "portal.dump"), known["NAME"])
    run("createdb", copy)
    try:
        run("pg_restore", "-d", copy, str(tmp_path / "portal.dump"))
        there = {
            "DATABASE_URL": address._replace(path=f"{address.path.rpartition('/')[0]}/{copy}").geturl(),
            "EMAIL_URL": f"smtp://127.0.0.1:{settings.MAILERS['default']['port']}",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        done = subprocess.run(
            [sys.executable, "-c", RESTORED],
            cwd=project.BASE_DIR,
            env=os.environ | there,
            capture_output=True,
            text=True,
        )
        assert (done.stdout.strip(), smtp.received) == ("{} 1", []), done.stderr
    finally:
        run("dropdb", "--force", copy)
    assert deliver() == {"sent": 1}  # the one it was taken from goes on


def test_what_was_due_by_a_clock_that_went_back_goes_now(mo):
    restore_hold.watch()
    soon, later = (
        Delivery.objects.create(
            recipient=mo, kind="reminder", about="meeting:1", offset=minutes, due_at=due, next_try_at=due
        )
        for minutes, due in ((20, Now() + timedelta(minutes=20)), (50, Now() + timedelta(minutes=50)))
    )
    Pipeline.objects.update(seen_at=Now() + timedelta(minutes=30))
    restore_hold.watch()
    assert list(Delivery.objects.filter(next_try_at__lte=Now())) == [soon]
    assert list(Delivery.objects.filter(next_try_at__gt=Now())) == [later]
