"""The calls of a series as iCalendar says them (RFC 5545): one entry with a rule, the dates it leaves out (EXDATE), and an entry of
its own for each date that differs, under the same UID and named by when the rule has it (RECURRENCE-ID).

A call that its rule does not give any more stands under a UID of its own, as calls do that belong to no series.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.urls import reverse
from icalendar import Event, vRecur

from committees.models import Committee
from events.calendar import entries
from events.calendar.recurrence import Recurrence
from events.models import Meeting, MeetingSeries


@dataclass
class Pattern:
    """What the calls of a series have in common, as `entries` takes a call: one on which nothing of its own is said."""

    series: MeetingSeries
    starts_at: datetime
    cancel_reason: str = ""
    is_cancelled: bool = False

    def __post_init__(self) -> None:
        series = self.series
        self.ends_at = self.starts_at + series.length
        self.uid, self.sequence = series.uid, series.sequence
        self.title, self.summary = series.title, series.summary
        self.video_url, self.dial_in = series.video_url, series.dial_in
        self.created_at, self.updated_at = series.created_at, series.updated_at

    @property
    def committee(self) -> Committee:
        return self.series.committee

    @property
    def video_service(self) -> str:
        return Meeting(video_url=self.video_url).video_service

    @property
    def join_path(self) -> str:
        """To the room of whichever call is next."""
        return reverse("series_join", args=[self.series.key])

    def get_absolute_url(self) -> str:
        return self.series.get_absolute_url()


@dataclass
class Layout:
    """How a series and its calls become entries. Dates are by the clock of its zone, and as its rule has them."""

    series: MeetingSeries
    recurrence: Recurrence
    usual: str  # what the calls answer that do not differ
    dates: list[datetime]  # from the first that the entry says to the last
    left_out: list[datetime] = field(default_factory=list)
    different: list[tuple[datetime, Meeting | Pattern]] = field(default_factory=list)
    by_themselves: list[Meeting] = field(default_factory=list)

    def master(self, **said: bool | datetime) -> Event:
        """The entry of the series."""
        first, zone = self.dates[0], self.recurrence.zone
        event = entries.entry(Pattern(self.series, self.recurrence.moment(first)), **said)  # type: ignore[arg-type]
        del event["dtstart"], event["dtend"]
        event.add("dtstart", first.replace(tzinfo=zone))
        if _is_steady(self.recurrence, first, self.series.length):
            event.add("dtend", (first + self.series.length).replace(tzinfo=zone))
        else:  # an end by the clock of that night would make all dates longer or shorter
            event.add("duration", self.series.length)
        event["rrule"] = vRecur.from_ical(self.recurrence.text(until=self.dates[-1]))
        if self.left_out:
            event.add("exdate", [each.replace(tzinfo=zone) for each in self.left_out])
        return event


def recurrence_of(series: MeetingSeries) -> Recurrence:
    return Recurrence(series.rule, datetime.combine(series.local_date, series.local_time), series.zone)


def rule_date(meeting: Meeting) -> datetime | None:
    """The date of its rule that a call stands for, by the clock; None for one of no series, or that the rule does not give."""
    if meeting.series is None or meeting.original_start is None:
        return None
    recurrence = recurrence_of(meeting.series)
    return recurrence.on(_day(meeting, recurrence))


def date_entry(meeting: Meeting, **said: bool | datetime) -> Event:
    """A call as one entry: of a series as that date of it."""
    event = entries.entry(meeting, **said)  # type: ignore[arg-type]
    on_the_wall = rule_date(meeting)
    if on_the_wall is not None:
        name_date(event, meeting, on_the_wall)
    return event


def name_date(event: Event, meeting: Meeting | Pattern, on_the_wall: datetime) -> None:
    """Make it the entry of that date of its series."""
    series = meeting.series
    assert series is not None
    del event["uid"], event["sequence"]
    event.add("uid", series.uid)
    event.add("sequence", max(meeting.sequence, series.sequence))
    event.add("recurrence-id", on_the_wall.replace(tzinfo=series.zone))
    entries.say_by_clock(event, meeting, series.zone)


def lay_out(
    series: MeetingSeries,
    calls: Iterable[Meeting],
    *,
    only_these: bool,
    says_cancelled: bool,
    answer: Callable[[Meeting], str],
    usual: str,
) -> Layout:
    """`calls` are those that the reader knows of. `only_these`: nothing before the first and after the last of them; else the
    whole rule. Canceled ones are entries that say so, or left out. What a call `answer`s is different from the `usual`.
    """
    recurrence = recurrence_of(series)
    by_day = {_day(call, recurrence): call for call in calls}
    ruled = recurrence.dates()
    given = {each.date() for each in ruled}
    layout = Layout(series, recurrence, usual, _span(series, ruled, by_day, only_these=only_these))
    layout.by_themselves = [call for day, call in by_day.items() if day not in given]
    made_to = max(by_day, default=date.min)
    for on_the_wall in layout.dates:
        call = by_day.get(on_the_wall.date()) or (on_the_wall.date() > made_to and _to_come(layout, on_the_wall))
        if not call or (call.is_cancelled and not says_cancelled):
            layout.left_out.append(on_the_wall)
        elif _differs(call, on_the_wall, recurrence) or (isinstance(call, Meeting) and answer(call) != usual):
            layout.different.append((on_the_wall, call))
    return layout


def commonest(answers: Sequence[str], otherwise: str) -> str:
    """The one that most calls have; of equally many `otherwise`, when it is among them."""
    counted = Counter(answers)
    return max(counted, key=lambda each: (counted[each], each == otherwise, each), default=otherwise)


def _day(call: Meeting, recurrence: Recurrence) -> date:
    assert call.original_start is not None
    return recurrence.wall(call.original_start).date()


def _span(
    series: MeetingSeries, ruled: list[datetime], by_day: dict[date, Meeting], *, only_these: bool
) -> list[datetime]:
    shown = [each for each in ruled if each.date() in by_day]
    if not shown:
        return [] if only_these else ruled
    stops = only_these or series.is_paused or series.is_ended
    return ruled[ruled.index(shown[0]) : ruled.index(shown[-1]) + 1 if stops else None]


def _to_come(layout: Layout, on_the_wall: datetime) -> Pattern | None:
    """A date of which there is no call yet; None when it was decided to leave it out, or clocks skip that time."""
    series, day = layout.series, on_the_wall.date()
    held = series.held_instead(day)
    if day.isoformat() in series.exceptions and not held:
        return None
    at = datetime.combine(*held) if held else on_the_wall
    moment = layout.recurrence.meant(at, series.fold)
    return Pattern(series, moment) if layout.recurrence.wall(moment) == at else None


def _differs(call: Meeting | Pattern, on_the_wall: datetime, recurrence: Recurrence) -> bool:
    series = call.series
    assert series is not None
    usual = Pattern(series, recurrence.moment(on_the_wall))
    return (
        call.is_cancelled
        or not _is_steady(recurrence, on_the_wall, series.length)
        or (call.starts_at, call.ends_at) != (usual.starts_at, usual.ends_at)
        or any(getattr(call, name) != getattr(usual, name) for name in ("title", "summary", "dial_in", "video_service"))
        or bool(call.video_url) != bool(usual.video_url)
    )


def _is_steady(recurrence: Recurrence, start: datetime, length: timedelta) -> bool:
    """Whether no clock changes on the way: programs do not agree on an end that the clock shows twice."""
    end = start + length
    return (
        recurrence.is_plain(start)
        and recurrence.is_plain(end)
        and recurrence.moment(end) - recurrence.moment(start) == length
    )
