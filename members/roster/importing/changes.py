"""What a row would change of a person: before and after, field by field. Empty cells change nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from members.place_names.words import fold
from members.roster.importing.known import Known, Seat
from members.roster.importing.namesakes import is_spelled_otherwise
from members.roster.reading.people import Person

OF_A_PLACE = frozenset(("city", "town", "township", "village", "county"))  # said or not, it is one title
DETAILS = ("title", "district", "started_on", "ended_on")


@dataclass(frozen=True)
class Standing:
    """Of a person: what is known, or what the rows before this one would make of it."""

    name: str = ""
    email: str = ""
    phone: str = ""
    seats: tuple[Seat, ...] = ()

    @classmethod
    def of(cls, member: Known) -> Standing:
        return cls(member.name, member.email, member.phone, member.seats)


Change = dict[str, Any]


def changes_to(
    standing: Standing, row: Person, *, place: int | None = None, email: bool = False, fills: bool = False
) -> tuple[list[Change], Standing]:
    """What the row would change, and what is then.

    `place` is the government where the row does not tell one. `email` whether its address replaces the one to sign in
    with: nobody's does who ever signed in, as a list must not let somebody else in. `fills` for a second row about somebody: it adds, and corrects nothing of what the first says.
    """
    changes: list[Change] = []
    after = standing
    if row.name and not (fills and standing.name) and not is_spelled_otherwise(standing.name, row.name):
        changes.append(_change("name", standing.name, row.name))
        after = replace(after, name=row.name)
    if (email or not standing.email) and row.email and row.email != standing.email.casefold():
        changes.append(_change("email", standing.email, row.email))
        after = replace(after, email=row.email)
    if row.phone and row.phone != standing.phone and not (fills and standing.phone):
        changes.append(_change("phone", standing.phone, row.phone))
        after = replace(after, phone=row.phone)
    seat = seat_in(row, place)
    if seat:
        change, seats = _seated(after.seats, seat, fills)
        changes += [change] if change else []
        after = replace(after, seats=seats)
    return changes, after


def seat_in(row: Person, place: int | None = None) -> Seat | None:
    """The office that the row says somebody holds; None without a title or a government."""
    jurisdiction = row.jurisdiction or place
    if not jurisdiction or not row.office or not row.level:
        return None
    started, ended = row.started_on, row.ended_on
    if started and ended and ended < started:
        started = None
    return Seat(None, row.office[:80], row.level, jurisdiction, row.district[:60], started, ended)


def logged(changes: list[Change]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Before and after for the activity log, without what stayed the same of an office."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for change in changes:
        if change["field"] != "office":
            before[change["field"]], after[change["field"]] = change["before"], change["after"]
            continue
        was = change["before"] or {}
        differ = [name for name in DETAILS if was.get(name, "") != change["after"][name]]
        before |= {name: was.get(name, "") for name in differ}
        after |= {name: change["after"][name] for name in differ}
    return before, after


def _change(field: str, before: Any, after: Any) -> Change:
    return {"field": field, "before": before, "after": after}


def _seated(seats: tuple[Seat, ...], new: Seat, fills: bool) -> tuple[Change | None, tuple[Seat, ...]]:
    """The office corrected where it is one that is known, else added."""
    known = _same_seat(seats, new)
    if known is None:
        return _change("office", None, new.stored()), (*seats, new)
    merged = _merged(known, new, fills)
    if merged == known:
        return None, seats
    if merged.started_on and merged.ended_on and merged.ended_on < merged.started_on:
        merged = replace(merged, started_on=new.started_on)
    if merged == known:
        return None, seats
    others = tuple(merged if each is known else each for each in seats)
    return _change("office", known.stored(), merged.stored()), others


def _same_seat(seats: tuple[Seat, ...], new: Seat) -> Seat | None:
    """The one of that title there, or the only one there that could have become it."""
    there = [each for each in seats if each.jurisdiction == new.jurisdiction]
    titled = [each for each in there if _plain(each.title) == _plain(new.title)]
    begun = [each for each in titled if each.started_on == new.started_on or not new.started_on or not each.started_on]
    if begun or titled:
        return (begun or titled)[-1]
    return there[0] if len(there) == 1 else None


def _merged(known: Seat, new: Seat, fills: bool) -> Seat:
    values = {}
    for name in DETAILS:
        before, after = getattr(known, name), getattr(new, name)
        same = after == before or (isinstance(after, str) and _plain(after) == _plain(before or ""))
        if after and not same and not (fills and before):
            values[name] = after
    return replace(known, **values) if values else known


def _plain(text: str) -> list[str]:
    """City Council Member and Council member are one title in one place."""
    words = fold(text).split()
    return [word for word in words if word not in OF_A_PLACE] or words
