"""After a restore from a backup, deliveries that were due before wait for staff: the database does not know what was
sent.

Each sweep notes where the database lies (`members_database_identity`, in the migrations) and when. One that lies
elsewhere and was not seen for ten minutes is a restored backup, or moved. A failover was seen a moment ago, and after a
pause of beat the database is the same: neither holds anything. Sign-in codes are never held.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat, Greatest, Left, Now
from django.utils.translation import gettext as _

from members.mail.wakeup import DELIVER, wake_on_commit
from members.models import AuditEntry, Delivery, Pipeline, User
from members.queries.sql import load, members_of, piece

log = logging.getLogger(__name__)

RESTORED = piece(
    "(pipeline.identity NOT IN ('', excluded.identity) AND pipeline.seen_at < excluded.seen_at - interval '10 minutes')"
)
WATCH = load(__file__, "watch", restored=RESTORED)
CATCH_UP = load(__file__, "catch_up", **members_of(Delivery.State))
HOLD = load(__file__, "hold")
HOME = piece(
    "SELECT EXISTS (SELECT FROM members_pipeline WHERE identity = members_database_identity()"
    " AND seen_at > statement_timestamp() - interval '5 minutes')"
)


def watch() -> None:
    """Note where the database lies; on a restored one, hold what was due before now."""
    reason = _("The database was restored from a backup, or moved.")
    if _ask(CATCH_UP):
        log.warning("The clock of the database has gone back. What was due by it goes now.")
    if _ask(WATCH, reason):
        log.warning("%s What was due before waits for staff.", reason)
        _record(None, "held messages", reason)


def notice_restore() -> None:
    """As `watch`, before a worker claims anything: it may run before the first sweep."""
    if not _ask(HOME):
        watch()


@transaction.atomic
def hold(reason: str) -> int:
    """Hold what is due now, for restores the database can't see, such as a snapshot of its disk. How many wait."""
    _ask(HOLD, reason[:200])
    _record(None, "held messages", reason)
    return held().count()


def held() -> QuerySet[Delivery]:
    """The deliveries that wait for the decision of staff."""
    return Delivery.objects.filter(is_held())


def is_held() -> Q:
    """A condition over deliveries: due before the hold, whatever their state."""
    before = Pipeline.objects.values("held_before")[:1]
    waiting = Q(state__in=[*Delivery.OPEN, Delivery.State.DIGESTED], lane=Delivery.Lane.NORMAL)
    return waiting & Q(due_at__lt=before)


def held_before() -> datetime | None:
    return Pipeline.objects.values_list("held_before", flat=True).first()


@transaction.atomic
def let_go(by: User, before: datetime) -> int | None:
    """Send the held deliveries, as far as their decision still allows. How many; None when staff decided already, or it
    was held anew.
    """
    if not _decided(by, before):
        return None
    waiting = _due(before)
    count = waiting.update(ready_at=Greatest(Now(), F("next_try_at")))
    _record(by, "let held messages go", count=count)
    wake_on_commit(DELIVER)
    return count


@transaction.atomic
def drop(by: User, before: datetime) -> int | None:
    """Suppress the held deliveries. How many; None as for `let_go`."""
    if not _decided(by, before):
        return None
    words, doubt = _("Staff decided not to send it after a restore."), " " + _("An earlier copy may have arrived.")
    waiting = _due(before)
    gone = {"state": Delivery.State.SUPPRESSED, "lease": None, "claims": 0}
    count = waiting.filter(state=Delivery.State.SENDING).update(
        reason=Left(Concat(Value(words), Value(doubt)), 200), **gone
    )
    count += waiting.update(reason=words, **gone)
    _record(by, "dropped held messages", count=count)
    return count


def _due(before: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        state__in=[*Delivery.OPEN, Delivery.State.DIGESTED], lane=Delivery.Lane.NORMAL, due_at__lt=before
    )


def _decided(by: User, before: datetime) -> bool:
    """Whether the decision is ours: two may make it at once, or another restore come between."""
    waiting = Pipeline.objects.filter(held_before=before)
    return bool(waiting.update(held_before=None, held_reason="", decided_at=Now(), decided_by=by))


def _record(by: User | None, verb: str, reason: str = "", count: int | None = None) -> None:
    after = {} if count is None else {"messages": count}
    AuditEntry.record(by, verb, Pipeline.objects.get(), after=after, reason=reason)


def _ask(statement: str, reason: str = "") -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"reason": reason})
        found = cursor.fetchone() if cursor.description else None
        return bool(found and found[0])
