"""Carrying out a plan: what was shown, row by row, once, or nothing because somebody changed its members since.

First every row is compared with the members of now; one that differs stops all, before anything is written. Then batches
are written, each with its rows marked as done in one transaction, its members locked and compared once more.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import timezone

from members.models import AuditEntry, Import, ImportRow, Jurisdiction, Office, Profile, User
from members.roster.importing.changes import Change, Standing, logged
from members.roster.importing.known import Known, Seat, known, seat_of
from members.roster.importing.leases import renew

AT_ONCE = 500
Done, Outcome = ImportRow.Done, ImportRow.Outcome


class NotAsPlanned(Exception):
    """Why a row cannot be carried out, as a stable word."""


def commit(imported: Import, end: float) -> None:
    """Go on until it is done or the time is over. Raises Lost when it was stopped."""
    if imported.verified_at is None and not verify(imported):
        return
    while time.monotonic() < end:
        with transaction.atomic():
            renew(imported, Import.objects.to_commit(), imported.done)
            rows = list(imported.rows_of.not_done().order_by("number")[:AT_ONCE])
            if not rows:
                _finish(imported)
                return
            Batch(imported, rows).write()
            renew(imported, Import.objects.to_commit(), imported.done + len(rows))


def _finish(imported: Import) -> None:
    now = timezone.now()
    Import.objects.filter(pk=imported.pk).update(finished_at=now, touched_at=now)
    AuditEntry.record(imported.confirmed_by, "imported", imported, after=imported.rows_of.count_done())


# Comparing ---------------------------------------------------------------------------------------


def verify(imported: Import) -> bool:
    """Whether everybody is as the plan showed them; if not, it says which rows are not, and nothing is imported."""
    stale: list[int] = []
    rows = (
        imported.rows_of.not_done().order_by("number").only("number", "outcome", "choices", "choice", "safe", "person")
    )
    taken = iter(rows.iterator(chunk_size=2000))
    while batch := list(islice(taken, 2000)):
        stale += _stale(batch)
    now = timezone.now()
    with transaction.atomic():
        renew(imported, Import.objects.to_commit(), imported.done)
        if not stale:
            Import.objects.filter(pk=imported.pk).update(verified_at=now)
            imported.verified_at = now
            return True
        imported.rows_of.filter(number__in=stale).update(done_reason=ImportRow.CHANGED_SINCE)
        Import.objects.filter(pk=imported.pk).update(outdated_at=now, version=F("version") + 1)
    return False


def _stale(rows: list[ImportRow]) -> list[int]:
    doing = [(row, todo) for row in rows if (todo := row.will_do)]
    members = known(todo["member"] for _row, todo in doing if todo["member"])
    new = {row.person["email"]: row.number for row, todo in doing if _creates(row, todo)}
    gone = [row.number for row, todo in doing if "fingerprint" in todo and not _is_as_planned(todo, members)]
    return sorted({*gone, *(new[email] for email in _taken(new))})


def _creates(row: ImportRow, todo: dict[str, Any]) -> bool:
    return todo["member"] is None and row.outcome != Outcome.MERGE


def _is_as_planned(todo: dict[str, Any], members: dict[int, Known]) -> bool:
    member = members.get(todo["member"])
    return member is not None and member.fingerprint == todo["fingerprint"]


def _taken(emails: Iterable[str]) -> set[str]:
    theirs = User.objects.annotate(lower=Lower("email")).filter(lower__in=sorted(emails))
    return set(theirs.values_list("lower", flat=True))


# Writing -----------------------------------------------------------------------------------------


@dataclass
class Work:
    """What is to be written of one person, by all rows of a batch that are about them."""

    user: User
    standing: Standing
    has_signed_in: bool = False
    fields: set[str] = field(default_factory=set)
    unstored: list[Change] = field(default_factory=list)  # of offices

    def seat(self, changes: list[Change]) -> None:
        self.unstored += [change for change in changes if change["field"] == "office"]


class Batch:
    """Some rows of an import, in the order of the file, written in the transaction that is open."""

    def __init__(self, imported: Import, rows: list[ImportRow]) -> None:
        self.imported, self.rows = imported, rows
        self.by = imported.confirmed_by
        self.people: dict[int, Work] = {}
        self.told: list[tuple[str, User, dict[str, Any], dict[str, Any]]] = []

    def write(self) -> None:
        doing = {row.number: todo for row in self.rows if (todo := self._todo(row))}
        self._lock(doing)
        self._create([row for row in self.rows if row.number in doing and _creates(row, doing[row.number])])
        for row in self.rows:
            if row.number in doing and not row.done:
                self._update(row, doing[row.number])
        self._store()
        self._mark()

    def _todo(self, row: ImportRow) -> dict[str, Any] | None:
        """What is done with the row; what is left alone says why."""
        todo = row.will_do
        if todo is None:
            row.done = Done.SKIPPED
            row.done_reason = row.reason if row.outcome in (Outcome.REJECT, Outcome.IGNORE) else "not_chosen"
        return todo

    def _lock(self, doing: dict[int, dict[str, Any]]) -> None:
        into = {row.into or 0 for row in self.rows if row.number in doing and row.outcome == Outcome.MERGE}
        earlier = self.imported.rows_of.filter(number__in=into, done_at__isnull=False)
        self.users_of = {row.number: row.wrote.get("user") for row in earlier.only("number", "wrote")}
        keys = {todo["member"] for todo in doing.values() if todo["member"]}
        keys |= {user for user in self.users_of.values() if user}
        self.members = known(keys, lock=True)
        users = User.objects.in_bulk(list(self.members))
        self.people = {
            key: Work(users[key], Standing.of(each), each.has_signed_in) for key, each in self.members.items()
        }

    # New people ----------------------------------------------------------------------------------

    def _create(self, rows: list[ImportRow]) -> None:
        taken = _taken(row.person["email"] for row in rows)
        try:
            with transaction.atomic():
                self._insert([row for row in rows if row.person["email"] not in taken])
        except IntegrityError:  # somebody signed up in this moment
            taken = _taken(row.person["email"] for row in rows)
            self._insert([row for row in rows if row.person["email"] not in taken])
        for row in rows:
            if row.person["email"] in taken:
                row.done, row.done_reason = Done.FAILED, ImportRow.CHANGED_SINCE

    def _insert(self, rows: list[ImportRow]) -> None:
        zones = self._zones(rows)
        users = User.objects.bulk_create([self._user(row, zones) for row in rows])
        changes = {row.number: deepcopy((row.will_do or {})["changes"]) for row in rows}
        phones = [next((change["after"] for change in _of(row, "phone")), "") for row in rows]
        Profile.objects.bulk_create(
            [Profile(user=user, phone=phone) for user, phone in zip(users, phones, strict=True)]
        )
        for row, user, phone in zip(rows, users, phones, strict=True):
            work = Work(user, Standing(user.name, user.email, phone))
            self.people[user.pk] = work
            work.seat(changes[row.number])
            row.wrote = {"user": user.pk, "created": True, "changes": changes[row.number]}
            row.done, row.member_id = Done.CREATED, user.pk
            self.users_of[row.number] = user.pk
            self.told.append(("added by an import", user, {}, {"row": row.number}))

    def _user(self, row: ImportRow, zones: dict[int, str]) -> User:
        person = row.person
        user = User(
            email=person["email"],
            name=person["name"],
            given_name=(person["given_name"] or person["name"].split()[0])[:60],
            admitted_at=timezone.now(),
        )
        places = [change["after"]["jurisdiction"] for change in _of(row, "office")]
        if zone := next((zones[place] for place in places if place in zones), ""):
            user.timezone = zone
        user.set_unusable_password()
        return user

    def _zones(self, rows: list[ImportRow]) -> dict[int, str]:
        places = {change["after"]["jurisdiction"] for row in rows for change in _of(row, "office")}
        return dict(Jurisdiction.objects.filter(pk__in=places).values_list("pk", "time_zone"))

    # Known people --------------------------------------------------------------------------------

    def _update(self, row: ImportRow, todo: dict[str, Any]) -> None:
        try:
            work = self._person(row, todo)
            changes = _apply(work, deepcopy(todo["changes"]))
        except NotAsPlanned as why:
            row.done, row.done_reason = Done.FAILED, str(why)
            return
        row.wrote = {"user": work.user.pk, "created": False, "changes": changes}
        row.done, row.member_id = (Done.UPDATED if changes else Done.UNCHANGED), work.user.pk
        self.users_of[row.number] = work.user.pk
        if changes:
            self.told.append(("updated by an import", work.user, *logged(changes)))

    def _person(self, row: ImportRow, todo: dict[str, Any]) -> Work:
        if row.outcome == Outcome.MERGE:
            key = self.users_of.get(row.into or 0)
            if not key or key not in self.people:
                raise NotAsPlanned("other_row_not_imported")
            _store_seats([self.people[key]])  # what it adds to may be of this batch
            return self.people[key]
        if not _is_as_planned(todo, self.members):
            raise NotAsPlanned(ImportRow.CHANGED_SINCE)
        return self.people[todo["member"]]

    # In the database -----------------------------------------------------------------------------

    def _store(self) -> None:
        """Names, numbers and offices of all; addresses one by one, as what speaks for somebody ends with them."""
        works = list(self.people.values())
        named = [work for work in works if "name" in work.fields]
        for work in named:
            work.user.name = work.standing.name
        User.objects.bulk_update([work.user for work in named], ["name"])
        called = {work.user.pk: work.standing.phone for work in works if "phone" in work.fields}
        profiles = list(Profile.objects.filter(user__in=called))
        for profile in profiles:
            profile.phone = called[profile.user_id]
        Profile.objects.bulk_update(profiles, ["phone"])
        _store_seats(works)
        for work in works:
            if "email" in work.fields:
                work.user.change_email(work.standing.email, self.by, reason=self.imported.name)

    def _mark(self) -> None:
        """What each row did, with a fingerprint of whom it did it to: to take it back, they must be as it left them."""
        after = known(row.wrote["user"] for row in self.rows if row.wrote)
        now = timezone.now()
        for row in self.rows:
            row.done_at = now
            if row.wrote:
                row.wrote["fingerprint"] = after[row.wrote["user"]].fingerprint
        ImportRow.objects.bulk_update(self.rows, ["done", "done_reason", "done_at", "wrote", "member"])
        for verb in ("added by an import", "updated by an import"):
            acts = [(user, before, after) for word, user, before, after in self.told if word == verb]
            AuditEntry.record_all(self.by, verb, acts)


def _apply(work: Work, changes: list[Change]) -> list[Change]:
    """Note what is to be written. Raises NotAsPlanned where something is not as it was before."""
    for change in changes:
        _refuse_other(work, change)
    for change in changes:
        if change["field"] != "office":
            work.standing = replace(work.standing, **{change["field"]: change["after"]})
            work.fields.add(change["field"])
    work.seat(changes)
    return changes


def _refuse_other(work: Work, change: Change) -> None:
    name, before, after = change["field"], change["before"], change["after"]
    if name == "office":
        if before and not _is_held(work, change):
            raise NotAsPlanned(ImportRow.CHANGED_SINCE)
    elif getattr(work.standing, name) != before or (name == "email" and (work.has_signed_in or _taken([after]))):
        raise NotAsPlanned(ImportRow.CHANGED_SINCE)


def _is_held(work: Work, change: Change) -> bool:
    """Whether the office is as it was before; one of a row before this was planned without its key, which it gets here."""
    before = seat_of(change["before"])
    for seat in work.standing.seats:
        if seat == (before if before.pk else replace(before, pk=seat.pk)):
            change["before"]["pk"] = change["after"]["pk"] = seat.pk
            return True
    return False


def _store_seats(works: list[Work]) -> None:
    changes = [(work, change) for work in works for change in work.unstored]
    new = [(work, change) for work, change in changes if change["after"]["pk"] is None]
    made = Office.objects.bulk_create([office_of(work.user.pk, seat_of(change["after"])) for work, change in new])
    for (_work, change), office in zip(new, made, strict=True):
        change["after"]["pk"] = office.pk
    corrected = {
        change["after"]["pk"]: office_of(work.user.pk, seat_of(change["after"]))
        for work, change in changes
        if change["before"]
    }
    Office.objects.bulk_update(list(corrected.values()), ["title", "district", "started_on", "ended_on"])
    for work, change in changes:
        seat = seat_of(change["after"])
        others = tuple(each for each in work.standing.seats if each.pk != seat.pk)
        work.standing = replace(work.standing, seats=(*others, seat))
    for work in works:
        work.unstored = []


def _of(row: ImportRow, name: str) -> list[Change]:
    return [change for change in (row.will_do or {"changes": []})["changes"] if change["field"] == name]


def office_of(user: int, seat: Seat) -> Office:
    return Office(
        pk=seat.pk,
        user_id=user,
        title=seat.title,
        level=seat.level,
        jurisdiction_id=seat.jurisdiction,
        district=seat.district,
        started_on=seat.started_on,
        ended_on=seat.ended_on,
    )
