"""Working through an act on many people, a batch a transaction.

Whoever works holds the row of the act: a second worker goes on to the next one. A worker that dies leaves its batch undone,
and the next tick begins it again. One person for whom it fails stops nobody else.
"""

from __future__ import annotations

import logging

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from members.models import BulkAct
from members.models.bulk_acts import BulkActPerson
from members.roster.bulk_acts.kinds import Kind, kinds
from members.web.meanwhile import ChangedMeanwhile

BATCH = 50
AT_ONCE = 100  # so many are done while somebody waits for the page

State = BulkActPerson.State
logger = logging.getLogger(__name__)


def sweep() -> None:
    """Everything that waits."""
    for act in BulkAct.objects.to_do():
        work(act)


def work(act: BulkAct) -> None:
    while _batch(act.pk):
        pass


@transaction.atomic
def _batch(pk: int) -> bool:
    """Whether there is more to do here."""
    act = BulkAct.objects.to_do().select_for_update(skip_locked=True, no_key=True).filter(pk=pk).first()
    if act is None:
        return False
    waiting = State.DONE if act.undone_at else State.WAITING
    rows = list(act.people.filter(state=waiting).select_related("person").order_by("pk")[:BATCH])
    kind = kinds.get(act.kind)
    for row in rows:
        row.state, row.note = _outcome(act, kind, row)
    BulkActPerson.objects.bulk_update(rows, ["state", "note"])
    if len(rows) < BATCH:
        BulkAct.objects.filter(pk=pk).update(finished_at=Now())
    return len(rows) == BATCH


def _outcome(act: BulkAct, kind: Kind | None, row: BulkActPerson) -> tuple[str, str]:
    """The state that the person is in afterwards, with words where it was not done."""
    not_done = State.KEPT if act.undone_at else State.REFUSED
    if kind is None or not act.by.is_staff_member:
        return not_done, _("Who asked for it may not do it any more.")
    try:
        with transaction.atomic():
            if act.undone_at:
                return (
                    (State.UNDONE, "")
                    if kind.undo(row.person, act.facts, act.by)
                    else (not_done, _("It changed since."))
                )
            return (State.DONE if kind.do(row.person, act.facts, act.by, act.reason) else State.SAME), ""
    except (ValidationError, PermissionDenied) as refused:
        return not_done, _words(refused)[:200]
    except ChangedMeanwhile:
        return not_done, _("It changed in this moment.")
    except Exception:  # one row of thousands: the others are done, and the log has what happened
        logger.exception("Act %s on person %s failed", act.pk, row.person_id)
        return not_done, _("Something went wrong with this one.")


def _words(refused: ValidationError | PermissionDenied) -> str:
    return str(refused.messages[0]) if isinstance(refused, ValidationError) else str(refused) or _("You may not.")
