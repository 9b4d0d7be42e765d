"""The page that finds a time: the week as a grid of squares, the one that is chosen, the dates of its series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.models import Committee
from events.availability import roster
from events.availability.breakdown import Breakdown, best
from events.availability.forms import FORTNIGHTLY, MONTHLY, WEEKLY, Search
from events.availability.heat import Heat, Week
from events.availability.pattern import Pattern, rule_of
from events.availability.usual import UsualSlot
from members.models import User
from members.times import formats

ROWS = 9  # hours shown of a day, unless all are asked for
WORKDAYS = 5
VOTED_ON = 3
EVERY = {WEEKLY: "week", FORTNIGHTLY: "two-weeks", MONTHLY: "month"}  # as the form of a series says it
FEW = 5  # who told their hours: with fewer the map is a guess


@dataclass(frozen=True)
class Square:
    """One slot of the map. `score` is None for one that is over, or that clocks skip."""

    key: str = ""
    url: str = ""
    label: str = ""
    score: int | None = None
    tint: int = 0
    chosen: bool = False


@dataclass(frozen=True)
class Found:
    """Everything that the page shows, worked out from what was asked."""

    committee: Committee
    reader: User
    search: Search
    usual: UsualSlot | None
    asked: datetime | None
    whole: bool  # all hours and the weekend

    @cached_property
    def heat(self) -> Heat:
        week = Week(self.search.week, self.zone, self.search.length, self._in_week(self.asked or self._usual_moment))
        return Heat(week, roster.of(self.committee, self.search.week, self.reader))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(timezone.get_current_timezone_name())

    # The chosen slot ---------------------------------------------------------------------------

    @cached_property
    def _usual_moment(self) -> datetime | None:
        return self._in_week(self.usual.in_week(self.search.week)) if self.usual else None

    def _in_week(self, moment: datetime | None) -> datetime | None:
        """None as well for one that is over."""
        if moment is None or moment <= timezone.now():
            return None
        monday = self.search.week
        return moment if monday <= timezone.localdate(moment) < monday + timedelta(days=7) else None

    @cached_property
    def chosen(self) -> Breakdown | None:
        """The slot asked for, else the usual one, else the best; None in a week with nothing to come."""
        moment = self._in_week(self.asked) or self._usual_moment or next(iter(self.best_first), None)
        return Breakdown(self.heat, moment) if moment else None

    @property
    def is_usual(self) -> bool:
        return bool(self.chosen and self.chosen.moment == self._usual_moment)

    @property
    def is_best(self) -> bool:
        if not self.chosen:
            return False
        scores = [self.heat.scores[moment] for moment in self._shown]
        return self.chosen.can >= max(scores, default=0)

    @property
    def usual_url(self) -> str:
        """ "" where there is none this week."""
        return self.url(at=self._usual_moment, length=self.usual.minutes) if self.usual and self._usual_moment else ""

    # The grid ----------------------------------------------------------------------------------

    @cached_property
    def days(self) -> list[date]:
        return [self.heat.week.day(number) for number in range(7 if self.whole else WORKDAYS)]

    @cached_property
    def hours(self) -> range:
        """Those in which most can come, with the chosen one among them."""
        if self.whole:
            return range(24)
        grid, scores = self.heat.week.grid, self.heat.scores
        sums = [sum(scores[grid[day, hour]] for day in range(WORKDAYS) if (day, hour) in grid) for hour in range(24)]
        fullest = max(range(24 - ROWS + 1), key=lambda hour: sum(sums[hour : hour + ROWS]))
        first = fullest if any(sums) else ROWS
        moment = self._in_week(self.asked) or self._usual_moment
        if moment and timezone.localtime(moment).weekday() < WORKDAYS:
            hour = timezone.localtime(moment).hour
            first = max(min(first, hour), hour - ROWS + 1)
        return range(first, first + ROWS)

    @cached_property
    def _shown(self) -> list[datetime]:
        """The slots of the grid that are to come."""
        now, grid = timezone.now(), self.heat.week.grid
        cells = ((day, hour) for day in range(len(self.days)) for hour in self.hours)
        return [grid[cell] for cell in cells if cell in grid and grid[cell] > now]

    @cached_property
    def best_first(self) -> list[datetime]:
        return best(self.heat, self._shown, len(self._shown))

    @cached_property
    def rows(self) -> list[tuple[str, list[Square]]]:
        """The clock time of each, and its squares from day to day."""
        names = [formats.day(day) for day in self.days]
        clocks = {hour: _clock(hour) for hour in self.hours}
        now, address = timezone.now(), self.url(at=None)
        return [
            (
                clock,
                [self._square((number, hour), f"{name}, {clock}", address, now) for number, name in enumerate(names)],
            )
            for hour, clock in clocks.items()
        ]

    def _square(self, cell: tuple[int, int], label: str, address: str, now: datetime) -> Square:
        moment = self.heat.week.grid.get(cell)
        if moment is None or moment <= now:
            return Square()
        score = self.heat.scores[moment]
        return Square(
            key=f"at-{cell[0]}-{cell[1]}",
            url=f"{address}&at={written(moment)}",
            label=label,
            score=score,
            tint=self.heat.tint(score),
            chosen=bool(self.chosen and self.chosen.moment == moment),
        )

    @cached_property
    def listed(self) -> list[tuple[datetime, int, str]]:
        """The ten best as a list."""
        return [(moment, self.heat.scores[moment], self.url(at=moment)) for moment in self.best_first[:10]]

    # In words ----------------------------------------------------------------------------------

    @property
    def standing(self) -> str:
        """What the chosen slot is among those of the week."""
        if self.is_usual:
            return _("Your usual slot, and the best this week") if self.is_best else _("Your usual slot")
        return _("The best this week") if self.is_best else ""

    @property
    def quorum_words(self) -> str:
        """What the committee's rule asks for; "" without one."""
        needed = self.committee.quorum_of(self.heat.roster.voting)
        return _("You need %(n)s for decisions.") % {"n": needed} if needed else ""

    @property
    def use_words(self) -> str:
        assert self.chosen
        local = timezone.localtime(self.chosen.moment)
        return _("%(weekday)s at %(clock)s") % {
            "weekday": date_format(local, "l"),
            "clock": formats.clock_only(self.chosen.moment),
        }

    @property
    def letters_at(self) -> datetime:
        """A moment of the week, for what its zone is called then."""
        return self.chosen.moment if self.chosen else self.heat.week.moments[0]

    # What is known -----------------------------------------------------------------------------

    @property
    def size(self) -> int:
        return self.heat.roster.size

    @property
    def told(self) -> int:
        return self.heat.roster.told

    @property
    def untold(self) -> int:
        return self.size - self.told

    @property
    def is_a_guess(self) -> bool:
        return self.told < min(FEW, self.size)

    @property
    def few_words(self) -> str:
        if not self.told:
            return _("Nobody told us their hours yet.")
        words = ngettext("Only %(n)s member told us their hours.", "Only %(n)s members told us their hours.", self.told)
        return words % {"n": self.told}

    @cached_property
    def series(self) -> Pattern | None:
        if not (self.chosen and self.search.repeats):
            return None
        zone = ZoneInfo(self.committee.timezone)
        local = self.chosen.moment.astimezone(zone)
        return Pattern(self.heat, rule_of(self.search.repeats, local.date()), local.date(), local.time(), zone)

    @property
    def has_notes(self) -> bool:
        return bool(self.chosen and self.chosen.cannot) or bool(self.series)

    # Addresses ---------------------------------------------------------------------------------

    def url(self, *, at: datetime | None, **changes: Any) -> str:
        """This page with another choice."""
        asked = {
            "week": self.search.week.isoformat(),
            "length": self.search.length,
            "repeats": self.search.repeats,
            "whole": "1" if self.whole else "",
        } | changes
        query = urlencode({name: value for name, value in asked.items() if value != "" or name == "repeats"})
        return f"?{query}&at={written(at)}" if at else f"?{query}"

    @property
    def asked_written(self) -> str:
        return written(self.asked) if self.asked else ""

    @property
    def whole_url(self) -> str:
        return self.url(at=self.chosen.moment if self.chosen else None, whole="" if self.whole else "1")

    @property
    def use_url(self) -> str:
        """Scheduling a call or a series with date, time and length filled in, by the committee's clock."""
        assert self.chosen
        local = self.chosen.moment.astimezone(ZoneInfo(self.committee.timezone))
        asked = {"date": local.date().isoformat(), "time": f"{local:%H:%M}", "length": self.search.length}
        if every := EVERY.get(self.search.repeats):
            return f"{reverse('series_new', args=[self.committee.slug])}?{urlencode(asked | {'every': every})}"
        return f"{reverse('meeting_schedule', args=[self.committee.slug])}?{urlencode(asked)}"

    @property
    def vote_url(self) -> str:
        """A poll about these times; "" where there is nothing to choose between."""
        if len(self.put_to_vote) < 2:
            return ""
        slots = urlencode([("slot", written(moment)) for moment in self.put_to_vote], safe=":")
        address = reverse("poll_new", args=[self.committee.slug])
        return f"{address}?duration={self.search.length}&{slots}"

    @cached_property
    def put_to_vote(self) -> Sequence[datetime]:
        """The chosen slot and the best two that don't touch it or each other."""
        taken = [self.chosen.moment] if self.chosen else []
        apart = timedelta(minutes=max(self.search.length, 60))
        for moment in self.best_first:
            if len(taken) < VOTED_ON and all(abs(moment - other) > apart for other in taken):
                taken.append(moment)
        return sorted(taken)


def written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def read(text: str) -> datetime | None:
    """A moment as `written`; None for anything else."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC).replace(second=0, microsecond=0) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _clock(hour: int) -> str:
    return formats.clock_only(
        datetime.combine(date(2000, 1, 3), datetime.min.time()).replace(
            hour=hour, tzinfo=timezone.get_current_timezone()
        )
    )
