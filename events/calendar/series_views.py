"""A series in a calendar: its file, and the way in that its entry names."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.calendar.files import series_file
from events.models import MeetingSeries
from events.models.meetings import JOIN_CLOSES
from members.models import User


def find_series(user: User, key: str) -> MeetingSeries:
    """One that this person is told of. Raises Http404."""
    series = MeetingSeries.objects.visible_to(user).select_related("committee").filter(key=key).first()
    if series is None or not series.is_told:
        raise Http404
    return series


@require_safe
def series_ics(request: HttpRequest, key: str) -> HttpResponse:
    """The series as a calendar file, for those it concerns."""
    return series_file(find_series(request.user, key), request.user)


@require_safe
def series_join(request: HttpRequest, key: str) -> HttpResponse:
    """On to the call that is now or next: what a calendar says of all dates has one address for all."""
    series = find_series(request.user, key)
    calls = series.meetings.told().not_cancelled().filter(ends_at__gt=timezone.now() - JOIN_CLOSES)
    meeting = calls.order_by("starts_at", "pk").first()
    return redirect("meeting_join", meeting.slug) if meeting else redirect(series)
