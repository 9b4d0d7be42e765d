"""Finding a time for a committee's call."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from events.availability.finding import Found, read
from events.availability.forms import MONTHLY, FindForm
from events.availability.usual import usual_slot
from events.views.finding import find_committee_for
from members.web.pages import page_at


@require_safe
def find_a_time(request: HttpRequest, slug: str) -> HttpResponse:
    """How many of the roster can likely come in each hour of a week; `?at=` is the slot that is looked at."""
    committee = find_committee_for(request, slug, "events.schedule_meeting")
    usual = usual_slot(committee)
    form = FindForm(
        request.GET,
        week=usual.on if usual else timezone.localdate() + timedelta(days=7),
        length=usual.minutes if usual else 60,
        repeats=MONTHLY,
    )
    found = Found(
        committee,
        request.user,
        form.search,
        usual,
        read(request.GET.get("at", "")),
        whole=bool(request.GET.get("whole")),
    )
    context = {"committee": committee, "found": found, "form": form.offer(), **page_at("committees")}
    return render(request, "events/find_a_time.html", context)
