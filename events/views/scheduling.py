"""A co-chair puts a call on, changes it, moves it and cancels it."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from committees.models import Committee
from events import scheduling
from events.forms import MeetingForm, MoveForm, ReasonForm, WhenForm
from events.models import ChangedMeanwhile, Meeting
from events.views.finding import find_committee_for, find_meeting
from members import timewords

COPIED = ("title", "summary", "duration", "video_url", "dial_in", "public", "reminder_offsets")


# Scheduling ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Topic, time and place on one page; the agenda comes next. `?like=<slug>` starts from an earlier call."""
    committee = find_committee_for(request, slug, "events.schedule_meeting")
    like = _earlier(committee, request.GET.get("like", ""))
    when = WhenForm(
        request.POST or None, zone_name=like.timezone if like else committee.timezone, initial=_when_like(like)
    )
    words = MeetingForm(request.POST or None, instance=Meeting(), committee=committee, initial=_words_like(like))
    if request.method == "POST" and when.is_valid() & words.is_valid():
        meeting = _schedule(request, committee, when, words)
        if meeting:
            return redirect("meeting_agenda", meeting.slug)
    context = _form_context(request, committee, when, words)
    context |= {
        "like": like,
        "last": _earlier(committee, "last") if not like else None,
        "invited": committee.people().count(),
    }
    return render(request, "events/meeting_schedule.html", context)


def _schedule(request: HttpRequest, committee: Committee, when: WhenForm, words: MeetingForm) -> Meeting | None:
    tell = "quiet" not in request.POST
    try:
        meeting = scheduling.schedule(committee, request.user, tell=tell, **when.when, **words.words)
    except ValidationError as error:
        _report(error, when, words)
        return None
    invited = committee.people().count()
    said = ngettext("Scheduled. %(n)s person is invited.", "Scheduled. %(n)s people are invited.", invited) % {
        "n": invited
    }
    messages.success(request, said if tell else _("Scheduled, and nobody was told."))
    return meeting


def _earlier(committee: Committee, slug: str) -> Meeting | None:
    """The named call of this committee; "last" is the newest one by date."""
    calls = committee.meetings.order_by("-starts_at", "-pk")
    return (calls if slug == "last" else calls.filter(slug=slug)).first() if slug else None


def _words_like(like: Meeting | None) -> dict[str, Any]:
    if not like:
        return {}
    words = {name: getattr(like, name) for name in COPIED}
    words["reminders"] = "committee" if like.reminder_offsets is None else "own"
    return {name: value for name, value in words.items() if value is not None}


def _when_like(like: Meeting | None) -> dict[str, Any]:
    if not like:
        return {}
    return {
        "local_date": same_weekday_next_month(like.local_date),
        "local_time": like.local_time,
        "timezone": like.timezone,
    }


