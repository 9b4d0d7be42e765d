"""Series at random, without a database: every rule that people say, in 14 zones, with dates left out, canceled, moved, held elsewhere."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from committees.models import Committee
from events.models import Meeting, MeetingSeries
from events.series import making
from events.series.rules import DAYS, WORKDAYS, Rule
from members.models import User

ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "Pacific/Guam",
    "America/Puerto_Rico",
    "America/Indiana/Indianapolis",
    "America/Detroit",
    "America/Boise",
    "America/North_Dakota/Center",
]
CLOCKS = [time(19), time(12, 30), time(0, 15), time(23, 45), time(1, 30), time(2, 30), time(9)]
NIGHTS = [date(2028, 3, 12), date(2028, 11, 5)]  # Sundays on which clocks change
MADE = timedelta(days=366)
READER = ZoneInfo("America/New_York")  # whose feed it is
NOW = datetime(2027, 1, 4, 17, tzinfo=UTC)

Span = tuple[datetime, datetime]


@dataclass
class Trial:
    """A series with the calls that are made of it, and its dates that are decided before there is a call."""

    series: MeetingSeries
    calls: list[Meeting]

    @property
    def made(self) -> list[Span]:
        """When its calls are that are on."""
        return sorted((call.starts_at, call.ends_at) for call in self.calls if not call.is_cancelled)

    @property
    def whole(self) -> list[Span]:
        """These, and what its rule gives beyond them."""
        last = max(call.original_start for call in self.calls if call.original_start)
        ahead = [day for day in making.dates_of(self.series) if self.series.start_on(day) > last]
        coming = [making.call_on(self.series, day) for day in ahead if day not in self.series.skipped]
        return sorted(self.made + [(call.starts_at, call.ends_at) for call in coming if call])


def trials(number: int, seed: int = 2027) -> list[Trial]:
    dice = random.Random(seed)
    made: list[Trial] = []
    while len(made) < number:
        with suppress(ValidationError):  # too long, or without a date
            trial = _trial(dice, len(made))
            made += [trial] if trial.calls else []
    return made


def nights() -> list[Trial]:
    """Series of three weeks with a night on which clocks change, first, second or last of its dates: nothing else happens to them."""
    starts = [night - timedelta(days=days) for night in NIGHTS for days in (0, 1, 7, 14)]
    made = product(starts, [0, 1], [time(0, 15), time(1, 30), time(2, 30), time(23, 45)], [60, 300])
    return [trial for number, each in enumerate(made) if (trial := _night(number, *each)).calls]


def _night(number: int, start: date, fold: int, clock: time, duration: int) -> Trial:
    rule = f"FREQ=WEEKLY;BYDAY={DAYS[start.weekday()]};COUNT=3"
    fields = {"local_time": clock, "fold": fold, "timezone": "America/Detroit", "duration": duration, "sequence": 0}
    series = _series(number, local_date=start, rule=rule, dial_in="", **fields)
    calls = list(filter(None, (making.call_on(series, day) for day in making.dates_of(series))))
    for call in calls:
        _name(call)
    return Trial(series, calls)


def _trial(dice: random.Random, number: int) -> Trial:
    rule, start = _rule(dice), date(2027, 1, 1) + timedelta(days=dice.randrange(700))
    series = _series(
        number,
        local_date=rule.dates(start)[0],
        local_time=dice.choice(CLOCKS),
        fold=int(dice.random() < 0.1),
        timezone=dice.choice(ZONES),
        duration=dice.choice([30, 60, 90, 300]),
        rule=str(rule),
        sequence=dice.randrange(3),
        dial_in=dice.choice(["", "669-555-0142"]),
    )
    series.exceptions = _exceptions(dice, series)
    days = [day for day in making.dates_of(series) if day <= series.local_date + MADE and day not in series.skipped]
    calls = list(filter(None, (making.call_on(series, day) for day in days)))
    for call in calls:
        _live(dice, call)
    return Trial(series, [call for call in calls if call.slug])


def _series(number: int, **fields: Any) -> MeetingSeries:
    return MeetingSeries(
        pk=number + 1,
        committee=Committee(pk=1, slug="economic-justice", name="Economic Justice"),
        key=f"series{number}",
        uid=f"{number}@series",
        organizer=User(pk=1),
        title=f"Series {number}",
        video_url="https://zoom.us/j/123",
        created_at=NOW,
        updated_at=NOW,
        told_at=NOW,
        **fields,
    )


def _rule(dice: random.Random) -> Rule:
    end = (
        f"COUNT={dice.choice([1, 2, 5, 12, 40, 90])}"
        if dice.random() < 0.5
        else f"UNTIL={dice.choice([2029, 2030])}0{dice.randint(1, 9)}15"
    )
    if dice.random() < 0.4:
        return Rule.parse(f"FREQ=WEEKLY;INTERVAL={dice.choice([1, 1, 2, 3, 4])};BYDAY={dice.choice(DAYS)};{end}")
    months = f"BYMONTH={','.join(map(str, sorted(dice.sample(range(1, 13), 10))))};" if dice.random() < 0.3 else ""
    place = dice.choice([1, 2, 3, 4, -1])
    day = f"BYDAY={','.join(WORKDAYS)};BYSETPOS={place}" if dice.random() < 0.2 else f"BYDAY={place}{dice.choice(DAYS)}"
    interval = 1 if months else dice.choice([1, 1, 2, 3])
    return Rule.parse(f"FREQ=MONTHLY;INTERVAL={interval};{months}{day};{end}")


def _exceptions(dice: random.Random, series: MeetingSeries) -> dict[str, str]:
    said = {}
    for day in making.dates_of(series):
        if dice.random() < 0.05:
            said[day.isoformat()] = ""
        elif dice.random() < 0.05:
            said[day.isoformat()] = f"{day + timedelta(days=7)}T{dice.choice(CLOCKS[:2])}"
    return said


def _live(dice: random.Random, call: Meeting) -> None:
    """What happens to a call: most often nothing. One that is left without an address is gone."""
    _name(call)
    call.my_response = dice.choice([None, "accepted", "tentative"]) if dice.random() < 0.3 else None
    fate = dice.random()
    if fate < 0.06:
        call.local_date += timedelta(days=dice.choice([-3, -1, 1, 2, 7, 30]))
        call.local_time = dice.choice(CLOCKS[:2])
        call.sequence, call.edition = call.sequence + 1, call.edition + 1
    elif fate < 0.10:
        call.duration = dice.choice([15, 120])
    elif fate < 0.13:
        call.title = "Another topic; with, signs"
    elif fate < 0.15:
        call.video_url = ""
    elif fate < 0.20:
        call.cancelled_at, call.cancel_reason = NOW, "No room"
    elif fate < 0.24:
        call.slug = ""
    call.derive_instant()


def _name(call: Meeting) -> None:
    call.slug, call.uid = f"call-{call.original_start:%Y-%m-%d}", f"{call.original_start:%Y%m%d}.{call.series_id}@calls"
    call.created_at = call.updated_at = NOW
    call.my_response = None
