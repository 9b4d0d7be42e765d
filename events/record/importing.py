"""From a report to marks: read, looked at, written. What a co-chair marked stands; whom nobody knows is asked about once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from events.models import Attendance, KnownAs, Meeting, ReportDraft
from events.record import recognizing
from events.record.attendance import roster
from events.record.recognizing import Roster
from events.record.reports import GRACE, Attendee, Report, read
from members.models import AuditEntry, User

KEPT_FOR = timedelta(days=2)
NOBODY = "0"  # the answer that it is nobody of the committee
MOST_CHOICES = 200


def begin(meeting: Meeting, by: User, content: bytes) -> ReportDraft:
    """Read a report, for a look. Raises NotAReport."""
    zones = [by.zone, meeting.zone, timezone.get_default_timezone()]
    report = read(content, meeting, zones)
    ReportDraft.objects.filter(read_at__lt=timezone.now() - KEPT_FOR).delete()
    return ReportDraft.objects.create(
        meeting=meeting,
        by=by,
        topic=report.topic,
        began_at=report.began_at,
        people=[_stored(each) for each in report.people],
    )


def _stored(attendee: Attendee) -> dict[str, Any]:
    times = {name: moment and moment.isoformat() for name, moment in _times(attendee)}
    return {"name": attendee.name, "email": attendee.email, "minutes": attendee.minutes, **times}


def _times(attendee: Attendee) -> Iterator[tuple[str, datetime | None]]:
    yield "joined_at", attendee.joined_at
    yield "left_at", attendee.left_at


def _attendee(stored: dict[str, Any]) -> Attendee:
    times = {name: stored[name] and parse_datetime(stored[name]) for name in ("joined_at", "left_at")}
    return Attendee(stored["name"], stored["email"], minutes=stored["minutes"], **times)


@dataclass
class Recognized:
    """One row of the report, and who it is."""

    number: int
    attendee: Attendee
    person: User | None
    is_open: bool  # nobody knows yet
    stays: str = ""  # what a co-chair marked before


class Look:
    """What a report would write: who is recognized, who is asked about, who is nobody of the committee."""

    def __init__(self, draft: ReportDraft) -> None:
        self.draft, self.meeting = draft, draft.meeting
        self.report = Report([_attendee(each) for each in draft.people], draft.topic, draft.began_at)

    @cached_property
    def roster(self) -> Roster:
        return Roster(self.meeting.committee, roster(self.meeting))

    @cached_property
    def rows(self) -> list[Recognized]:
        marked = Attendance.objects.filter(meeting=self.meeting, source=Attendance.Source.CHAIR)
        stands = {row.user_id: row.get_state_display() for row in marked}
        return [self._recognized(number, each, stands) for number, each in enumerate(self.report.people)]

    def _recognized(self, number: int, attendee: Attendee, stands: dict[int, str]) -> Recognized:
        person, is_open = self.roster.find(attendee)
        return Recognized(number, attendee, person, is_open, str(stands.get(person.pk, "")) if person else "")

    @property
    def found(self) -> list[Recognized]:
        return [row for row in self.rows if row.person]

    @property
    def asked(self) -> list[Recognized]:
        return [row for row in self.rows if row.is_open]

    @property
    def nobody(self) -> list[Recognized]:
        return [row for row in self.rows if not row.person and not row.is_open]

    @property
    def people(self) -> int:
        return len({row.person.pk for row in self.rows if row.person})

    @property
    def is_of_another(self) -> bool:
        return not self.report.is_of(self.meeting)

    @property
    def has_another_topic(self) -> bool:
        return not self.report.names(self.meeting)

    def choices(self, row: Recognized) -> list[tuple[str, Any]]:
        return recognizing.choices(self.roster, row.attendee, MOST_CHOICES)

    def times(self, attendee: Attendee) -> dict[str, Any]:
        """Late and early, as far as it was more than a few minutes; of another call’s report only the minutes."""
        last = max((each.left_at for each in self.report.people if each.left_at), default=self.meeting.ends_at)
        late = attendee.joined_at and attendee.joined_at > self.meeting.starts_at + GRACE
        early = attendee.left_at and attendee.left_at < min(last, self.meeting.ends_at) - GRACE
        known = not self.is_of_another
        return {
            "arrived_at": attendee.joined_at if late and known else None,
            "left_at": attendee.left_at if early and known else None,
            "minutes": attendee.minutes,
        }


@transaction.atomic
def write(draft: ReportDraft, by: User, answers: dict[int, str]) -> int:
    """Mark who is in the report as here, once; `answers` say who the unknown are, by their number. How many it marked."""
    locked = ReportDraft.objects.select_for_update(of=["self"]).select_related("meeting__committee").get(pk=draft.pk)
    if locked.taken_at:
        return 0
    look = Look(locked)
    people = dict(_together(look, answers))
    for row in look.asked:
        _remember(look, row, answers.get(row.number, ""), by)
    stays = {row.person for row in look.found if row.stays}
    marked = Attendance.mark_all(
        look.meeting,
        {person: look.times(each) for person, each in people.items() if person not in stays},
        by=by,
        source=Attendance.Source.REPORT,
    )
    after = {"people": len(look.rows), "marked": len(marked), "topic": locked.topic}
    AuditEntry.record(by, "took over a report", look.meeting, after=after)
    locked.taken_at, locked.people = timezone.now(), []
    locked.save(update_fields=["taken_at", "people"])
    return len(marked)


def _together(look: Look, answers: dict[int, str]) -> Iterator[tuple[User, Attendee]]:
    """Each person once, over all names they came by."""
    joins: dict[User, Attendee] = {}
    for row in look.rows:
        person = row.person
        if row.is_open and (answer := answers.get(row.number, "")).isdecimal():
            person = look.roster.people.get(int(answer))
        if person:
            joins[person] = _joined(joins[person], row.attendee) if person in joins else row.attendee
    yield from joins.items()


def _joined(one: Attendee, other: Attendee) -> Attendee:
    return replace(
        one,
        joined_at=min(filter(None, (one.joined_at, other.joined_at)), default=None),
        left_at=max(filter(None, (one.left_at, other.left_at)), default=None),
        minutes=max(filter(None, (one.minutes, other.minutes)), default=None),
    )


def _remember(look: Look, row: Recognized, answer: str, by: User) -> None:
    person = look.roster.people.get(int(answer)) if answer.isdecimal() else None
    if not person and answer != NOBODY:
        return
    for said in recognizing.known_as(row.attendee):
        KnownAs.objects.update_or_create(
            committee=look.meeting.committee, said=said, defaults={"user": person, "said_by": by}
        )
