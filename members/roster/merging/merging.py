"""Merging two accounts of one person: everything of the one becomes the other's in one transaction.

Others go first. The rows of the two people are locked so that others may still write what points at them: it comes
along later (`gather_late`). Whatever others have locked is waited for less long than the database takes to call it a
deadlock, and then all begins anew. So who answers a call in that moment is never the one that is turned away.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.accounts import disputes, sessions
from members.models import AuditEntry, Erasure, Merge, Profile, User
from members.queries.turns import take_turn
from members.roster.merging import fields
from members.roster.merging.carrying import Carrying
from members.roster.merging.rules import before
from members.terms.offices import settle_membership

TURN = "merging people"
WAITS = "300ms"  # less than deadlock_timeout, after which PostgreSQL ends one of two that wait for each other
TRIES = 12
STANDING = ("admitted_at", "left_at", "leaves_on", "barred_at", "is_active", "merged_into_id")
Done = TypeVar("Done")
PAUSE = 0.05  # seconds, and as much more at each try

log = logging.getLogger(__name__)


class NotMerged(Exception):
    """`words` say why."""

    def __init__(self, words: str | Promise) -> None:
        super().__init__(str(words))
        self.words = words


class Busy(NotMerged):
    """Others kept their rows locked all the time."""


@dataclass(frozen=True)
class Wish:
    """Which account stays, what it gets from the other (names of `fields`), and what the page showed of both."""

    kept: int
    merged: int
    chosen: frozenset[str] = frozenset()
    seen: str = ""

    @property
    def pair(self) -> tuple[int, int]:
        return self.kept, self.merged


def merge(wish: Wish, by: User | None) -> Merge:
    """Raises NotMerged, and PermissionDenied for oneself and where an administrator decides."""
    return patiently(lambda: _merge(wish, by))


def patiently(act: Callable[[], Done]) -> Done:
    """Do it in a transaction that gives way to all others."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [WAITS])
                return act()
        except (OperationalError, IntegrityError):  # the second: somebody took a place after it was looked at
            time.sleep(PAUSE * attempt)
    raise Busy(_("Others are working on the same rows just now. Nothing was changed: try again in a minute."))


def _merge(wish: Wish, by: User | None) -> Merge:
    take_turn(TURN)
    for lock in before:
        lock(wish.kept, wish.merged)
    people = {
        each.pk: each for each in User.objects.select_for_update(no_key=True).filter(pk__in=wish.pair).order_by("pk")
    }
    if len(people) < 2:
        raise NotMerged(_("One of the two accounts is no longer there."))
    kept, merged = people[wish.kept], people[wish.merged]
    refuse(kept, merged, by)
    if wish.seen and wish.seen != mark(kept, merged):
        raise NotMerged(_("One of the two changed since you opened the page. Look again: nothing was merged."))
    done = Merge.objects.create(kept=kept, merged=merged, by=by)
    carrying = Carrying(done)
    carrying.carry()
    _join_people(carrying, kept, merged, wish.chosen)
    _close(carrying, merged)
    _settle(carrying, kept, by)
    carrying.remember()
    sessions.end_all(merged)
    told = {"user": merged.pk, "rows": done.rows.count()}
    AuditEntry.record(by, "merged another account into", kept, before={"user": merged.pk}, after=told)
    AuditEntry.record(by, "merged into another account", merged, after={"user": kept.pk})
    return done


def mark(kept: User, merged: User) -> str:
    """Of what the page shows of both."""
    names = [field.name for field in fields.FIELDS]
    values = [str(field.of(each)) for each in (kept, merged) for field in fields.FIELDS]
    values += [str(getattr(each, name)) for each in (kept, merged) for name in (*STANDING, "pk")]
    return hashlib.sha256(json.dumps([names, values]).encode()).hexdigest()[:20]


def refuse(kept: User, merged: User, by: User | None) -> None:
    """Raise NotMerged or PermissionDenied unless these two may become one, the second into the first."""
    for each in (kept, merged):
        each.refuse_deciding(by)
        if not each.is_active:
            raise NotMerged(_("One of the two accounts is closed, or was merged already."))
        if disputes.is_open(each):
            raise NotMerged(_("An address of one of them is in dispute. An administrator settles that first."))
    if Erasure.objects.open().filter(person__in=[kept, merged]).exists():
        raise NotMerged(_("One of the two asked to be erased, so nothing is merged while that waits."))
    if sessions.has_factor(merged) and not sessions.has_factor(kept):
        words = _("%(name)s’s other account has a second step to sign in, so that is the one to keep.")
        raise NotMerged(words % {"name": merged.name})


def address_problem(kept: User, merged: User) -> bool:
    """Whether the other account’s address can’t be the one that signs in: nobody did with it, and somebody did with ours."""
    return merged.last_login is None and kept.last_login is not None


def _join_people(carrying: Carrying, kept: User, merged: User, chosen: frozenset[str]) -> None:
    taken = {field.name: value for field, value in fields.taken(kept, merged, set(chosen))}
    email = taken.pop("email", "")
    for name, value in taken.items():
        field = fields.BY_NAME[name]
        carrying.change(field.model, [field.row_of(kept).pk], **{name: value})
    for name in fields.AUDIENCES:
        closest = fields.closest(getattr(kept.profile, name), getattr(merged.profile, name))
        carrying.change(Profile, [kept.profile.pk], **{name: closest})
    for name, value in fields.standing(kept, merged).items():
        carrying.change(User, [kept.pk], **{name: value})
    proved = {each.email: each.last_login is not None for each in (kept, merged)}
    further = merged.email
    if email and not address_problem(kept, merged):
        _swap_addresses(carrying, kept, merged)
        further = kept.email
    if proved[further]:
        carrying.add(EmailAddress.objects.create(user=kept, email=further, verified=True, primary=False))


def _swap_addresses(carrying: Carrying, kept: User, merged: User) -> None:
    """Of two accounts no moment has the same address."""
    User.objects.filter(pk=merged.pk).update(email=free_address(merged.pk))
    carrying.change(User, [kept.pk], email=merged.email)
    carrying.note(merged, {"email": merged.email}, {"email": kept.email})
    User.objects.filter(pk=merged.pk).update(email=kept.email)


def free_address(pk: int) -> str:
    return f"merging-{pk}@portal.invalid"


def _close(carrying: Carrying, merged: User) -> None:
    carrying.change(User, [merged.pk], is_active=False)
    carrying.change(User, [merged.pk], merged_into_id=carrying.kept)


def _settle(carrying: Carrying, kept: User, by: User | None) -> None:
    """With the offices of both, when the membership ends."""
    now = User.objects.get(pk=kept.pk)
    was = now.leaves_on
    settle_membership(now, by)
    if now.leaves_on != was:
        carrying.note(now, *({"leaves_on": day and day.isoformat()} for day in (was, now.leaves_on)))


# What arrives late -----------------------------------------------------------------------------------------


def gather_late(within: timedelta) -> int:
    """Carry what requests that were on their way wrote for the account that was merged; how many rows."""
    return sum(_gather_one(each.pk) for each in Merge.objects.lately(within).order_by("pk"))


def _gather_one(number: int) -> int:
    try:
        return patiently(partial(_gather, number))
    except Exception:  # whatever it was, the next one is gathered, and this one is tried again
        log.exception("Gathering late rows of merge %s failed", number)
        return 0


def _gather(number: int) -> int:
    take_turn(TURN)
    merge = Merge.objects.standing().filter(pk=number).first()
    return Carrying(merge).carry() if merge else 0
