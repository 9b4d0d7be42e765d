"""The head of minutes: which committee met when and where, who was there, and since when they were enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from committees.models import Committee, Membership
from events.models import Attendance, CallRun, Meeting
from events.models.joint import seats_at
from members.times import clock, formats

ALTERNATE = Membership.Role.ALTERNATE


@dataclass(frozen=True)
class Heading:
    """Names are those of the day it was approved; until then, of today. `taken`: somebody wrote down who was there.

    `present` and `absent` have a vote, `also` are the others who were there. Of a call that several committees shared
    `counts` says of each how many were there and since when they were enough, in words.
    """

    committee: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: str
    chair: str
    taken: bool
    eligible: int
    needed: int
    quorum_at: datetime | None
    present: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    people: tuple[int, ...] = field(default=(), compare=False)  # who is named, for those who must forget a name
    counts: tuple[str, ...] = ()

    @property
    def here(self) -> int:
        return len(self.present) + len(self.also)

    @property
    def when(self) -> str:
        """Thursday, March 11, 2027, 3:00–3:58 PM EST: in the call's own zone, for every reader the same."""
        with timezone.override(ZoneInfo(self.zone)):
            local = timezone.localtime(self.starts_at)
            # Translators: Django date format of a record, always with the year
            day = date_format(local, pgettext("date format", "l, F j, Y"))
            minutes = max(round((self.ends_at - self.starts_at) / timedelta(minutes=1)), 1)
            return _("%(day)s, %(hours)s") % {"day": day, "hours": formats.hours(self.starts_at, minutes)}

    @property
    def attendance(self) -> str:
        """26 of 41 members; quorum from 3:02 PM."""
        if not self.taken:
            return _("Attendance wasn’t taken.")
        if self.counts:
            return " ".join(self.counts)
        counted = Counted(len(self.present), self.eligible, self.needed, self.quorum_at)
        return f"{counted.words(self.zone)}."

    @property
    def line(self) -> str:
        where = f"{self.when}, {self.place}." if self.place else f"{self.when}."
        chair = _("Chair: %(name)s.") % {"name": self.chair} if self.chair else ""
        return " ".join(filter(None, [where, self.attendance, chair]))

    @property
    def roll(self) -> list[tuple[str, str]]:
        """(label, names) as they are listed; nothing when nobody wrote it down."""
        if not self.taken:
            return []
        rows = [(_("Present"), self.present), (_("Also there"), self.also), (_("Absent"), self.absent)]
        return [(label, ", ".join(names)) for label, names in rows if names]

    def to_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        moments = {name: value and value.isoformat() for name, value in told.items() if name in MOMENTS}
        return told | moments | {name: list(told[name]) for name in LISTS}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Heading:
        moments = {name: stored[name] and datetime.fromisoformat(stored[name]) for name in MOMENTS}
        return cls(**stored | moments | {name: tuple(stored.get(name, ())) for name in LISTS})

    @classmethod
    def of(cls, meeting: Meeting) -> Heading:
        """As it is known now, in three queries."""
        run = CallRun.objects.filter(meeting=meeting).select_related("started_by").first()
        starts_at = run.started_at if run else meeting.starts_at
        ends_at = (run.ended_at if run else None) or max(meeting.ends_at, starts_at + timedelta(minutes=1))
        rows = list(Attendance.objects.filter(meeting=meeting).for_listing())
        held = seats_at(meeting.pk, Membership.objects.held(clock.day_of(meeting.starts_at)))
        seats = list(held.select_related("user", "committee").order_by("user__name", "user"))
        beside = {seat.committee_id: seat.committee for seat in seats if seat.committee_id != meeting.committee_id}
        committees = [meeting.committee, *sorted(beside.values(), key=lambda each: each.name)]
        here = [row for row in rows if row.is_here]
        names = {row.user_id: row.user.name for row in here}
        voting = {seat.user_id: seat.user.name for seat in seats if seat.role in Membership.VOTING}
        present = [pk for pk in names if pk in voting]
        absent = [pk for pk in voting if pk not in names]
        counted = [Counted.of(each, seats, here, starts_at) for each in committees]
        chair = run.started_by if run else meeting.organizer
        return cls(
            committee=" · ".join(f"{each.name} {each.get_kind_display().lower()}" for each in committees),
            title=meeting.title,
            starts_at=starts_at,
            ends_at=ends_at,
            zone=meeting.timezone,
            place=_place(meeting),
            chair=chair.name if chair else "",
            taken=bool(rows),
            eligible=counted[0].eligible,
            needed=counted[0].needed,
            quorum_at=counted[0].quorum_at,
            present=tuple(names[pk] for pk in present),
            also=tuple(name for pk, name in names.items() if pk not in voting),
            absent=tuple(voting[pk] for pk in absent),
            people=tuple(sorted({*names, *absent})),
            counts=tuple(f"{each.committee}: {each.words(meeting.timezone)}." for each in counted)
            if len(counted) > 1
            else (),
        )


