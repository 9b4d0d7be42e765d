"""After a restore from a backup the database does not know what was sent since: what was due before waits for staff.

Each sweep notes where the database lies (`members_database_identity`, in the migrations) and when. A database that lies
elsewhere and was not seen for ten minutes is a restored backup, or moved. A failover was seen a moment ago, and a beat
that was away finds the same database: neither holds anything. The lane of codes is never held.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat, Greatest, Left, Now
from django.utils.translation import gettext as _

from members.mail.wakeup import DELIVER, kick
from members.models import AuditEntry, Delivery, Pipeline, User

log = logging.getLogger(__name__)

WATCH = """
INSERT INTO members_pipeline AS pipeline (id, identity, seen_at) VALUES (1, members_database_identity(), statement_timestamp())
ON CONFLICT (id) DO UPDATE SET identity = excluded.identity, seen_at = excluded.seen_at,
    held_before = CASE WHEN {restored} THEN excluded.seen_at ELSE pipeline.held_before END,
    held_reason = CASE WHEN {restored} THEN %(reason)s ELSE pipeline.held_reason END
RETURNING held_before IS NOT DISTINCT FROM seen_at
""".format(
    restored="(pipeline.identity NOT IN ('', excluded.identity) AND pipeline.seen_at < excluded.seen_at - interval '10 minutes')"
)
# What was due by a clock that has gone back since would wait until that clock comes round again. Asked before `seen_at` is
# set back as well; while the clock runs on it costs nothing.
CATCH_UP = """
UPDATE members_delivery SET next_try_at = statement_timestamp()
WHERE state = 'queued' AND due_at <= (SELECT seen_at FROM members_pipeline) AND next_try_at > statement_timestamp()
    AND (SELECT seen_at FROM members_pipeline) > statement_timestamp() + interval '1 minute'
RETURNING true
"""
HOME = """
SELECT EXISTS (SELECT FROM members_pipeline WHERE identity = members_database_identity() AND seen_at > statement_timestamp() - interval '5 minutes')
"""
HOLD = """
INSERT INTO members_pipeline AS pipeline (id, identity, seen_at, held_before, held_reason)
VALUES (1, members_database_identity(), statement_timestamp(), statement_timestamp(), %(reason)s)
ON CONFLICT (id) DO UPDATE SET identity = excluded.identity, seen_at = excluded.seen_at, held_before = excluded.held_before, held_reason = excluded.held_reason
"""


def watch() -> None:
    """Note where the database lies; from a restored one nothing goes that was due before now."""
    reason = _("The database was restored from a backup, or moved.")
    if _ask(CATCH_UP):
        log.warning("The clock of the database has gone back. What was due by it goes now.")
    if _ask(WATCH, reason):
        log.warning("%s What was due before waits for staff.", reason)
        _record(None, "held messages", reason)


def notice_restore() -> None:
    """Before anything is claimed: a worker may be there before the first sweep."""
    if not _ask(HOME):
        watch()


@transaction.atomic
def hold(reason: str) -> int:
    """For restores the database can't see, such as a snapshot of its disk. How many wait now."""
    _ask(HOLD, reason[:200])
    _record(None, "held messages", reason)
    return held().count()


def held() -> QuerySet[Delivery]:
    """What waits for the decision of staff."""
    return Delivery.objects.filter(is_held())


def is_held() -> Q:
    """Over deliveries, which need not be open."""
    before = Pipeline.objects.values("held_before")[:1]
    waiting = Q(state__in=[*Delivery.OPEN, Delivery.State.DIGESTED], lane=Delivery.Lane.NORMAL)
    return waiting & Q(due_at__lt=before)


def held_before() -> datetime | None:
    return Pipeline.objects.values_list("held_before", flat=True).first()


@transaction.atomic
def let_go(by: User, before: datetime) -> int | None:
    """Send what waits, as far as its kind still wants it sent. How many; None when it was decided already, or held anew."""
    if not _decided(by, before):
        return None
    waiting = _due(before)
    count = waiting.update(ready_at=Greatest(Now(), F("next_try_at")))
    _record(by, "let held messages go", count=count)
    kick(DELIVER)
    return count


@transaction.atomic
def drop(by: User, before: datetime) -> int | None:
    """Send none of what waits. How many; None as above."""
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
