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

from committees.models import Membership
from events.models import Attendance, CallRun, Meeting
from members.times import clock, formats

ALTERNATE = Membership.Role.ALTERNATE


@dataclass(frozen=True)
class Heading:
    """Names are those of the day it was approved; until then, of today. `taken`: somebody wrote down who was there.

    `present` and `absent` have a vote, `also` are the others who were there.
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
        counted = ngettext("%(here)s of %(n)s member", "%(here)s of %(n)s members", self.eligible) % {
            "here": len(self.present),
            "n": self.eligible,
        }
        return f"{counted}; {self._quorum()}." if self.needed else f"{counted}."

    def _quorum(self) -> str:
        if self.quorum_at is None:
            return _("no quorum, which needs %(n)s") % {"n": self.needed}
        with timezone.override(ZoneInfo(self.zone)):
            return _("quorum from %(clock)s") % {"clock": formats.clock_only(self.quorum_at)}

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
        return cls(**stored | moments | {name: tuple(stored[name]) for name in LISTS})

    @classmethod
    def of(cls, meeting: Meeting) -> Heading:
        """As it is known now, in three queries."""
        run = CallRun.objects.filter(meeting=meeting).select_related("started_by").first()
        starts_at = run.started_at if run else meeting.starts_at
        ends_at = (run.ended_at if run else None) or max(meeting.ends_at, starts_at + timedelta(minutes=1))
        rows = list(Attendance.objects.filter(meeting=meeting).for_listing())
        seats = Membership.objects.held(clock.day_of(meeting.starts_at)).filter(committee=meeting.committee_id)
        roles = {seat.user_id: seat for seat in seats.select_related("user").order_by("user__name", "user")}
        here = [row for row in rows if row.is_here]
        votes = {pk for pk, seat in roles.items() if seat.role in Membership.VOTING}
        names = {row.user_id: row.user.name for row in here}
        present = [pk for pk in names if pk in votes]
        absent = [pk for pk in roles if pk in votes and pk not in names]
        needed = meeting.committee.quorum_of(len(votes))
        stands_in = {pk for pk, seat in roles.items() if seat.role == ALTERNATE}
        chair = run.started_by if run else meeting.organizer
        return cls(
            committee=f"{meeting.committee.name} {meeting.committee.get_kind_display().lower()}",
            title=meeting.title,
            starts_at=starts_at,
            ends_at=ends_at,
            zone=meeting.timezone,
            place=_place(meeting),
            chair=chair.name if chair else "",
            taken=bool(rows),
            eligible=len(votes),
            needed=needed,
            quorum_at=quorum_from(here, votes, stands_in, needed, starts_at),
            present=tuple(names[pk] for pk in present),
            also=tuple(name for pk, name in names.items() if pk not in votes),
            absent=tuple(roles[pk].user.name for pk in absent),
            people=tuple(sorted({*names, *absent})),
        )


MOMENTS = ("starts_at", "ends_at", "quorum_at")
LISTS = ("present", "also", "absent", "people")


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
