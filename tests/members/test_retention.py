"""S10: a rule counts for thirty days before anybody can arm it; armed, it takes exactly those."""

from datetime import timedelta

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.urls import reverse
from django.utils import timezone

from members.models import Application, AuditEntry, InboundMail, RetentionCount, RetentionRule
from members.privacy import retention
from members.privacy.retention import rules
from members.tasks import forget_by_rule
from members.times.clock import today

pytestmark = pytest.mark.django_db
PAGE = "/staff/retention/"


def mail(days: int, number: int, **words) -> InboundMail:
    at = timezone.now() - timedelta(days=days)
    words = {"state": "done", "raw": b"as it came", "size": 10, "via": "local"} | words
    return InboundMail.objects.create(message_id=f"{number}@x", received_at=at, **words)


@pytest.fixture
def mails(db) -> list[InboundMail]:
    old = [mail(91, number) for number in range(3)]
    mail(89, 10)
    mail(91, 11, state="waiting")
    mail(91, 12, state="new")
    return old


def row(name: str = "raw_mail") -> RetentionRule:
    return RetentionRule.objects.get(name=name)


def kept() -> int:
    return InboundMail.objects.exclude(raw=b"").count()


def report_for_thirty_days() -> None:
    RetentionRule.objects.update(since=today() - timedelta(days=30))


def test_it_counts_every_day_and_takes_nothing(mails, sign_in, ada, settings):
    settings.BACKUPS_KEPT_DAYS = 35
    client = sign_in(ada)
    assert "not counted yet" in client.get(PAGE).text
    forget_by_rule()
    forget_by_rule()
    assert RetentionCount.objects.get(rule=row()).number == 3 and RetentionCount.objects.count() == len(rules)
    assert kept() == 6
    RetentionCount.objects.create(rule=row(), day=today() - timedelta(days=1), number=7)
    page = client.get(PAGE).text
    assert "2 days counted: 3 to 7" in page
    assert "Mail that came in" in page and "Can be armed from" in page and "35 days" in page
    assert client.post(reverse("staff_retention_arm", args=["raw_mail"])).status_code == 302
    assert row().armed_at is None
    forget_by_rule()
    assert kept() == 6


def test_armed_it_takes_exactly_those_in_small_batches(mails, sign_in, ada, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    forget_by_rule()
    report_for_thirty_days()
    client = sign_in(ada)
    client.post(reverse("staff_retention_arm", args=["raw_mail"]))
    assert kept() == 6, "until the next sweep"
    forget_by_rule()
    forget_by_rule()
    assert kept() == 3 and row().taken == 3
    assert {each.pk for each in InboundMail.objects.filter(raw=b"")} == {each.pk for each in mails}
    assert AuditEntry.objects.get(verb="armed").actor == ada
    assert RetentionRule.objects.filter(armed_at__isnull=False).count() == 1
    client.post(reverse("staff_retention_disarm", args=["raw_mail"]))
    mail(91, 20)
    forget_by_rule()
    assert kept() == 4 and AuditEntry.objects.filter(verb="disarmed").exists()


def test_one_rule_that_fails_holds_up_no_other(mails, monkeypatch):
    def fail(*args):
        raise RuntimeError

    first = next(iter(rules))
    monkeypatch.setitem(rules, first, retention.Rule(first, "x", 1, fail))
    forget_by_rule()
    assert RetentionCount.objects.count() == len(rules) - 1


def test_each_rule_finds_and_takes(db):
    for rule in rules.values():
        assert rule.take(list(rule.due().values_list("pk", flat=True))) == 0, rule.name


def test_every_way_an_application_ends_has_a_rule(ana):
    ends = dict.fromkeys(Application.Decision.values, timezone.now() - timedelta(days=3 * 365))
    for decision, at in ends.items():
        Application.objects.create(
            applicant=ana, title="Alder", place="Somewhere", why="Why.", decision=decision, decided_at=at
        )
    found = [rules[name].due() for name in ("declined_applications", "answers_of_applications")]
    assert sorted(each.decision for rows in found for each in rows) == sorted(ends)


def test_it_is_for_administrators_with_a_fresh_proof(mails, sign_in, ada, stu):
    assert sign_in(stu).get(PAGE).status_code == 403
    client = sign_in(ada)
    forget_by_rule()
    report_for_thirty_days()
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        each | {"at": each["at"] - 3600} for each in session[AUTHENTICATION_METHODS_SESSION_KEY]
    ]
    session.save()
    assert (
        reverse("account_reauthenticate") in client.post(reverse("staff_retention_arm", args=["raw_mail"]))["Location"]
    )
    assert row().armed_at is None
    assert client.post(reverse("staff_retention_arm", args=["nothing"])).status_code in (302, 404)
