"""Who came to the last calls of a committee, as its co-chairs marked it; one member holds over."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from committees.models import Committee
from events.models import Attendance, Meeting
from members.models import User
from members.times.clock import today
from portal.demo.cast import Cast

COMMITTEE = "economic-justice"
CALLS = 6
SELDOM = ("Amos Dreyer", "Siobhán Keane")  # who missed the last calls


def load(cast: Cast, committees: dict[str, Committee]) -> None:
    """Most people came to most calls."""
    committee = committees[COMMITTEE]
    people, chair = list(committee.people()), committee.chairs()[0]
    for call in committee.meetings.told().not_cancelled().past()[:CALLS]:
        if not call.attendances.exists():
            Attendance.mark_all(call, _who_came(call, people), by=chair)
    seat = committee.memberships.current().filter(role="member", started_on__lt=today() - timedelta(days=60)).first()
    if seat and not seat.term_ends_on:
        seat.set_term(today() - timedelta(days=30), by=chair)


def _who_came(call: Meeting, people: list[User]) -> list[User]:
    chance = Random(call.uid)
    known = set(Attendance.seats(call).values_list("user", flat=True))
    return [each for each in people if each.pk in known and each.name not in SELDOM and chance.random() < 0.7]
