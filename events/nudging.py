"""Asking those who have not answered a call, once a day at most, and nobody who heard about the call within a day."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from events import notices
from events.models import Meeting, Rsvp
from members.clock import today
from members.models import User


def silent(meeting: Meeting) -> QuerySet[User]:
    """Those on the committee without an answer to the time that holds."""
    said = Rsvp.objects.filter(meeting=meeting, user=OuterRef("pk"), edition=meeting.edition)
    return meeting.invitees().filter(~Exists(said.exclude(response=Rsvp.Response.NEEDS_ACTION)))


def to_nudge(meeting: Meeting) -> QuerySet[User]:
    """Those of the silent who heard nothing about the call within a day, and did not turn nudges off."""
    return notices.nudgeable(silent(meeting), meeting)


@transaction.atomic
def nudge(meeting: Meeting, by: User) -> int:
    """Ask them; how many that are. Raises ValidationError for a call that is over or canceled."""
    refuse_closed(meeting)
    people = list(to_nudge(meeting))
    if people:
        notices.tell_nudge(meeting, people, edition())
    return len(people)


def edition() -> int:
    """Of a nudge: the day."""
    return today().toordinal()


def refuse_closed(meeting: Meeting) -> None:
    if meeting.is_cancelled or meeting.is_over:
        raise ValidationError(_("This call is over or canceled, so nobody needs to answer."), "closed")
