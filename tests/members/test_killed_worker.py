"""A Celery worker killed with kill -9 in the middle of a batch loses nothing, and doubles at most the mail it had in hand."""

from collections import Counter

import pytest
from django.db.models.functions import Now

from committees.joining.messages import tell_joined
from committees.mailings.sending import send_out
from committees.models import Mailing
from members.mail.bulk.sending import preview_act, send
from members.mail.emails import message_id
from members.mail.outgoing.worker import deliver
from members.models import Delivery
from tests.factories import MembershipFactory, UserFactory
from tests.workers import kill, leases_end, sessions, start_worker, wait_for

__all__ = ["start_worker"]

PEOPLE = 30

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


def test_a_killed_worker_loses_nothing_and_doubles_at_most_what_it_had_in_hand(smtp, committee, start_worker):
    for membership in MembershipFactory.create_batch(PEOPLE, committee=committee):
        tell_joined(membership)
    smtp.delay = 0.1
    ours = sessions()
    group = start_worker()
    wait_for(lambda: len(smtp.received) >= 5)
    kill(group, ours)

    held = Counter(Delivery.objects.values_list("state", flat=True))
    assert held["sent"] >= 4
    assert held["sending"] <= 1
    assert held["claimed"] + held["sending"] + held["sent"] == PEOPLE
    in_hand = {message_id(row) for row in Delivery.objects.filter(state="sending")}

    leases_end()
    smtp.delay = 0
    deliver()
    times = Counter(mail.id for mail in smtp.received)
    assert set(times) == {message_id(row) for row in Delivery.objects.all()}
    assert {name for name, count in times.items() if count > 1} <= in_hand
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_worker_killed_three_times_sends_an_email_to_a_list_to_each_once(smtp, stu, start_worker):
    UserFactory.create_batch(149)
    mailing = Mailing.begin(stu, subject="{first name}, we meet in Denver", body="Come along, {name}.")

    def act() -> bool:
        return send_out(Mailing.objects.get(pk=mailing.pk), stu)

    preview = send(act, stu, fingerprint=preview_act(act, stu).fingerprint)
    assert (preview.people, preview.held) == (150, True)
    Delivery.objects.update(next_try_at=Now(), due_at=Now())  # the minute is over
    smtp.delay = 0.02
    in_hand = set()
    for _killed in range(3):
        ours, had = sessions(), len(smtp.received)
        group = start_worker()
        wait_for(lambda had=had: len(smtp.received) >= had + 5)
        kill(group, ours)
        in_hand |= {message_id(row) for row in Delivery.objects.filter(state="sending")}
        leases_end()
    smtp.delay = 0
    deliver()

    assert Counter(Delivery.objects.values_list("state", flat=True)) == {"sent": 150}
    assert Delivery.objects.values("recipient").distinct().count() == 150
    times = Counter(mail.id for mail in smtp.received)
    assert set(times) == {message_id(row) for row in Delivery.objects.all()}
    assert len(in_hand) <= 3
    assert {name for name, count in times.items() if count > 1} <= in_hand
