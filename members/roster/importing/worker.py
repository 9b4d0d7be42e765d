"""The worker of imports: claims one, reads it, carries it out or takes it back, a batch a transaction.

Where it is stands in its row alone. A lease that ran out is one whose worker was killed: the next goes on in the same
place, and one that only was slow finds its lease gone and writes nothing more. They are done one after the other.
"""

from __future__ import annotations

import logging
import time
import uuid

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from members.mail.wakeup import wake
from members.models import Import
from members.models.imports import LEASE, MOST_TRIES, READING
from members.queries.turns import take_turn
from members.roster.importing import committing, planning, undoing
from members.roster.importing.leases import Lost
from members.roster.reading.sheets import Unreadable

TICK = 20.0  # seconds after which a worker gives way to what else is waiting
TASK = "members.tasks.run_imports"

log = logging.getLogger(__name__)
State = Import.State


def ask() -> None:
    """Wake a worker on commit; a tick finds what that misses."""
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    wake(TASK)


def work(seconds: float = TICK) -> int:
    """Do what is to be done until there is nothing or the time is over. How many were claimed."""
    end, count = time.monotonic() + seconds, 0
    while imported := claim():
        count += 1
        try:
            _go_on(imported, end)
        except Lost:
            log.info("Import %s is somebody else’s, or was stopped", imported.pk)
        if time.monotonic() > end:
            wake(TASK)
            break
    return count


def work_or_wait() -> None:
    """For whoever waits for one: work, or let the worker that has something in hand work for a moment."""
    if not work():
        time.sleep(0.5)


@transaction.atomic
def claim() -> Import | None:
    """The oldest that is to be done, unless a worker has one in hand."""
    take_turn("imports")
    if Import.objects.filter(leased_until__gt=Now(), lease__isnull=False).exists():
        return None
    _give_up()
    free = Import.objects.running().filter(Q(lease=None) | Q(leased_until__lte=Now()))
    imported = free.select_for_update(of=("self",)).first()
    if imported:
        imported.lease = uuid.uuid4()
        lasts = READING if imported.state == State.PLANNING else LEASE
        Import.objects.filter(pk=imported.pk).update(
            lease=imported.lease, leased_until=Now() + lasts, tries=F("tries") + 1
        )
    return imported


def _give_up() -> None:
    """What stopped its worker again and again stops no more."""
    words = _("It stopped the program that was at it several times.")
    spent = Import.objects.filter(tries__gte=MOST_TRIES)
    planning_or_importing = Q(pk__in=Import.objects.to_plan()) | Q(pk__in=Import.objects.to_commit())
    spent.filter(planning_or_importing).update(failed_at=timezone.now(), failure=words, lease=None)


def _go_on(imported: Import, end: float) -> None:
    if imported.state == State.PLANNING:
        _plan(imported)
    elif imported.state == State.IMPORTING:
        committing.commit(imported, end)
    elif imported.state == State.UNDOING:
        undoing.undo(imported, end)
    _release(imported)


def _plan(imported: Import) -> None:
    imported.begun_at = timezone.now()
    imported.save(update_fields=["begun_at"])
    try:
        planning.plan(imported)
    except (Unreadable, OSError) as error:
        words = str(error) if isinstance(error, Unreadable) else _("The file is gone from the disk.")
        imported.failed_at, imported.failure = timezone.now(), words[:300]
        imported.save(update_fields=["failed_at", "failure"])


def _release(imported: Import) -> None:
    Import.objects.filter(pk=imported.pk, lease=imported.lease).update(lease=None, leased_until=None)
