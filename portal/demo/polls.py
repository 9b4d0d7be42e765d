"""A poll of the demo network that takes votes: some voted for all its times, most said nothing yet."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from committees.models import Committee
from events.models import Poll
from events.models.polls import Said, Time
from events.polls.forms import end_of
from portal.demo.cast import Cast

HOURS = ((12, 13), (12, 16), (13, 12), (15, 19))  # days ahead, o'clock
ANSWERS = (
    "yes yes no yes",
    "yes if_needed no no",
    "no yes yes if_needed",
    "yes yes if_needed no",
    "if_needed no no yes",
)
VOTERS = 11


def load(cast: Cast, committees: dict[str, Committee]) -> None:
    committee = committees["economic-justice"]
    chair = committee.chairs()[0]
    by_hand = {chair.pk, *(person.pk for person in cast.all(["Teresa Villanueva"]))}  # whose vote a visitor gives
    today = timezone.localdate(timezone=ZoneInfo(committee.timezone))
    poll = Poll.make(
        committee,
        chair,
        [Time(today + timedelta(days=days), time(hour)) for days, hour in HOURS],
        title="Rent boards: a call with three cities that have one",
        summary="Ninety minutes with people who run one. Say which times work, and we ask them for the best.",
        duration=90,
        closes_at=end_of(today + timedelta(days=5), committee.timezone),
        told_at=timezone.now() - timedelta(days=1),
    )
    slots = list(poll.slots.all())
    people = committee.people().exclude(pk__in=by_hand).order_by("pk")[:VOTERS]
    for number, person in enumerate(people):
        answers = ANSWERS[number % len(ANSWERS)].split()
        poll.vote(person, {slot.pk: Said(answer) for slot, answer in zip(slots, answers, strict=True)})
