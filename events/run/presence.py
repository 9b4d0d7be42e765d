"""Who is on a call now, who said they would be, who may vote, and whether that is enough to decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from committees.models import Membership
from events.models import Attendance, Meeting, Rsvp
from events.models.decisions import MAY_VOTE
from events.record.quorum import Quorum
from members.models import Office, User

PROMPT = timedelta(minutes=5)  # after the start: nobody says when they came
SLIP = timedelta(minutes=5)  # in which a mark that is taken off was a mistake, and nobody left


@dataclass(frozen=True)
class Attendee:
    """`joined_at` is None for who was there when it began."""

    user: User
    joined_at: datetime | None = None
    state: str = ""  # of the office held


@dataclass(frozen=True)
class Presence:
    here: list[Attendee]
    missing: list[Attendee]  # said they were coming
    others: list[User]
    voters: list[User]
    quorum: Quorum
    beside: list[Quorum]  # of the committees that share the call

    @classmethod
    def of(cls, meeting: Meeting, now: datetime) -> Presence:
        seats = list(Attendance.seats(meeting).select_related("user").order_by("user__name", "user"))
        people = {seat.user_id: seat.user for seat in seats}
        arrived = dict(Attendance.objects.here_at(now).filter(meeting=meeting).values_list("user", "arrived_at"))
        going = set(
            Rsvp.objects.going().filter(meeting=meeting, edition=meeting.edition).values_list("user", flat=True)
        )
        states = dict(Office.objects.filter(user__in=people).values_list("user", "jurisdiction__state"))
        began = meeting.starts_at + PROMPT
        joined = {pk: at for pk, at in arrived.items() if at and at > began}
        found = {pk: Attendee(user, joined.get(pk), states.get(pk, "")) for pk, user in people.items()}
        return cls(
            here=[each for pk, each in found.items() if pk in arrived],
            missing=[each for pk, each in found.items() if pk in going - arrived.keys()],
            others=[user for pk, user in people.items() if pk not in going | arrived.keys()],
            voters=list({seat.user_id: seat.user for seat in seats if votes_in(seat, meeting)}.values()),
            quorum=Quorum.of(meeting, now),
            beside=Quorum.of_each(meeting, meeting.sharing(), now),
        )


def votes_in(seat: Membership, meeting: Meeting) -> bool:
    """What is decided is the host's."""
    return seat.role in MAY_VOTE and seat.committee_id == meeting.committee_id


def mark(meeting: Meeting, person: User, by: User, *, here: bool, at: datetime) -> None:
    """Somebody came or left. Raises ValidationError, as the verbs of attendance do."""
    if here:
        Attendance.arrive(meeting, person, by=by, at=at)
        return
    row = Attendance.objects.filter(meeting=meeting, user=person).first()
    if row is None or at - max(row.marked_at, row.arrived_at or row.marked_at) < SLIP:
        Attendance.unmark(meeting, person, by=by)
    else:
        Attendance.leave(meeting, person, by=by, at=at)
