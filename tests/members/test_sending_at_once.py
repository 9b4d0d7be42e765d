"""Two clicks at the same moment: Undo counts once, and one page schedules one call."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from committees.models import Membership
from events.models import Meeting
from events.schedule import scheduling
from members.mail.bulk.sending import preview_act, send
from members.models import AuditEntry, BulkSend, Delivery
from members.models.pipeline import Undone
from tests.factories import MembershipFactory
from tests.sending import preview_of

pytestmark = pytest.mark.django_db(transaction=True)
SOON = timezone.localdate() + timedelta(days=20)


@pytest.fixture
def people(committee, carla, mo):
    return [carla, MembershipFactory(committee=committee, role=Membership.Role.CHAIR).user]


def at_once(*acts):
    def closing(act):
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(closing, acts))


def test_two_co_chairs_undo_at_once(committee, people, settings):
    settings.MAIL_HOLD_OVER = 1
    carla = people[0]

    def act():
        return scheduling.schedule(committee, carla, title="Wages", local_date=SOON, local_time=time(9))

    send(act, carla, fingerprint=preview_act(act, carla).fingerprint)
    outcomes = at_once(*(lambda by=by: BulkSend.objects.get().undo(by) for by in people))
    assert outcomes == [Undone(3, 0)] * 2
    assert set(Delivery.objects.values_list("state", flat=True)) == {"suppressed"}
    assert AuditEntry.objects.filter(verb="took back").count() == 1


def test_two_clicks_at_once_schedule_one_call(committee, people, sign_in):
    address = reverse("meeting_schedule", args=[committee.slug])
    fields = {
        "title": "Wages",
        "local_date": SOON.isoformat(),
        "local_time": "15:00",
        "timezone": "America/New_York",
        "duration": "60",
    }
    first, second = sign_in(people[0]), sign_in(people[0])
    carried, _buttons = preview_of(first.post(address, fields | {"reminders": "committee"}))
    answers = at_once(
        *(lambda client=client: client.post(address, carried | {"send": "1"}) for client in (first, second))
    )
    assert {answer["Location"] for answer in answers} == {reverse("meeting_agenda", args=[Meeting.objects.get().slug])}
    assert Delivery.objects.filter(kind="invitation").count() == 3
