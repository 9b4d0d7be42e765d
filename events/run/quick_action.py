"""An action item in one line: "Send the ordinance @Maria by Friday" is what to do, who does it and until when.

Said in the middle of a call, so nothing here refuses: what isn't understood stays in the words and is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError

from events.agenda.quick_add import NAMED, person_named
from members.models import User
from members.times.clock import today
from members.times.days_typed import WEEKDAYS, day_typed

UNTIL = re.compile(r"(?<!\S)by\s+", re.IGNORECASE)
LONGEST = 4  # words of a day: "Fri, March 19, 2027"


@dataclass(frozen=True)
class ActionLine:
    text: str
    owner: User | None = None
    due_on: date | None = None
    unclear: str = ""  # why nobody was found for the name in it


def parse(line: str, people: Sequence[User], on: date | None = None) -> ActionLine:
    """`on` is the day it was said, for "by Friday"."""
    line, due_on = _due(" ".join(line.split()), on or today())
    named, owner, unclear = NAMED.search(line), None, ""
    if named:
        try:
            owner, rest = person_named(named.group(1), people)
            line = f"{line[: named.start()]} {rest}"
        except ValidationError as error:
            unclear = " ".join(error.messages)
    return ActionLine(" ".join(line.split()).strip(" ,"), owner, due_on, unclear)


def _due(line: str, on: date) -> tuple[str, date | None]:
    """The line without its day, and the day. Of two, the later one counts: "Vote by mail by Friday"."""
    for found in reversed(list(UNTIL.finditer(line))):
        words = line[found.end() :].split(" ")
        for length in range(min(LONGEST, len(words)), 0, -1):
            try:
                day = day_meant(" ".join(words[:length]), on)
            except ValueError:
                continue
            return " ".join([line[: found.start()].rstrip(), *words[length:]]), day
    return line, None


def day_meant(words: str, on: date) -> date:
    """As `day_typed`, and weekdays: "Friday" is the next one, a week on when that is today. Raises ValueError."""
    plain = words.casefold().strip(" ,.")
    weekday = WEEKDAYS.get(plain.removeprefix("next ").removeprefix("this "))
    if weekday is None:
        return day_typed(words.rstrip("."))
    ahead = (weekday - on.weekday() - 1) % 7 + 1
    return on + timedelta(days=ahead + (7 if plain.startswith("next ") and ahead < 7 - on.weekday() else 0))
