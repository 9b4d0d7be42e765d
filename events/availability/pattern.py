"""The dates of a series that would begin with the chosen slot, in its committee's zone, and how fair their time is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.availability.fairness import Burden, Fairness
from events.availability.forms import FORTNIGHTLY, WEEKLY
from events.availability.heat import Heat
from events.series import rules
from events.series.proposing import holiday
from events.series.rules import Rule
from members.times import formats
from members.times.wall_clock import clock_words, instant

SHOWN = 12  # dates


@dataclass(frozen=True)
class Pattern:
    """`start` is the first date and `at` the wall-clock time, both by the committee's clock."""

    heat: Heat
    rule: Rule
    start: date
    at: time
    zone: Any

    @cached_property
    def dates(self) -> list[date]:
        return self.rule.for_a_year(self.start).dates(self.start)

    @property
    def title(self) -> str:
        n = len(self.dates)
        return _("%(rule)s: %(calls)s in a year") % {
            "rule": self.rule.briefly,
            "calls": ngettext("%(n)s call", "%(n)s calls", n) % {"n": n},
        }

    @property
    def shown(self) -> Sequence[tuple[date, str]]:
        """With the holiday that each falls on, or ""."""
        return [(day, holiday(day)) for day in self.dates[:SHOWN]]

    @property
    def on_holidays(self) -> bool:
        return any(holiday(day) for day in self.dates)

    @property
    def more(self) -> int:
        return max(0, len(self.dates) - SHOWN)

    # Fairness ----------------------------------------------------------------------------------

    @cached_property
    def fairness(self) -> Fairness:
        return Fairness(self.dates, self.at, self.zone, self.heat.week.minutes, self.heat.roster.by_zone)

    @property
    def stays(self) -> str:
        """Every call stays at 3:00 PM Eastern; and for whom that moves."""
        words = _("Every call in this series stays at %(clock)s %(zone)s.") % self._clock(self.at)
        moving = self.fairness.moving
        if not moving:
            return words
        moves = ngettext(
            "%(zones)s moves an hour when clocks change.", "%(zones)s move an hour when clocks change.", len(moving)
        )
        return f"{words} {moves % {'zones': get_text_list(moving, _('and'))}}"

    @property
    def burdens(self) -> list[str]:
        return [self._borne(burden) for burden in self.fairness.burdens]

    def _borne(self, burden: Burden) -> str:
        words = ngettext(
            "%(zone)s: %(n)s person, on %(dates)s of %(of)s dates (%(clocks)s there).",
            "%(zone)s: %(n)s people, on %(dates)s of %(of)s dates (%(clocks)s there).",
            burden.people,
        )
        return words % {
            "zone": burden.name,
            "n": burden.people,
            "dates": burden.dates,
            "of": len(self.dates),
            "clocks": get_text_list(list(burden.clocks), _("or")),
        }

    @property
    def turns(self) -> str:
        """What would be fairer; "" where nothing is."""
        turns = self.fairness.turns
        if turns is None:
            return ""
        zone = {"zone": formats.zone_name(self.zone), "share": round(100 * turns.share)}
        times = [self._with_score(at) for at in turns.times]
        if len(times) > 1:
            words = _(
                "Fairer: take turns between %(times)s %(zone)s. Nobody then sits early or late on more than %(share)s%% of the dates."
            )
            return words % {"times": get_text_list(times, _("and")), **zone}
        if turns.share:
            words = _("Fairer: at %(time)s %(zone)s nobody sits early or late on more than %(share)s%% of the dates.")
            return words % {"time": times[0], **zone}
        return _("Fairer: at %(time)s %(zone)s nobody sits early or late.") % {"time": times[0], **zone}

    def _with_score(self, at: time) -> str:
        """6:00 PM (24 of 41)"""
        moment = self._moment(at)
        score = self.heat.scores.get(moment) if moment else None
        if score is None:
            return clock_words(at)
        return _("%(clock)s (%(score)s of %(of)s)") % {
            "clock": clock_words(at),
            "score": score,
            "of": self.heat.roster.size,
        }

    def _moment(self, at: time) -> datetime | None:
        try:
            return instant(self.start, at, str(self.zone))
        except ValidationError:
            return None

    def _clock(self, at: time) -> dict[str, str]:
        return {"clock": clock_words(at), "zone": formats.zone_name(self.zone)}


def rule_of(repeats: str, day: date) -> Rule:
    """Every week, every other, or the same weekday of each month: a fifth one is the last."""
    if repeats in (WEEKLY, FORTNIGHTLY):
        return Rule(rules.WEEKLY, 1 if repeats == WEEKLY else 2, day.weekday())
    place = (day.day - 1) // 7 + 1
    return Rule(rules.MONTHLY, 1, day.weekday(), place if place in rules.PLACES else rules.LAST)
