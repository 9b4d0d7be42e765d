"""The list of answers to a call."""

from __future__ import annotations

from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet

from events.models import Meeting, Rsvp
from members.models import User


def people(viewer: User, meeting: Meeting, runs: bool) -> QuerySet[User]:
    """Everybody on the committee with their answer; those who have not answered are listed for co-chairs alone."""
    answer = FilteredRelation("rsvps", condition=Q(rsvps__meeting=meeting, rsvps__edition=meeting.edition))
    invited = (
        meeting.invitees()
        .alias(answer=answer)
        .annotate(said=F("answer__response"), note=F("answer__note"), version=F("answer__version"))
        .annotate(in_line_since=F("answer__in_line_since"), written_by=F("answer__written_by__name"))
    )
    if runs:
        return invited
    shown = Rsvp.objects.counting(meeting).shown_to(viewer, everybody=False)
    return invited.filter(pk__in=shown.order_by().values("user"))


def that_said(listed: QuerySet[Any], answer: str) -> QuerySet[Any]:
    """Those with this answer: a Response, "silent" for no answer, or "" for everybody."""
    if answer == "silent":
        return listed.filter(Q(said=None) | Q(said=Rsvp.Response.NEEDS_ACTION))
    return listed.filter(said=answer) if answer else listed
