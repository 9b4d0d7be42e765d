"""Taking a merge back, for 30 days: each row becomes what it was, but for those that somebody changed since.

The last rows first, so that a place is free before what stood in it comes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from members.accounts import sessions
from members.models import AuditEntry, Merge, MergedRow, PossibleDuplicate, User
from members.models.merges import UNDO_FOR
from members.queries.turns import take_turn
from members.roster.merging import rows
from members.roster.merging.merging import TURN, NotMerged, free_address, patiently
from members.roster.merging.rules import before

Stays = MergedRow.Stays


def undo(merge: Merge, by: User) -> int:
    """How many rows stay with the account that was kept, each with its reason. Raises NotMerged, and PermissionDenied
    as `merge` does.
    """
    return patiently(lambda: _undo(merge.pk, by))


def why_not(merge: Merge) -> str:
    """Why it can't be taken back, "" when it can."""
    if merge.is_undone:
        return _("It was taken back already.")
    if merge.merged_at < timezone.now() - UNDO_FOR:
        return _("It was more than 30 days ago.")
    if not merge.kept.is_active:
        return _("The account that stayed is closed by now.")
    both = [merge.kept_id, merge.merged_id]
    later = Merge.objects.standing().filter(pk__gt=merge.pk)
    if later.filter(kept__in=both).exists() or later.filter(merged__in=both).exists():
        return _("The account was merged again later. Take that back first.")
    return ""


def _undo(number: int, by: User) -> int:
    take_turn(TURN)
    merge = Merge.objects.select_related("kept", "merged").get(pk=number)
    if words := why_not(merge):
        raise NotMerged(words)
    for lock in before:
        lock(merge.kept_id, merge.merged_id)
    for each in (
        User.objects.select_for_update(no_key=True).filter(pk__in=[merge.kept_id, merge.merged_id]).order_by("pk")
    ):
        each.refuse_deciding(by)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what does not fit says so at its row
    all_rows = list(merge.rows.order_by("-pk"))
    _free_addresses(merge, all_rows)
    changed = _changed_since(all_rows)
    for (table, _before, _after, is_left), group in groupby(all_rows, key=lambda row: _kind(row, row.pk in changed)):
        together = list(group)
        if is_left:
            _leave(together, Stays.CHANGED)
        else:
            _back(apps.get_model(table), together)
    left = [row for row in all_rows if row.stays]
    MergedRow.objects.bulk_update(left, ["stays"], batch_size=500)
    return _finish(merge, by, len(left))


def _kind(row: MergedRow, is_changed: bool) -> tuple[str, str, str, bool]:
    """Rows of one kind next to each other go back in one statement."""
    return row.table, str(row.before), str(row.after), is_changed


def _free_addresses(merge: Merge, all_rows: list[MergedRow]) -> None:
    """Where the two swapped addresses, none of them stands in the way of the other: the kept account goes first."""
    swapped = [row for row in all_rows if row.table == User._meta.label and "email" in row.before]
    if len(swapped) == 2:
        theirs = next(row for row in swapped if row.row == merge.merged_id)
        all_rows.remove(theirs)
        all_rows.append(theirs)
        User.objects.filter(pk=merge.merged_id, email=theirs.after["email"]).update(email=free_address(merge.merged_id))
        theirs.after = {"email": free_address(merge.merged_id)}


def _changed_since(all_rows: Sequence[MergedRow]) -> set[int]:
    """Those that are marked, and are not as merging left them."""
    marked: dict[str, list[MergedRow]] = defaultdict(list)
    for row in all_rows:
        if row.mark:
            marked[row.table].append(row)
    changed = set()
    for table, theirs in marked.items():
        now = rows.marks(apps.get_model(table), [row.row for row in theirs])
        changed |= {row.pk for row in theirs if now.get(row.row, row.mark) != row.mark}
    return changed


def _back(model: type[Model], together: list[MergedRow]) -> None:
    """All at once, or where one of them does not fit, one by one."""
    try:
        with transaction.atomic():
            _write(model, together)
    except IntegrityError:
        if len(together) == 1:
            _leave(together, Stays.TAKEN)
            return
        for row in together:
            _back(model, [row])


def _write(model: type[Model], together: list[MergedRow]) -> None:
    if not together[0].after:
        for row in together:
            rows.put_back(model, row.before)
        return
    now = rows.read(model, [row.row for row in together])
    for row in together:
        row.stays = _why_left(row, now)
    fit = [row for row in together if not row.stays]
    if fit and not fit[0].before:
        model._base_manager.filter(pk__in=[row.row for row in fit]).delete()
    elif fit:
        rows.write(model, [row.row for row in fit], fit[0].before)


def _why_left(row: MergedRow, now: dict[int, rows.Values]) -> str:
    there = now.get(row.row)
    if there is None:
        return Stays.GONE
    return "" if all(there.get(name) == value for name, value in row.after.items()) else Stays.CHANGED


def _leave(together: list[MergedRow], why: str) -> None:
    for row in together:
        row.stays = why


def _finish(merge: Merge, by: User, left: int) -> int:
    Merge.objects.filter(pk=merge.pk).update(undone_at=timezone.now(), undone_by=by)
    sessions.end_all(merge.kept)  # somebody may have come in by the address of the other
    PossibleDuplicate.of(merge.kept_id, merge.merged_id).set_apart(by)
    told = {"user": merge.merged_id, "rows_left": left}
    AuditEntry.record(by, "took back a merge", merge.kept, after=told)
    AuditEntry.record(by, "took back a merge", merge.merged)
    return left


def left_behind(merge: Merge) -> Iterator[tuple[str, str, int]]:
    """Of a merge that was taken back: what stayed (by table), why, and how many rows."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in merge.rows.exclude(stays=""):
        counts[row.table, row.get_stays_display()] += 1
    for (table, why), n in sorted(counts.items()):
        yield str(apps.get_model(table)._meta.verbose_name), why, n
