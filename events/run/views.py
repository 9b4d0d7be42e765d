"""The page of who runs a call, and the one address that takes what is done and written there."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events.models import LogEntry, Meeting
from events.run.entries import EntryForm, Landed, Written
from events.run.page import CAPTURES, RunPage, stamp_of
from events.run.recording import record
from events.views.finding import find_meeting
from members.web import kept
from members.web.acts import act_of
from members.web.pages import page_at

MOST = 200  # entries in one post
PARTS = "events/run/_parts.html"


@require_safe
def meeting_run(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; `?part=live` is what of it changes, for its script, or nothing when it is as `since`."""
    meeting = find_meeting(request, slug, "events.keep_record")
    if request.GET.get("part") == "live":
        stamp = stamp_of(meeting, timezone.now())
        if request.GET.get("since") == stamp:
            return HttpResponse(status=204)
        return render(request, PARTS, _context(request, meeting, stamp))
    return _page(request, meeting)


def _page(request: HttpRequest, meeting: Meeting, form: EntryForm | None = None) -> HttpResponse:
    context = _context(request, meeting)
    form = form or EntryForm(meeting=meeting, people=context["people"], on=timezone.localdate())
    return kept.page(
        request,
        "events/meeting_run.html",
        {**context, "form": form},
        form,
        at=reverse("meeting_run", args=[meeting.slug]),
    )


def _context(request: HttpRequest, meeting: Meeting, stamp: str = "") -> dict[str, Any]:
    page = RunPage.of(meeting, request.user)
    people = [each.user for each in (*page.presence.here, *page.presence.missing)] + page.presence.others
    return {
        **page_at("calls", back=meeting),
        "page": page,
        "stamp": stamp or stamp_of(meeting, page.now),
        "meeting": meeting,
        "committee": meeting.committee,
        "capture_kinds": CAPTURES,
        "people": sorted(people, key=lambda person: (person.name.casefold(), person.pk)),
    }


@act_of("meeting_run", "slug")
def run_record(request: HttpRequest, slug: str) -> HttpResponse:
    """`entries`: a queue as JSON, answered with what became of each. Without it the form is the entry."""
    meeting = find_meeting(request, slug, "events.keep_record")
    if "entries" in request.POST:
        return _take_queue(request, meeting)
    return _take_form(request, meeting)


def _take_queue(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    try:
        queue = read_queue(request.POST["entries"], request.POST.get("sent_at", ""), timezone.now())
    except (ValueError, RecursionError):
        return HttpResponseBadRequest(_("We can’t read these entries."))
    landed = record(meeting, request.user, queue)
    context = _context(request, meeting)
    return JsonResponse(
        {
            "landed": [{"key": each.key, "state": each.state, "said": each.said} for each in landed],
            "parts": render_to_string(PARTS, context, request),
        }
    )


def read_queue(text: str, sent_at: str, now: datetime) -> list[Written]:
    """Entries with when they were made by our clock: how long ago that was by theirs. Raises ValueError."""
    queue, sent = json.loads(text), float(sent_at)
    if not isinstance(queue, list) or len(queue) > MOST or not all(isinstance(each, dict) for each in queue):
        raise ValueError(text[:80])
    return [_read(each, sent, now) for each in queue]


def _read(entry: dict[str, Any], sent: float, now: datetime) -> Written:
    fields = {str(name): str(value) for name, value in entry.items()}
    try:
        ago = timedelta(milliseconds=max(0.0, sent - float(fields.pop("made_at"))))
        return Written.of(fields, now - ago)
    except (KeyError, OverflowError) as error:
        raise ValueError(fields) from error


def _take_form(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    written = Written.of(request.POST.dict())
    (landed,) = record(meeting, request.user, [written])
    if landed.state == "refused":
        return _came_back(request, meeting, landed)
    if landed.said:
        messages.info(request, landed.said)
    return redirect(_after(meeting, written))


def _after(meeting: Meeting, written: Written) -> str:
    """Where an act leads; to the minutes when it ended the call."""
    page = "meeting_minutes" if written.kind == LogEntry.Kind.END else "meeting_run"
    return reverse(page, args=[meeting.slug])


def _came_back(request: HttpRequest, meeting: Meeting, landed: Landed) -> HttpResponse:
    """What was typed is on the page again, with the reason."""
    people = list(meeting.invitees())
    form = EntryForm(request.POST, meeting=meeting, people=people, on=timezone.localdate())
    if form.data.get("kind") in LogEntry.CAPTURED:
        form.is_valid()
        form.errors.clear()
        form.add_error("text", landed.said)
        return _page(request, meeting, form)
    messages.error(request, landed.said)
    return redirect("meeting_run", meeting.slug)
