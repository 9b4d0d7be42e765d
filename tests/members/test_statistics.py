"""The proof page: numbers from the database that say what became of messages, and how late they went."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from committees.joining.messages import tell_joined
from members.mail_desk.statistics import statistics
from members.models import Delivery
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def past(committee) -> None:
    """Ten messages of the last day, and one of last week."""
    for membership in MembershipFactory.create_batch(11, committee=committee):
        tell_joined(membership)
    numbers = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    ago = timedelta(hours=3)
    Delivery.objects.update(due_at=Now() - ago, next_try_at=Now() - ago)

    def become(places, **fields):
        Delivery.objects.filter(pk__in=[numbers[place] for place in places]).update(**fields)

    become([0, 1, 2], state="sent", sent_at=F("due_at") + timedelta(seconds=4))
    become([3], state="sent", sent_at=F("due_at") + timedelta(seconds=90), repeats=1, handovers=2)
    resting = timedelta(hours=2)  # quiet hours; then it went within seconds
    become([4], state="sent", ready_at=F("due_at") + resting, sent_at=F("due_at") + resting + timedelta(seconds=2))
    become([5, 6], state="suppressed", reason="The call was canceled.")
    become([7], state="expired", reason="It was too late to help.")
    become([8], state="failed", reason="The mail server refused it: 550 no such user")
    become([9], next_try_at=Now())
    become([10], state="sent", due_at=Now() - timedelta(days=8), sent_at=Now())


def test_the_numbers_add_up_and_waiting_on_purpose_is_not_late(past):
    found = statistics(timedelta(days=1))
    assert found.all.planned == 10
    assert dict(found.all.states) == {"sent": 5, "suppressed": 2, "expired": 1, "failed": 1, "queued": 1}
    assert dict(found.all.reasons) == {
        ("suppressed", "The call was canceled."): 2,
        ("expired", "It was too late to help."): 1,
    }
    assert (found.all.late(0.5), found.all.late(0.99)) == (4, 90)
    assert (found.all.waited, found.all.repeats) == (1, 1)
    assert (found.now.waiting, found.now.held, found.now.unknown, found.now.refused) == (1, 0, 0, 1)
    assert 3 * 3600 <= found.now.oldest_seconds < 3 * 3600 + 60
    assert statistics(timedelta(days=30)).all.planned == 11


def test_the_proof_takes_two_statements(past, django_assert_num_queries):
    with django_assert_num_queries(2):
        statistics()


def test_what_rests_is_neither_late_nor_the_oldest(mo):
    tell_joined(mo.memberships.get())
    later = Now() + timedelta(hours=8)
    Delivery.objects.update(due_at=Now() - timedelta(hours=1), ready_at=later, next_try_at=later)
    assert statistics().now.oldest_seconds == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ["What was due in the last 24 hours", "Planned for this time 10", "– The call was canceled. 2"]),
        ("?since=30d", ["What was due in the last 30 days", "Planned for this time 11", "99 of 100 went within"]),
        ("?since=7d&by=kind", ["By kind", "They were told that they’re on a committee 10 5 2 1 1 1 1 4.0 90.0"]),
        ("?since=x&by=x", ["What was due in the last 24 hours"]),
    ],
)
def test_the_page_says_it_in_words(sign_in, stu, past, query, words):
    page = sign_in(stu).get(reverse("staff_proof") + query)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    assert page.status_code == 200
    for each in words:
        assert each in text
