"""Planning: each app derives from facts which deliveries should exist now, and those missing are stored.

Any number of sweeps, by anyone and after any pause, give the same rows. Only one runs at a time; a second returns at
once. A planner that fails does not stop the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import connection, transaction

from members.discovery import Registry
from members.mail.outgoing import restore_hold
from members.models import Stumble

log = logging.getLogger(__name__)

LOCK = 0x706C616E  # any number, the same for every planner

planners: Registry[Callable[[], int]] = Registry("planners")


def planner(derive: Callable[[], int]) -> Callable[[], int]:
    """Register a function that stores missing deliveries with one INSERT ... SELECT ... ON CONFLICT DO NOTHING, and
    returns how many.
    """
    planners.add(derive.__name__, derive)
    return derive


def plan() -> int | None:
    """Run all planners. How many deliveries are new; None while another sweep runs. First it checks for a restored
    database.
    """
    restore_hold.watch()
    return sweep()


@transaction.atomic
def sweep() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
    return sum(map(_derived, planners.values()))


def _derived(derive: Callable[[], int]) -> int:
    """What one planner stored; one that fails leaves the others alone, and staff see it when it fails again and again."""
    try:
        with transaction.atomic():
            count = derive()
    except Exception as error:  # a database that is away says so again in the next line
        log.exception("%s failed", derive.__name__)
        Stumble.objects.note(derive.__name__, str(error) or type(error).__name__)
        return 0
    Stumble.objects.filter(part=derive.__name__).delete()
    return count
