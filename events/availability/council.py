"""Council nights in words, and those that somebody's answers tell of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Rsvp
from events.series.rules import place_names
from members.models import CouncilNight, User
from members.models.hours import LAST, meets_on
from members.times import clock, formats
from members.times.wall_clock import clock_words

LASTING = (60, 90, 120, 180, 240, 300, 360, 480)  # minutes
LOOKED_BACK = timedelta(days=400)
EVENING = 16  # o'clock: what is declined in office hours is declined for other reasons
TELLING = 2  # calls declined on such a night, with none accepted


def words_of(night: CouncilNight) -> str:
    """Second and fourth Tuesdays, 7:00 PM, for 3 hours"""
    return _("%(days)s, %(clock)s, for %(lasting)s") % {
        "days": days_words(night.weekday, night.weeks, every_other=night.every_other_from is not None),
        "clock": clock_words(night.begins),
        "lasting": formats.lasting(night.minutes),
    }


def days_words(weekday: int, weeks: Sequence[int], *, every_other: bool = False) -> str:
    """Second and fourth Tuesdays; Every other Tuesday; Tuesdays"""
    day = WEEKDAYS[weekday]
    if every_other:
        return _("Every other %(day)s") % {"day": day}
    if not weeks:
        return _("%(day)ss") % {"day": day}
    names = place_names()
    places = get_text_list(
        [str(names[week]) for week in sorted(weeks, key=lambda week: (week == LAST, week))], _("and")
    )
    return capfirst(_("%(places)s %(day)ss") % {"places": places, "day": day})


def day_words(minutes: int) -> str:
    return capfirst(formats.lasting(minutes))


@dataclass(frozen=True)
class Guess:
    """A night that somebody may have: they declined every call on it."""

    weekday: int
    weeks: Sequence[int]
    begins: time
    calls: int

    @property
    def words(self) -> str:
        days = days_words(self.weekday, self.weeks)
        said = ngettext(
            "You couldn’t come to %(n)s call on an evening of %(days)s.",
            "You couldn’t come to %(n)s calls on evenings of %(days)s.",
            self.calls,
        )
        return said % {"n": self.calls, "days": days[:1].lower() + days[1:] if self.weeks else days}

    @property
    def query(self) -> str:
        return urlencode(
            {
                "weekday": self.weekday,
                "weeks": ",".join(str(week) for week in self.weeks),
                "begins": f"{self.begins:%H:%M}",
            }
        )


def guesses(user: User, nights: Sequence[CouncilNight]) -> list[Guess]:
    """From the answers of the last year to calls in the evening; none that a night of theirs explains."""
    answers = Rsvp.objects.current().of_past_calls(user, clock.now() - LOOKED_BACK)
    declined: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    accepted = set()
    for starts_at, response in answers.values_list("meeting__starts_at", "response"):
        local = starts_at.astimezone(user.zone)
        place = local.weekday(), _week(local)
        if response == Rsvp.Response.ACCEPTED:
            accepted.add(place)
        elif response == Rsvp.Response.DECLINED and local.hour >= EVENING and not _explained(local, nights):
            declined[place].append(local)
    telling = {place: at for place, at in declined.items() if len(at) >= TELLING and place not in accepted}
    return [_guess(weekday, telling) for weekday in sorted({weekday for weekday, _place in telling})]


def _guess(weekday: int, telling: dict[tuple[int, int], list[datetime]]) -> Guess:
    weeks = sorted(week for day, week in telling if day == weekday)
    calls = [local for (day, _place), at in telling.items() if day == weekday for local in at]
    return Guess(weekday, weeks, time(min(local.hour for local in calls)), len(calls))


def _week(local: datetime) -> int:
    """Of the month; a fifth one is the last."""
    week = (local.day - 1) // 7 + 1
    return week if week < 5 else LAST


def _explained(local: datetime, nights: Sequence[CouncilNight]) -> bool:
    return any(meets_on(local.date(), night.weekday, night.weeks, night.every_other_from) for night in nights)
