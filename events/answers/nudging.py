"""Nudging those who have not answered a call: once a day at most, and nobody who got a mail about it within a day."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from events.messages import nudges
from events.models import Meeting
from members.models import User


@transaction.atomic
def nudge(meeting: Meeting, by: User) -> int:
    """Nudge them; how many people. Raises ValidationError for a call that is over or canceled."""
    if meeting.is_cancelled or meeting.is_over or not meeting.is_told:
        raise ValidationError(_("Nobody needs to answer this call: it is over, canceled or not told yet."), "closed")
    people = list(nudges.nudgeable(meeting))
    if people:
        nudges.tell_nudge(meeting, people)
    return len(people)
