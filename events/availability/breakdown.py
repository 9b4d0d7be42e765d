"""One slot of the map: when it is in each zone, how many of there can likely come, and why the others can't.

A reason has names only where its person made it public. Calls that others are going to are named where the reader sees
them, with how many, never with whom.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from events.availability.heat import Heat
from events.availability.roster import Accepted
from members.text.apart import apart
from members.times import formats
from members.times.wall_clock import clock_words


@dataclass(frozen=True)
class InZone:
    """`day` is empty when it is the reader's own day there."""

    name: str
    clock: str
    day: str
    free: int
    people: int

    @property
    def percent(self) -> int:
        return round(100 * self.free / self.people)


@dataclass(frozen=True)
class Clash:
    """A call that some of the committee are going to at that time."""

    call: Accepted
    people: int


@dataclass(frozen=True)
class Breakdown:
    heat: Heat
    moment: datetime

    @cached_property
    def _bit(self) -> int:
        return self.heat.week.bit(self.moment)

    @cached_property
    def can(self) -> int:
        return self.heat.scores[self.moment]

    @property
    def cannot(self) -> int:
        return self.heat.roster.size - self.can

    @cached_property
    def zones(self) -> list[InZone]:
        """From east to west; places whose clocks have one name and show the same are one."""
        free: Counter[tuple[str, datetime]] = Counter()
        people: Counter[tuple[str, datetime]] = Counter()
        places = {zone: (formats.zone_name(zone), self._in(zone)) for zone in self.heat.roster.by_zone}
        for group, slots in self.heat.free:
            people[places[group.zone]] += len(group.people)
            if slots & self._bit:
                free[places[group.zone]] += len(group.people)
        for zone, taken in self.heat.in_doubt:
            if taken & self._bit:
                free[places[zone]] -= 1
        own = timezone.localtime(self.moment).date()
        in_order = sorted(people, key=lambda place: (-place[1].timestamp(), place[0]))
        return [
            InZone(
                name,
                clock_words(local.time()),
                "" if local.date() == own else formats.day_short(local.date()),
                free[name, local],
                people[name, local],
            )
            for name, local in in_order
        ]

    def _in(self, zone: ZoneInfo) -> datetime:
        """By that clock, without its zone."""
        return self.moment.astimezone(zone).replace(tzinfo=None)

    # Why not -----------------------------------------------------------------------------------

    @cached_property
    def at_council(self) -> list[str]:
        """Who has a council meeting then and lets co-chairs know."""
        named = (
            night.named.values()
            for night, slots in zip(self.heat.roster.nights, self.heat.nights, strict=True)
            if slots & self._bit
        )
        return sorted(set(chain.from_iterable(named)))

    @property
    def council_names(self) -> SafeString:
        return apart(self.at_council)

    @cached_property
    def clashes(self) -> list[Clash]:
        """Calls that the reader may see."""
        calls = zip(self.heat.roster.calls, self.heat.calls, strict=True)
        return [Clash(call, len(call.people)) for call, slots in calls if slots & self._bit and call.title]

    @cached_property
    def _named(self) -> set[int]:
        nights = zip(self.heat.roster.nights, self.heat.nights, strict=True)
        return set(chain.from_iterable(night.named for night, slots in nights if slots & self._bit))

    @cached_property
    def _explained(self) -> set[int]:
        """Who is said not to come with a name, or counted at a call."""
        return self._named.union(*(clash.call.people for clash in self.clashes))

    @cached_property
    def outside_usual(self) -> int:
        """How many others told nothing, and it is before 9 or after 5 where they are."""
        outside = [group.people for group, slots in self.heat.free if not group.told and not slots & self._bit]
        return sum(person not in self._explained for person in chain.from_iterable(outside))

    @property
    def unnamed(self) -> int:
        """How many others can't for a reason that is theirs alone, or outside of their hours."""
        return self.cannot - len(self._explained) - self.outside_usual

    @cached_property
    def reasons(self) -> list[str]:
        """In words, what is not said with names."""
        clashes = [
            ngettext(
                "%(n)s is going to “%(call)s” (%(committee)s).", "%(n)s are going to “%(call)s” (%(committee)s).", n
            )
            % {"n": n, "call": clash.call.title, "committee": clash.call.committee}
            for clash in self.clashes
            for n in [clash.people]
        ]
        usual, own = self.outside_usual, self.unnamed
        if usual:
            words = ngettext(
                "%(n)s told us no hours, and it’s outside of 9 to 5 there.",
                "%(n)s told us no hours, and it’s outside of 9 to 5 where they are.",
                usual,
            )
            clashes.append(words % {"n": usual})
        if own:
            words = ngettext(
                "%(n)s has something else then, or it’s outside of their hours. Which is theirs to say.",
                "%(n)s have something else then, or it’s outside of their hours. Which is theirs to say.",
                own,
            )
            clashes.append(words % {"n": own})
        return clashes


def best(heat: Heat, moments: Sequence[datetime], number: int = 1) -> list[datetime]:
    """The slots with most people, the earlier first of equals."""
    return sorted(moments, key=lambda moment: (-heat.scores[moment], moment))[:number]
