"""The list of a call's attendance: who may be expected to have been there, and what was said of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Exists, F, FilteredRelation, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from events.models import Attendance, Meeting, Rsvp
from events.models.attendance import JOINED
from events.models.joint import sits_with
from members.models import AuditEntry, Profile, User
from members.queries.finding import all_found_by

HERE, ABSENT = Attendance.State.HERE, Attendance.State.ABSENT
OPEN, ALL = "open", "all"  # beside the states: who is to be marked, and everybody
TO_MARK = Q(state=None) & (Q(said=Rsvp.Response.ACCEPTED) | Q(joined_at__isnull=False))


def roster(meeting: Meeting) -> QuerySet[Any]:
    """Who may be marked, with the mark, the answer, and when they first pressed Join in an email (a hint, no proof)."""
    mark = FilteredRelation("attendances", condition=Q(attendances__meeting=meeting))
    answer = FilteredRelation("rsvps", condition=Q(rsvps__meeting=meeting, rsvps__edition=meeting.edition))
    joined = AuditEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Meeting),
        object_id=meeting.pk,
        actor=OuterRef("pk"),
        verb=JOINED,
    )
    first = joined.order_by().values("actor").annotate(first=Min("at")).values("first")
    seats = Attendance.seats(meeting).filter(user=OuterRef("pk"))
    people: QuerySet[Any] = User.objects.all()
    return (
        people.alias(mark=mark, answer=answer)
        .filter(Exists(seats) | Q(mark__isnull=False))
        .annotate(
            state=F("mark__state"),
            source=F("mark__source"),
            came_at=F("mark__arrived_at"),
            went_at=F("mark__left_at"),
            minutes=F("mark__minutes"),
            marked_by=F("mark__marked_by__name"),
            said=F("answer__response"),
            joined_at=Subquery(first),
        )
        .order_by("name", "pk")
    )


def shown(people: QuerySet[Any], which: str, words: str = "") -> QuerySet[Any]:
    """Those of a tab, or whoever is found by name."""
    if words:
        return people.filter(all_found_by("name_words", words))
    if which == OPEN:
        return people.filter(TO_MARK)
    return people if which == ALL else people.filter(state=which)


def seen_by(viewer: User, meeting: Meeting) -> QuerySet[Any]:
    """Who was there, as a member of the committee sees it: those who let the reader see which calls they go to."""
    people = roster(meeting).alias(call=Value(meeting.pk))
    fellows = Q(profile__rsvp_audience=Profile.Audience.COMMITTEES) & sits_with(viewer, "pk", "call")
    shown = fellows | Q(profile__rsvp_audience=Profile.Audience.MEMBERS) | Q(pk=viewer.pk)
    return people.filter(shown, state=HERE)


@dataclass(frozen=True)
class Counts:
    """How many of a call's list are where."""

    open: int
    here: int
    absent: int
    all: int

    @classmethod
    def of(cls, people: QuerySet[Any]) -> Counts:
        number = people.order_by().aggregate(
            open=Count("pk", filter=TO_MARK),
            here=Count("pk", filter=Q(state=HERE)),
            absent=Count("pk", filter=Q(state=ABSENT)),
            all=Count("pk"),
        )
        return cls(**number)


@transaction.atomic
def mark_offered(meeting: Meeting, keys: Iterable[int], by: User) -> list[Attendance]:
    """All of these were here: those of them of whom nobody has said anything since."""
    people = list(shown(roster(meeting), OPEN).filter(pk__in=keys))
    return Attendance.mark_all(meeting, people, by=by) if people else []


def moment_of(meeting: Meeting, clock: time | None) -> datetime | None:
    """A time of day as the reader has it, on the call: past midnight it is the next day."""
    if clock is None:
        return None
    zone = timezone.get_current_timezone()
    begins = meeting.starts_at.astimezone(zone)
    moment = datetime.combine(begins.date(), clock, tzinfo=zone)
    return moment + timedelta(days=1) if begins - moment > timedelta(hours=12) else moment
