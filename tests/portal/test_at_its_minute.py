"""A text that waits for its minute is nowhere before it, and everywhere at it though no worker is alive; each week’s mail that it
belongs to names it once, however its worker was killed."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from committees.models import Publication
from members.mail.outgoing.digests import plan_summaries
from members.mail.outgoing.worker import deliver
from members.models import Delivery, User
from tests.factories import MembershipFactory
from tests.pipeline import DAY, MONDAY, call_in, coming
from tests.workers import kill, leases_end, sessions, start_worker, wait_for

__all__ = ["start_worker"]

PEOPLE = 20
TITLE = "Minuteword"
WEEK = timedelta(days=7)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def shown(visitor: Client, member: Client, issue, publication) -> set[str]:
    """The doors behind which it stands."""
    page = publication.get_absolute_url()
    doors = {
        "issue": (visitor, issue.get_absolute_url(), TITLE),
        "list": (visitor, f"{issue.get_absolute_url()}news/", TITLE),
        "page": (visitor, page, TITLE),
        "start": (visitor, "/", TITLE),
        "feed": (visitor, "/atom.xml", TITLE),
        "feed of the issue": (visitor, f"{issue.get_absolute_url()}atom.xml", TITLE),
        "map of the site": (visitor, "/sitemap.xml", page),
        "committee": (member, issue.committees.get().get_absolute_url(), TITLE),
        "search": (member, f"/search/?q={TITLE}", page),
        "list of the API": (member, "/api/publications/", TITLE),
        "API": (member, f"/api/publications/{publication.pk}/", TITLE),
    }
    return {name for name, (client, address, words) in doors.items() if words in client.get(address).text}


def plan_week(monday) -> None:
    """Its mails, to be sent now."""
    plan_summaries(monday)
    fresh = Delivery.objects.filter(kind="weekly_digest", state="queued")
    assert fresh.count() >= PEOPLE
    fresh.update(due_at=Now(), next_try_at=Now(), useless_after=Now() + timedelta(hours=12))


def mail_with_a_kill(smtp, start_worker: Callable[[], int], before: Callable = lambda: None) -> None:
    """The worker is killed in the middle; `before` its successor begins, something else happens."""
    smtp.delay = 0.1
    ours, had = sessions(), len(smtp.received)
    group = start_worker()
    wait_for(lambda: len(smtp.received) >= had + 3)
    kill(group, ours)
    before()
    leases_end()
    smtp.delay = 0
    deliver()


def test_at_its_minute_it_is_everywhere_and_in_one_mail_however_workers_are_killed(
    smtp, committee, carla, sign_in, start_worker
):
    members = [seat.user for seat in MembershipFactory.create_batch(PEOPLE, committee=committee)]
    User.objects.update(admitted_at=Now() - 4 * WEEK)
    visitor, member, issue = Client(), sign_in(members[0]), committee.issue
    call_in(3 * DAY, committee, carla)  # so that each week is worth a mail
    monday = max(each for each in (coming(MONDAY) - WEEK, coming(MONDAY) - 2 * WEEK) if each < timezone.now())
    words = {"slug": "minuteword", "title": TITLE, "summary": "Short.", "body": "Long."}
    publication = Publication(issue=issue, type="news", dated_on=timezone.localdate(), **words)
    plan_week(monday)

    def its_minute_comes() -> None:
        began = timezone.now()
        publication.store(carla, began + WEEK)
        assert shown(visitor, member, issue, publication) == set()
        minute = timezone.now() + 3 * (timezone.now() - began) + timedelta(seconds=1)  # time enough to look once more
        publication.store(carla, minute)
        found = shown(visitor, member, issue, publication)
        assert (found, timezone.now() < minute) == (set(), True)
        time.sleep((minute - timezone.now()).total_seconds())
        assert shown(visitor, member, issue, publication) == {
            "issue", "list", "page", "start", "feed", "feed of the issue", "map of the site", "committee", "search", "list of the API", "API",
        }  # fmt: skip

    mail_with_a_kill(smtp, start_worker, its_minute_comes)
    first = list(smtp.received)
    plan_week(monday + WEEK)
    mail_with_a_kill(smtp, start_worker)
    second = smtp.received[len(first) :]

    readers = Delivery.objects.filter(kind="weekly_digest").values("recipient").distinct().count()
    assert readers >= PEOPLE and Delivery.objects.exclude(state="sent").count() == 0
    assert [len({mail.id for mail in mails}) for mails in (first, second)] == [readers, readers]
    assert [any(map(names_it, first)), all(map(names_it, second))] == [False, True]


def names_it(mail) -> bool:
    return TITLE in mail.message.get_body(("plain",)).get_content()
