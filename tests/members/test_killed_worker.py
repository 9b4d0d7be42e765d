"""A Celery worker killed with kill -9 in the middle of a batch loses nothing, and doubles at most the mail it had in hand."""

import os
import signal
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as project
from django.db import connection
from django.db.models.functions import Now

from committees.announcements.announcing import announce
from committees.joining.messages import tell_joined
from committees.models import Announcement
from members.mail.bulk.sending import preview_act, send
from members.mail.emails import message_id
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from portal.celery import app
from portal.embedded.processes import spawn
from tests.factories import MembershipFactory

PEOPLE = 30
PATIENCE = 60  # seconds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


@pytest.fixture
def start_worker(smtp, settings) -> Iterator[Callable[[], int]]:
    """`start_worker()` starts a real worker on the database of the test, asks it to deliver, and gives its process group."""
    queue, groups = f"test-{uuid.uuid4()}", []
    port = settings.MAILERS["default"]["port"]
    environment = os.environ | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "CALENDAR_EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_CONVERSATIONS": "1",
    }

    def start() -> int:
        argv = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "portal",
            "worker",
            "-Q",
            queue,
            "-c",
            "1",
            "--without-gossip",
            "--without-mingle",
            "-n",
            f"{queue}@%h",
        ]
        groups.append(spawn(argv, cwd=project.BASE_DIR, env=environment))
        app.send_task("members.tasks.deliver", queue=queue)
        return groups[-1].pid

    yield start
    for group in groups:
        try:
            os.killpg(group.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        group.wait()


def test_a_killed_worker_loses_nothing_and_doubles_at_most_what_it_had_in_hand(smtp, committee, start_worker):
    for membership in MembershipFactory.create_batch(PEOPLE, committee=committee):
        tell_joined(membership)
    smtp.delay = 0.1
    ours = _sessions()
    group = start_worker()
    _wait_for(lambda: len(smtp.received) >= 5)
    os.killpg(group, signal.SIGKILL)
    _wait_for(lambda: _sessions() <= ours)

    held = Counter(Delivery.objects.values_list("state", flat=True))
    assert held["sent"] >= 4
    assert held["sending"] <= 1
    assert held["claimed"] + held["sending"] + held["sent"] == PEOPLE
    in_hand = {message_id(row) for row in Delivery.objects.filter(state="sending")}

    Delivery.objects.filter(state__in=Delivery.HELD).update(next_try_at=Now())  # their leases end
    smtp.delay = 0
    deliver()
    times = Counter(mail.id for mail in smtp.received)
    assert set(times) == {message_id(row) for row in Delivery.objects.all()}
    assert {name for name, count in times.items() if count > 1} <= in_hand
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_worker_killed_three_times_sends_an_announcement_to_each_once(smtp, committee, carla, start_worker):
    MembershipFactory.create_batch(149, committee=committee)
    announcement = Announcement.begin(
        carla, committee, by_staff=False, headline="We meet in Denver", body="Come along."
    )

    def act() -> None:
        announce(Announcement.objects.get(pk=announcement.pk), carla)

    preview = send(act, carla, fingerprint=preview_act(act, carla).fingerprint)
    assert (preview.people, preview.held) == (150, True)
    Delivery.objects.update(next_try_at=Now(), due_at=Now())  # the minute is over
    smtp.delay = 0.02
    in_hand = set()
    for _killed in range(3):
        ours, had = _sessions(), len(smtp.received)
        group = start_worker()
        _wait_for(lambda had=had: len(smtp.received) >= had + 5)
        os.killpg(group, signal.SIGKILL)
        _wait_for(lambda ours=ours: _sessions() <= ours)
        in_hand |= {message_id(row) for row in Delivery.objects.filter(state="sending")}
        Delivery.objects.filter(state__in=Delivery.HELD).update(next_try_at=Now())  # their leases end
    smtp.delay = 0
    deliver()

    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"sent": 150}
    assert Delivery.objects.values("recipient").distinct().count() == 150
    times = Counter(mail.id for mail in smtp.received)
    assert set(times) == {message_id(row) for row in Delivery.objects.all()}
    assert len(in_hand) <= 3
    assert {name for name, count in times.items() if count > 1} <= in_hand


def _sessions() -> set[int]:
    """Who is at work in this database, by process id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def _wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)
