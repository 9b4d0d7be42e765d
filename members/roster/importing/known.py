"""What is known of members whom a list may be about, found for many rows at once, and a fingerprint of it.

A row of a plan is carried out only while the fingerprint of its member is the one it was planned with.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast, Coalesce, Lower

from members.models import ErasedAddress, FormerAddress, Office, Profile, Suppression, User
from members.queries.finding import Word
from members.roster.reading.people import Person


@dataclass(frozen=True)
class Seat:
    """An office. `pk` is None for one that is not stored yet."""

    pk: int | None
    title: str
    level: str
    jurisdiction: int
    district: str
    started_on: date | None
    ended_on: date | None

    def stored(self) -> dict[str, Any]:
        dates = {name: (day.isoformat() if day else "") for name, day in self._dates().items()}
        return {
            "pk": self.pk,
            "title": self.title,
            "level": self.level,
            "jurisdiction": self.jurisdiction,
            "district": self.district,
        } | dates

    def _dates(self) -> dict[str, date | None]:
        return {"started_on": self.started_on, "ended_on": self.ended_on}


def seat_of(stored: dict[str, Any]) -> Seat:
    days = {name: date.fromisoformat(stored[name]) if stored[name] else None for name in ("started_on", "ended_on")}
    return Seat(**(stored | days))


@dataclass(frozen=True)
class Known:
    """A person with an account, as far as lists are about them."""

    pk: int
    name: str
    email: str
    phone: str
    is_member: bool
    has_left: bool
    is_open: bool
    has_signed_in: bool
    left_with_office: bool
    seats: tuple[Seat, ...] = ()

    @property
    def fingerprint(self) -> str:
        facts = [self.name, self.email, self.phone, self.is_member, self.has_left, self.is_open]
        facts.append(sorted(json.dumps(seat.stored(), sort_keys=True) for seat in self.seats))
        return sha256(json.dumps(facts).encode()).hexdigest()[:32]


def known(keys: Iterable[int], *, lock: bool = False) -> dict[int, Known]:
    """By key. With `lock` nobody changes them until the transaction ends, offices and contact details with them."""
    wanted = sorted(set(keys))
    people = User.objects.filter(pk__in=wanted).order_by("pk")
    if lock:
        people = people.select_for_update(no_key=True)
    columns = ("pk", "name", "email", "is_active", "admitted_at", "left_at", "leaves_on", "barred_at", "last_login")
    rows = list(people.only(*columns[1:]))
    profiles = Profile.objects.filter(user__in=wanted).order_by("pk")
    offices = Office.objects.lasting().filter(user__in=wanted).order_by("pk")  # those they left are history
    if lock:
        profiles, offices = profiles.select_for_update(), offices.select_for_update()
    phones = dict(_with_phone(profiles).values_list("user", "as_text"))
    seats: dict[int, list[Seat]] = defaultdict(list)
    facts = ("user", "pk", "title", "level", "jurisdiction", "district", "started_on", "ended_on")
    for user, *values in offices.values_list(*facts):
        seats[user].append(Seat(*values))
    return {
        each.pk: Known(
            each.pk,
            each.name,
            each.email,
            phones.get(each.pk) or "",
            each.is_member,
            bool(each.admitted_at) and not each.is_member,
            each.is_active and not each.barred_at,
            each.last_login is not None,
            not each.is_member and each.left_at is None and each.leaves_on is not None,
            tuple(seats[each.pk]),
        )
        for each in rows
    }


@dataclass
class Found:
    """Who may be meant by some rows: by address, by address they had, by key, by name, by place, by telephone."""

    people: dict[int, Known] = field(default_factory=dict)
    by_email: dict[str, int] = field(default_factory=dict)
    by_former: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_name: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_place: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_phone: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    complained: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    as_one: dict[str, str] = field(default_factory=dict)


def find(people: Sequence[Person]) -> Found:
    """Everybody who may be one of those, with a fixed number of questions.

    Names, places and telephones are asked only for who is not found by address: the others are not looked for by them, and
    everybody who serves in a thousand places is many.
    """
    found, addresses = Found(), sorted({email for each in people for email in each.emails})
    theirs = User.objects.annotate(lower=Lower("email")).filter(lower__in=addresses)
    found.by_email = dict(theirs.values_list("lower", Coalesce("merged_into", "pk")))
    had = FormerAddress.objects.annotate(lower=Lower("email")).filter(lower__in=addresses)
    for address, user in had.values_list("lower", Coalesce("user__merged_into", "user")):
        found.by_former[address].add(user)
    found.as_one = _as_one({each.name for each in people if each.name})
    unknown = [
        each for each in people if not any(email in found.by_email or email in found.by_former for email in each.emails)
    ]
    words = {found.as_one[each.name] for each in unknown if each.name}
    named = User.objects.annotate(as_one=Word("name")).filter(as_one__in=sorted(words), merged_into=None)
    for name, user in named.values_list("as_one", "pk"):
        found.by_name[name].add(user)
    places = {each.jurisdiction for each in unknown if each.jurisdiction}
    seated = Office.objects.current().filter(jurisdiction__in=sorted(places)).order_by()
    for place, user in seated.values_list("jurisdiction", "user"):
        found.by_place[place].add(user)
    phones = {each.phone for each in unknown if each.phone}
    called = Profile.objects.filter(phone__in=sorted(phones), user__merged_into=None)
    for phone, user in _with_phone(called).values_list("as_text", "user"):
        found.by_phone[phone].add(user)
    stopped = Suppression.objects.open().filter(address__in=addresses)
    found.erased = ErasedAddress.among(addresses)
    for address, reason in stopped.values_list("address", "reason"):
        (found.complained if reason == Suppression.Reason.COMPLAINT else found.dead).add(address)
    numbered = {key for each in people for key in member_key(each)}
    sets = (found.by_former, found.by_name, found.by_place, found.by_phone)
    everybody = {*found.by_email.values(), *numbered}.union(*(users for each in sets for users in each.values()))
    found.people = known(everybody)
    return found


def member_key(person: Person) -> list[int]:
    """The number of a member that the list names, if it is one."""
    return [int(person.member_id)] if person.member_id.isdecimal() and len(person.member_id) < 16 else []


def _with_phone(profiles: QuerySet[Profile]) -> QuerySet[Any]:
    """With the stored number (E.164) as text: reading twenty thousand into numbers takes seconds."""
    return profiles.annotate(as_text=Cast("phone", CharField()))


def _as_one(names: set[str]) -> dict[str, str]:
    """Each name as one word, folded where all names are: in the database."""
    listed = sorted(names)
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, members_word(n) FROM unnest(%s::text[]) n", [listed])
        return dict(cursor.fetchall())
