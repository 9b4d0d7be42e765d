"""Taking a whole import back: the last rows first, each only where everything is as the row left it.

Who was added goes again unless something hangs on them: they signed in, sit on a committee, answered a call, were written
to. What is not taken back says why.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import models, transaction
from django.utils import timezone

from members.models import AuditEntry, FormerAddress, Import, ImportRow, Office, Profile, User
from members.roster.importing.changes import logged
from members.roster.importing.committing import office_of
from members.roster.importing.known import Known, known, seat_of
from members.roster.importing.leases import renew

AT_ONCE = 500
CHANGED, IN_USE, GONE = "changed_since", "in_use", "gone"
OWN = (
    Profile,
    Office,
    ImportRow,
    FormerAddress,
    LogEntry,
    AuditEntry,
)  # what an import makes, and what only tells of them


def undo(imported: Import, end: float) -> None:
    """Go on until all is taken back that can be, or the time is over. Raises Lost."""
    while time.monotonic() < end:
        with transaction.atomic():
            renew(imported, Import.objects.to_undo(), imported.done)
            rows = list(imported.rows_of.to_take_back()[:AT_ONCE])
            if not rows:
                Import.objects.filter(pk=imported.pk).update(undone_at=timezone.now())
                return
            rows = list(imported.rows_of.to_take_back().about({row.wrote["user"] for row in rows}))
            _take_back(imported, rows)
            renew(imported, Import.objects.to_undo(), imported.done + len(rows))


def _take_back(imported: Import, rows: list[ImportRow]) -> None:
    """Rows of whole people, the last of each first: what it left must be what is there."""
    theirs: dict[int, list[ImportRow]] = defaultdict(list)
    for row in rows:
        theirs[row.wrote["user"]].append(row)
    members = known(theirs, lock=True)
    added = {key for key, each in theirs.items() if each[-1].wrote["created"]}
    used = in_use(added & members.keys())
    back = []
    for key, each in theirs.items():
        why = _why_not(members.get(key), each[0], in_use=key in used, was_added=key in added)
        back += [key] if not why else []
        for row in each:
            row.undo_reason, row.undone_at = why, timezone.now()
    users = User.objects.in_bulk(back)
    _restore({key: theirs[key] for key in back if key not in added}, users, imported)
    _remove([users[key] for key in back if key in added], imported)
    ImportRow.objects.bulk_update(rows, ["undone_at", "undo_reason"])


def _why_not(member: Known | None, last: ImportRow, *, in_use: bool, was_added: bool) -> str:
    if member is None:
        return GONE
    if member.fingerprint != last.wrote["fingerprint"]:
        return CHANGED
    return IN_USE if was_added and (in_use or member.has_signed_in) else ""


def _restore(theirs: dict[int, list[ImportRow]], users: dict[int, User], imported: Import) -> None:
    before = {key: _before(rows) for key, rows in theirs.items()}
    named = [_with(users[key], "name", was["name"]) for key, was in before.items() if "name" in was]
    User.objects.bulk_update(named, ["name"])
    called = {key: was["phone"] for key, was in before.items() if "phone" in was}
    profiles = [_with(each, "phone", called[each.user_id]) for each in Profile.objects.filter(user__in=called)]
    Profile.objects.bulk_update(profiles, ["phone"])
    offices = [(key, *office) for key, was in before.items() for office in was["offices"].items()]
    Office.objects.filter(pk__in=[pk for _key, pk, office in offices if office is None]).delete()
    left = set(
        Office.objects.filter(pk__in=[pk for _key, pk, _office in offices], leaves=True).values_list("pk", flat=True)
    )
    corrected = [office_of(key, seat_of(office)) for key, pk, office in offices if office and pk not in left]
    Office.objects.bulk_update(corrected, ["title", "district", "started_on", "ended_on"])
    for key, was in before.items():
        if "email" in was:
            users[key].change_email(was["email"], imported.undo_asked_by, reason=imported.name)
    told = []
    for key, rows in theirs.items():
        was, became = logged([change for row in rows for change in row.wrote["changes"]])
        told.append((users[key], became, was))
    AuditEntry.record_all(imported.undo_asked_by, "took back what an import changed", told)


def _before(rows: list[ImportRow]) -> dict[str, Any]:
    """What was there before the first of these rows, by field; offices by key, None for one that was not there."""
    was: dict[str, Any] = {"offices": {}}
    for change in (change for row in rows for change in reversed(row.wrote["changes"])):
        if change["field"] == "office":
            was["offices"][change["after"]["pk"]] = change["before"]
        else:
            was[change["field"]] = change["before"]
    return was


def _with(row: Any, name: str, value: Any) -> Any:
    setattr(row, name, value)
    return row


def _remove(users: list[User], imported: Import) -> None:
    AuditEntry.record_all(imported.undo_asked_by, "took back whom an import added", [(user, {}, {}) for user in users])
    keys = [user.pk for user in users]
    Office.objects.filter(user__in=keys).delete()
    User.objects.filter(pk__in=keys).delete()


def in_use(keys: set[int]) -> set[int]:
    """Of these people, on whom rows of others hang: whatever points at people, in this app or above it."""
    used: set[int] = set()
    for relation in User._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or used == keys:
            continue
        model, name = relation.related_model, relation.field.name
        if (
            model in OWN or relation.on_delete is models.DO_NOTHING
        ):  # the last is history of tables looked at themselves
            continue
        pointing = model._base_manager.filter(**{f"{name}__in": keys - used}).order_by()
        used |= set(pointing.values_list(name, flat=True).distinct())
    return used
