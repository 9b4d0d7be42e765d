"""How long what is kept: one table of rules. A rule reports for a month before an administrator can arm it.

A sweep takes a few hundred rows at a time, each batch for itself, and may run twice or be killed: what is taken is not
found again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.discovery import Registry
from members.models import (
    Application,
    AuditEntry,
    ContactRequest,
    Delivery,
    Export,
    FormerAddress,
    Import,
    InboundMail,
    RetentionCount,
    RetentionRule,
    Suppression,
)
from members.times.clock import today

BATCH = 500
KEPT_COUNTS = timedelta(days=90)
TICK = 20.0  # seconds of one sweep
YEAR = 365
Rows = models.QuerySet[Any]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rule:
    """`rows` are those of before a moment; `empties` are columns that are emptied where the row itself stays."""

    name: str
    label: str | Promise
    days: int
    rows: Callable[[datetime], Rows]
    empties: tuple[tuple[str, Any], ...] = ()

    def due(self) -> Rows:
        return self.rows(timezone.now() - timedelta(days=self.days))

    def take(self, keys: list[Any]) -> int:
        rows = self.due().filter(pk__in=keys)  # as they are now: somebody may have taken one up again
        if self.empties:
            return rows.update(**dict(self.empties))
        number = rows.count()
        rows.delete()
        return number

    @property
    def state(self) -> RetentionRule:
        return RetentionRule.objects.get_or_create(name=self.name)[0]


rules: Registry[Rule] = Registry("rules of how long things are kept")


def keep(name: str, label: str | Promise, days: int, rows: Callable[[datetime], Rows], **empties: Any) -> None:
    rules.add(name, Rule(name, label, days, rows, tuple(empties.items())))


def sweep() -> None:
    """Count what each rule finds, and let those that are armed take it."""
    end = time.monotonic() + TICK
    for rule in rules.values():
        try:
            _sweep(rule, end)
        except Exception:  # whatever it was, the next rule is swept
            log.exception("Rule %s failed", rule.name)


def _sweep(rule: Rule, end: float) -> None:
    state = rule.state
    if not state.armed_at:
        RetentionCount.objects.update_or_create(rule=state, day=today(), defaults={"number": rule.due().count()})
        state.counts.filter(day__lt=today() - KEPT_COUNTS).delete()
        return
    while time.monotonic() < end and _batch(rule, state):
        pass


@transaction.atomic
def _batch(rule: Rule, state: RetentionRule) -> int:
    """How many were taken. Nothing, when somebody disarmed it meanwhile."""
    if not RetentionRule.objects.select_for_update().filter(pk=state.pk, armed_at__isnull=False).exists():
        return 0
    taken = rule.take(list(rule.due().order_by("pk").values_list("pk", flat=True)[:BATCH]))
    RetentionRule.objects.filter(pk=state.pk).update(taken=F("taken") + taken, swept_at=Now())
    return taken


# The table ------------------------------------------------------------------------------------------------

OVER = ("sent", "suppressed", "expired", "failed")

keep(
    "raw_mail",
    _("Mail that came in, as it came"),
    90,
    lambda before: InboundMail.objects.filter(received_at__lt=before, state__in=["done", "ignored", "failed"]).exclude(
        raw=b""
    ),
    raw=b"",
)
keep(
    "words_of_mail",
    _("What people wrote back, and from where"),
    2 * YEAR,
    lambda before: InboundMail.objects.filter(received_at__lt=before, state__in=["done", "ignored", "failed"]).exclude(
        words="", subject="", sender=""
    ),
    words="",
    subject="",
    sender="",
    envelope_from=None,
    envelope_to="",
)
keep(
    "refusals",
    _("What mail servers answered when they refused a message"),
    180,
    lambda before: Delivery.objects.filter(created_at__lt=before, state__in=OVER).exclude(
        last_reply="", returned_reason=""
    ),
    last_reply="",
    returned_reason="",
)
keep(
    "words_of_messages",
    _("Subjects and facts of messages that went out"),
    2 * YEAR,
    lambda before: Delivery.objects.filter(created_at__lt=before, state__in=OVER).exclude(message_subject="", facts={}),
    message_subject="",
    facts={},
)
keep(
    "declined_applications",
    _("Applications that were declined, or ended without an answer"),
    YEAR,
    lambda before: Application.objects.filter(decided_at__lt=before).exclude(decision="approved"),
)
keep(
    "answers_of_applications",
    _("Reasons and notes of applications that were approved"),
    2 * YEAR,
    lambda before: Application.objects.filter(decided_at__lt=before, decision="approved").exclude(why="", note=""),
    why="",
    note="",
)
keep(
    "contact_requests",
    _("Questions how to reach somebody"),
    YEAR,
    lambda before: ContactRequest.objects.filter(asked_at__lt=before),
)
keep(
    "former_addresses",
    _("Addresses that people had before"),
    2 * YEAR,
    lambda before: FormerAddress.objects.filter(until__lt=before, reopened_at=None),
)
keep(
    "stopped_addresses",
    _("Addresses to which mail was stopped, and goes again"),
    YEAR,
    lambda before: Suppression.objects.filter(lifted_at__lt=before),
)
keep(
    "exports",
    _("Who exported whom (the files go after 7 days)"),
    3 * YEAR,
    lambda before: Export.objects.filter(requested_at__lt=before, file_gone_at__isnull=False),
)
keep(
    "imports",
    _("That a list was imported (the list itself goes after 30 days)"),
    3 * YEAR,
    lambda before: Import.objects.filter(touched_at__lt=before, file=""),
)
keep("activity", _("The activity log"), 6 * YEAR, lambda before: AuditEntry.objects.filter(at__lt=before))
keep(
    "repairs",
    _("The log of repairs in the administration"),
    6 * YEAR,
    lambda before: LogEntry.objects.filter(action_time__lt=before),
)
