"""A call as a file for calendar programs."""

from __future__ import annotations

from django.http import HttpResponse

from events.calendar import ics
from events.models import Meeting
from members.models import User


def calendar_file(meeting: Meeting, person: User) -> HttpResponse:
    response = HttpResponse(ics.download(meeting, person), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{meeting.slug}.ics"'
    return response