def same_weekday_next_month(last: date) -> date:
    """The second Thursday after a second Thursday, later than today; where a month has no fifth one, its fourth."""
    found = last
    while found <= max(last, timezone.localdate()):
        first = (found.replace(day=1) + timedelta(days=32)).replace(day=1)
        month = [first + timedelta(days=day) for day in range(calendar.monthrange(first.year, first.month)[1])]
        days = [day for day in month if day.weekday() == last.weekday()]
        found = days[min((last.day - 1) // 7, len(days) - 1)]
    return found


@require_safe
def meeting_when(request: HttpRequest, slug: str) -> HttpResponse:
    """A fragment beside the form: the chosen time in every zone, or what is wrong with it. Changes nothing."""
    committee = find_committee_for(request, slug, "events.schedule_meeting")
    form = WhenForm(request.GET, zone_name=committee.timezone)
    form.is_valid()
    typed = request.GET.get("local_date") and request.GET.get("local_time")
    return render(request, "events/_when_preview.html", _preview(form) if typed else {})


def _preview(form: WhenForm) -> dict[str, Any]:
    starts_at = form.cleaned_data.get("starts_at") if hasattr(form, "cleaned_data") else None
    problems = [
        error for name in ("local_date", "local_time", "timezone", "fold") for error in form.errors.get(name, [])
    ]
    return {"starts_at": starts_at, "problems": problems}


# Editing -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The words, links and length; the time is moved on a page of its own, because people are asked again."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    if meeting.is_cancelled:
        return _closed(request, meeting)
    form = MeetingForm(request.POST or None, instance=Meeting.objects.get(pk=meeting.pk), committee=meeting.committee)
    current = None
    if request.method == "POST" and form.is_valid():
        try:
            return _edited(request, meeting, form)
        except ChangedMeanwhile as conflict:
            current = conflict.current
        except ValidationError as error:
            _report(error, form)
    context = _form_context(request, meeting.committee, form)
    context |= {
        "meeting": meeting,
        "words": form,
        "current": current,
        "seen": (current or meeting).updated_at.isoformat(),
        "invited": meeting.invitees().count(),
    }
    return render(request, "events/meeting_edit.html", context, status=409 if current else 200)


def _edited(request: HttpRequest, meeting: Meeting, form: MeetingForm) -> HttpResponse:
    seen = _moment(request.POST.get("seen", ""))
    scheduling.edit(meeting, request.user, tell="quiet" not in request.POST, seen=seen, **form.words)
    messages.success(request, _("Saved."))
    return redirect(meeting)


def _moment(given: str) -> datetime | None:
    try:
        return parse_datetime(given)
    except ValueError:
        return None


# Moving and canceling ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_move(request: HttpRequest, slug: str) -> HttpResponse:
    """Another time, with the reason; answers are void and everybody is asked again."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    if meeting.is_cancelled or meeting.is_over:
        return _closed(request, meeting)
    now = {
        "local_date": meeting.local_date,
        "local_time": meeting.local_time,
        "timezone": meeting.timezone,
        "fold": meeting.fold,
    }
    form = MoveForm(request.POST or None, zone_name=meeting.timezone, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            moved = scheduling.move(meeting, request.user, reason=form.cleaned_data["reason"], **form.when)
        except ValidationError as error:
            _report(error, form)
        else:
            words = (
                _("Moved to %s. Everybody is asked again.") % timewords.listed(meeting.starts_at)
                if moved
                else _("That is the time it has already. Nothing changed.")
            )
            messages.success(request, words)
            return redirect(meeting)
    context = _form_context(request, meeting.committee, form)
    context |= {"meeting": meeting, "when": form, "form": form, "invited": meeting.invitees().count()}
    return render(request, "events/meeting_move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of its own, because it cannot be undone: how many are told, and why."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    if meeting.is_cancelled or meeting.is_over:
        return _closed(request, meeting)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        scheduling.cancel(meeting, request.user, form.cleaned_data["reason"])
        messages.success(request, _("Canceled. Everybody invited gets an email with your reason."))
        return redirect(meeting)
    context = _form_context(request, meeting.committee, form)
    context |= {"meeting": meeting, "form": form, "invited": meeting.invitees().count()}
    return render(request, "events/meeting_cancel.html", context)


def _closed(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Nothing to change on a call that is canceled or over."""
    context = {
        "nav": "committees",
        "meeting": meeting,
        "committee": meeting.committee,
        "back_url": meeting.get_absolute_url(),
        "back_label": meeting.title,
    }
    return render(request, "events/meeting_closed.html", context, status=409)


# Forms ---------------------------------------------------------------------------------------------


def _form_context(request: HttpRequest, committee: Committee, *forms: Any) -> dict[str, Any]:
    when = next((form for form in forms if isinstance(form, WhenForm)), None)
    context = {
        "nav": "committees",
        "committee": committee,
        "back_url": committee.get_absolute_url(),
        "back_label": committee.name,
        "has_errors": any(form.errors for form in forms),
        "forms": forms,
        "when": when,
        "words": next((form for form in forms if isinstance(form, MeetingForm)), None),
    }
    return context | (_preview(when) if when and request.method == "POST" else {})


def _report(error: ValidationError, *forms: Any) -> None:
    """Put a verb's objection beside the field it is about, or above the form."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    for name, errors in by_field.items():
        form = next((form for form in forms if name in form.fields), None)
        (form or forms[0]).add_error(name if form else None, errors)
