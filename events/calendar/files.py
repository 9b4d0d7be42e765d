"""Calls as files for calendar programs."""

from __future__ import annotations

from django.http import HttpResponse

from events.calendar import ics
from events.models import Meeting, MeetingSeries
from members.models import User


def calendar_file(meeting: Meeting, person: User) -> HttpResponse:
    return _file(ics.download(meeting, person), meeting.slug)


def series_file(series: MeetingSeries, person: User) -> HttpResponse:
    """With those of its calls that the committee knows of."""
    calls = list(series.meetings.told().order_by("original_start"))
    for call in calls:
        call.series, call.committee = series, series.committee
    may_dial = bool(series.role_of(person)) or person.is_staff_member
    return _file(ics.download_series(series, calls, dial_in=may_dial), series.key)


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response
