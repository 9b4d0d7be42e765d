"""When the people of a committee can take a call, and when their councils meet: most of them said so."""

from __future__ import annotations

from datetime import time
from random import Random

from committees.models import Committee
from members.models import CallHours, CouncilNight, User
from members.models.hours import LAST, Span
from portal.demo.cast import Cast

COMMITTEE = "economic-justice"
QUIET = ("Amos Dreyer", "Latoya Pinckney", "Dmitri Volkov", "Siobhán Keane", "Calvin Stubbs", "Mirela Popescu")
DAYS = (0.78, 0.9, 0.88, 1.0, 0.72)  # how often somebody has time on a weekday, Monday first
BY_DAY = ("Kalani Nakoa", "Priscilla Adeyemi", "Jerome Ellison")  # who meet on Thursday afternoons, and say so
WEEKS: tuple[list[int], ...] = ([1, 3], [2, 4], [2, 4], [1], [3], [LAST], [])
HOUR = 60


def load(cast: Cast, committees: dict[str, Committee]) -> None:
    """All but a few say their hours; every other person, when their council meets."""
    for number, person in enumerate(committees[COMMITTEE].people().exclude(name__in=QUIET)):
        chance = Random(person.name)
        CallHours.tell(person, _week(chance))
        if person.name in BY_DAY:
            CouncilNight.add(person, weekday=3, weeks=[2, 4], begins=time(13), minutes=300, may_be_named=True)
        elif number % 2:
            _evening(person, chance)


def _week(chance: Random) -> list[Span | None]:
    """Free from late in the morning until early in the evening, on most days."""
    opens, closes = chance.choice((8, 9, 10, 11, 12)) * HOUR, chance.choice((15, 16, 17, 17, 18, 19)) * HOUR
    return [*((opens, closes) if chance.random() < often else None for often in DAYS), None, None]


def _evening(person: User, chance: Random) -> None:
    CouncilNight.add(
        person,
        weekday=chance.choice((0, 1, 1, 2)),
        weeks=chance.choice(WEEKS),
        begins=time(chance.choice((17, 18, 18, 19))),
        minutes=chance.choice((120, 180, 180, 240)),
        may_be_named=chance.random() < 0.3,
    )
