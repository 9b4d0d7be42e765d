"""*Today* warns when much mail comes back or is reported as unwanted: providers begin to distrust who sends so."""

import html
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from members.models import Delivery, Suppression

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in, stu):
    return sign_in(stu)


def sent(number: int, person, hours: float = 1) -> None:
    at = timezone.now() - timedelta(hours=hours)
    Delivery.objects.bulk_create(
        Delivery(
            recipient=person,
            kind="joined",
            about=f"x:{each}",
            dedupe_key=f"{hours}",
            state="sent",
            sent_at=at,
            due_at=at,
        )
        for each in range(number)
    )


def stopped(number: int, reason: str, hours: float = 1) -> None:
    at = timezone.now() - timedelta(hours=hours)
    for each in range(number):
        Suppression.objects.create(
            address=f"{reason}{hours}.{each}@city.example", reason=reason, detail="x", happened_at=at
        )


def warnings(desk) -> list[str]:
    page = html.unescape(desk.get("/staff/").text)
    return [words for words in ("came back (", "reported as unwanted (") if words in page]


@pytest.mark.parametrize(
    ("mails", "bounces", "refusals", "complaints", "said"),
    [
        (100, 0, 0, 0, []),
        (100, 4, 0, 0, []),
        (100, 5, 0, 0, ["came back ("]),
        (97, 2, 3, 0, ["came back ("]),
        (2001, 0, 0, 2, []),
        (100, 0, 0, 1, []),
        (2000, 0, 0, 2, ["reported as unwanted ("]),
        (100, 10, 0, 2, ["came back (", "reported as unwanted ("]),
        (49, 20, 0, 20, []),
    ],
)
def test_shares_of_a_day_are_warned_of_from_a_threshold(desk, mo, mails, bounces, refusals, complaints, said):
    sent(mails, mo)
    for reason, number in (("bounce", bounces), ("refused", refusals), ("complaint", complaints)):
        stopped(number, reason)
    assert warnings(desk) == said


def test_it_says_how_many_and_leads_to_them(desk, mo):
    sent(100, mo)
    stopped(7, "bounce")
    page = html.unescape(desk.get("/staff/").text)
    assert "7 of 100 emails of the last 24 hours came back (7.0 %)." in page
    assert "See which, and why" in page


def test_other_days_do_not_count(desk, mo):
    sent(100, mo, hours=30)
    sent(60, mo)
    stopped(30, "bounce", hours=30)
    assert warnings(desk) == []
    Suppression.objects.update(happened_at=Now())
    assert warnings(desk) == ["came back ("]


def test_thresholds_can_be_set(desk, mo, settings):
    settings.MAIL_WARN_FROM, settings.MAIL_WARN_BOUNCES, settings.MAIL_WARN_COMPLAINTS = 10, 50, 20
    sent(10, mo)
    stopped(4, "bounce")
    stopped(1, "complaint")
    assert warnings(desk) == []
    stopped(1, "bounce", hours=2)
    stopped(1, "complaint", hours=2)
    assert warnings(desk) == ["came back (", "reported as unwanted ("]


@pytest.mark.parametrize("rows", [1, 30])
def test_today_costs_the_same_however_much_came_back(desk, mo, rows, django_assert_max_num_queries):
    sent(100, mo)
    stopped(rows, "bounce")
    with django_assert_max_num_queries(26):
        desk.get("/staff/")
