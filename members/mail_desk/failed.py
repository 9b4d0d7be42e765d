"""What staff do about messages that were refused: send them again under the same Message-ID, or put them aside."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from members.mail.wakeup import DELIVER, wake_on_commit
from members.models import AuditEntry, Delivery, Pipeline, User
from members.models.deliveries import DeliveryQuerySet

NAMED = 200  # numbers of messages that an entry of the activity log keeps


@transaction.atomic
def send_again(by: User, refused: DeliveryQuerySet) -> int:
    """How many wait again. Each is asked anew before it goes, and exits when its facts have changed."""
    rows = list(refused.filter(state=Delivery.State.FAILED).select_for_update(of=["self"]))
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Delivery.State.QUEUED,
        reason="",
        failures=0,
        claims=0,
        refused_at=None,
        dismissed_at=None,
        dismissed_by=None,
        next_try_at=Now(),
        ready_at=Now(),
    )
    _record(by, "sent again", rows)
    wake_on_commit(DELIVER)
    return len(rows)


@transaction.atomic
def dismiss(by: User, refused: DeliveryQuerySet) -> tuple[int, datetime | None]:
    """How many are put aside, and the moment that names them to `bring_back`."""
    rows = list(refused.refused().select_for_update(of=["self"]))
    aside = Delivery.objects.filter(pk__in=[row.pk for row in rows])
    aside.update(dismissed_at=Now(), dismissed_by=by)
    _record(by, "dismissed messages", rows)
    return len(rows), aside.values_list("dismissed_at", flat=True).first()


@transaction.atomic
def bring_back(by: User, moment: datetime) -> int:
    """Undo what `by` dismissed at that moment. How many are in the list again."""
    rows = list(
        Delivery.objects.filter(state=Delivery.State.FAILED, dismissed_at=moment, dismissed_by=by).select_for_update(
            of=["self"]
        )
    )
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(dismissed_at=None, dismissed_by=None)
    _record(by, "brought back messages", rows)
    return len(rows)


def _record(by: User, verb: str, rows: list[Delivery]) -> None:
    """One entry an act, whether about one message or many."""
    if not rows:
        return
    pipeline, _new = Pipeline.objects.get_or_create(pk=1)
    numbers = [row.pk for row in rows[:NAMED]]
    AuditEntry.record(by, verb, pipeline, after={"messages": len(rows), "numbers": numbers})