@dataclass(frozen=True)
class Counted:
    """Of one committee, the voting members who were there, and since when they were enough."""

    here: int
    eligible: int
    needed: int
    quorum_at: datetime | None
    committee: str = ""

    @classmethod
    def of(
        cls, committee: Committee, seats: Iterable[Membership], here: Iterable[Attendance], starts_at: datetime
    ) -> Counted:
        roles = {seat.user_id: seat.role for seat in seats if seat.committee_id == committee.pk}
        votes = {pk for pk, role in roles.items() if role in Membership.VOTING}
        stands_in = {pk for pk, role in roles.items() if role == ALTERNATE}
        needed = committee.quorum_of(len(votes))
        came = sum(row.user_id in votes for row in here)
        return cls(came, len(votes), needed, quorum_from(here, votes, stands_in, needed, starts_at), committee.name)

    def words(self, zone: str) -> str:
        """26 of 41 members; quorum from 3:02 PM"""
        counted = ngettext("%(here)s of %(n)s member", "%(here)s of %(n)s members", self.eligible) % {
            "here": self.here,
            "n": self.eligible,
        }
        return f"{counted}; {self._quorum(zone)}" if self.needed else counted

    def _quorum(self, zone: str) -> str:
        if self.quorum_at is None:
            return _("no quorum, which needs %(n)s") % {"n": self.needed}
        with timezone.override(ZoneInfo(zone)):
            return _("quorum from %(clock)s") % {"clock": formats.clock_only(self.quorum_at)}


MOMENTS = ("starts_at", "ends_at", "quorum_at")
LISTS = ("present", "also", "absent", "people", "counts")


def _place(meeting: Meeting) -> str:
    if meeting.video_service:
        return _("on %(service)s") % {"service": meeting.video_service}
    return _("by video") if meeting.video_url else _("by phone") if meeting.dial_in else ""


def quorum_from(
    here: Iterable[Attendance], votes: set[int], stands_in: set[int], needed: int, starts_at: datetime
) -> datetime | None:
    """The first moment at which enough were there; None when there was none. As Quorum counts: an alternate fills the
    seat of a voting member who isn't there.
    """
    changes: list[tuple[datetime, int, bool]] = []
    for row in here:
        if row.user_id in votes or row.user_id in stands_in:
            changes.append((max(row.arrived_at or starts_at, starts_at), 1, row.user_id in votes))
            if row.left_at:
                changes.append((max(row.left_at, starts_at), -1, row.user_id in votes))
    voting = alternates = 0
    moments = sorted({moment for moment, _step, _votes in changes} | {starts_at})
    for moment in moments:
        for at, step, is_voting in changes:
            if at == moment:
                voting, alternates = (voting + step, alternates) if is_voting else (voting, alternates + step)
        if min(voting + alternates, len(votes)) >= needed:
            return moment
    return None
