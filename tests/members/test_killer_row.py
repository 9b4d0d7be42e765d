"""A message whose writing ends its worker every time is singled out and given up; no other one is taken for it."""

import os
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as project
from django.db import connection

from committees.joining.messages import tell_joined
from members.mail.kinds import registry
from members.mail.outgoing import queue
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from tests.factories import MembershipFactory
from tests.pipeline import forward

PEOPLE = 30
LEASES = 10  # minutes, longer than any lease

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

# One process after another, each with a kind of message that ends it; "kill -9" cannot be caught either.
WORKERS = """
import os, signal, sys
import django
django.setup()
from committees.joining.messages import Joined
from django.core.mail.backends.smtp import EmailBackend
from members.mail.outgoing.worker import deliver

class Killer(Joined):
    kind = "killer"
    def load(self, deliveries):
        os.kill(os.getpid(), signal.SIGKILL)

from members.mail.outgoing import smtp as email
spoken = email._spoken
def hand_over(smtp, mail):
    if mail.recipient.startswith("in-hand"):
        os.kill(os.getpid(), signal.SIGKILL)
    return spoken(smtp, mail)
email._spoken = hand_over

for line in sys.stdin:
    child = os.fork()
    if not child:
        deliver(conversations=1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture
def work(smtp, settings) -> Iterator[Callable[[], int]]:
    """`work()` lets a real process deliver what is due, and gives its exit code: -9 when it was killed."""
    address = f"smtp://127.0.0.1:{settings.MAILERS['default']['port']}"
    environment = os.environ | {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}",
        "EMAIL_URL": address,
        "CALENDAR_EMAIL_URL": address,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", WORKERS],
        cwd=project.BASE_DIR,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as workers:
        assert workers.stdin and workers.stdout

        def once() -> int:
            workers.stdin.write("\n")
            workers.stdin.flush()
            code = int(workers.stdout.readline())
            forward(LEASES, state__in=Delivery.OPEN)
            return code

        yield once
        workers.stdin.close()


@pytest.fixture
def one_in_many(committee) -> Delivery:
    """The sixteenth of thirty-one."""
    members = MembershipFactory.create_batch(PEOPLE, committee=committee)
    for place, membership in enumerate(members):
        tell_joined(membership)
        if place == PEOPLE // 2:
            Delivery.enqueue("killer", [membership.user], f"membership:{membership.pk}")
    return Delivery.objects.get(kind="killer")


def test_a_row_that_ends_its_worker_every_time_is_given_up_and_all_others_go(smtp, one_in_many, work):
    codes = Counter(work() for _time in range(queue.MOST_CLAIMS + 3))
    assert codes == {-9: queue.MOST_CLAIMS, 0: 3}
    one_in_many.refresh_from_db()
    assert one_in_many.state == "failed"
    assert one_in_many.reason == "Each of the 8 workers that took it ended before it was written."
    others = Delivery.objects.exclude(pk=one_in_many.pk)
    assert set(others.values_list("state", "claims")) == {("sent", 0)}
    assert len(smtp.received) == len({mail.id for mail in smtp.received}) == PEOPLE


def test_a_row_that_ends_its_worker_in_the_hand_over_is_given_up_too(committee, work):
    membership = MembershipFactory(committee=committee, user__email="in-hand@portal.example")
    tell_joined(membership)
    Delivery.objects.update(claims=queue.SUSPECT, repeats=queue.MOST_REPEATS - 2)
    assert [work() for _time in range(4)] == [-9, -9, -9, 0]
    given_up = Delivery.objects.get()
    assert (given_up.state, given_up.repeats, given_up.handovers) == ("failed", 11, 3)
    assert given_up.reason == "Nobody knows whether it arrived: it was handed over 12 times, and no answer came."


def test_workers_killed_at_random_never_make_an_innocent_row_dead(smtp, committee):
    """Fifty rows a claim, and each claim ends without a word: all become suspects, are claimed alone, and go."""
    for membership in MembershipFactory.create_batch(PEOPLE, committee=committee):
        tell_joined(membership)
    for _time in range(queue.SUSPECT):
        assert len(queue.claim([0, 1], 50, uuid.uuid4())) == PEOPLE
        forward(LEASES)
    for _time in range(20):  # killed after it was written: whoever is claimed alone says so
        lease = uuid.uuid4()
        assert len(queue.claim([0, 1], 50, lease)) == 1
        queue.vouch(lease)
        forward(LEASES)
    assert deliver(conversations=1) == {"sent": PEOPLE}
    assert set(Delivery.objects.values_list("claims", flat=True)) == {0}


def test_a_claim_ends_before_a_suspect_and_begins_anew_with_it(committee):
    for membership in MembershipFactory.create_batch(5, committee=committee):
        tell_joined(membership)
    numbers = list(Delivery.objects.order_by("next_try_at", "pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk=numbers[2]).update(claims=queue.SUSPECT)
    claims = [[row.pk for row in queue.claim([0, 1], 50, uuid.uuid4())] for _time in range(4)]
    assert claims == [numbers[:2], [numbers[2]], numbers[3:], []]


def test_what_is_given_back_does_not_count(committee):
    tell_joined(MembershipFactory(committee=committee))
    for _time in range(5):
        lease = uuid.uuid4()
        queue.claim([0, 1], 50, lease)
        queue.release(lease)
    assert Delivery.objects.get().claims == 0


def test_a_kind_of_a_newer_release_waits_for_its_workers(smtp, committee):
    membership = MembershipFactory(committee=committee)
    Delivery.enqueue("of_tomorrow", [membership.user], f"membership:{membership.pk}")
    tell_joined(membership)
    assert deliver() == {"sent": 1}
    assert Delivery.objects.get(kind="of_tomorrow").state == "queued"


@pytest.mark.parametrize("step", ["prepare", "load"])
def test_a_kind_that_is_broken_waits_and_holds_up_no_other(smtp, committee, monkeypatch, step):
    """An error is no crash: its rows try again for three days, and are no suspects."""
    membership = MembershipFactory(committee=committee)
    tell_joined(membership)
    Delivery.enqueue("security_news", [membership.user], "news:1")

    def broken(deliveries):
        raise KeyError("a fact that is not there")

    monkeypatch.setattr(registry["security_news"], step, broken)
    assert deliver() == {"sent": 1, "queued": 1}
    waiting = Delivery.objects.get(kind="security_news")
    assert (waiting.claims, waiting.failures) == (0, 1) and "cannot be written" in waiting.last_reply
