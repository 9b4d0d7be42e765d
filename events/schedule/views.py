"""A co-chair puts a call on, changes it, moves it and cancels it.

Each has two steps at one address: the form, and a look at the mails it sends. `quiet` saves without telling anybody.
"""

from __future__ import annotations

import calendar
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from committees.models import Committee
from events.models import Meeting, MeetingMove, MeetingSeries, Rsvp
from events.schedule import horizon, scheduling
from events.schedule.asked import Asked
from events.schedule.forms import MeetingForm, MoveForm, ReasonForm, WhenForm
from events.views.finding import find_committee_for, find_meeting
from members.mail.bulk.sending import Preview
from members.mail_desk.views.sendings import in_two_steps, key_of, send_words, sent_words
from members.times import formats
from members.web import kept
from members.web.acts import page_or_post
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at
from members.web.plain_forms import in_plain_words

SENDING = "events/meeting_sending.html"
CONFLICT, BACK = "changed meanwhile", "back"

COPIED = ("title", "summary", "duration", "video_url", "dial_in", "public", "reminder_offsets")


# Scheduling ----------------------------------------------------------------------------------------


@page_or_post
def meeting_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Topic, time and place on one page; the agenda comes next. `?like=<slug>` starts from an earlier call, and
    `?date=&time=&length=` from what was found elsewhere, by the committee’s clock."""
    committee = find_committee_for(request, slug, "events.schedule_meeting")
    like, asked = _earlier(committee, request.GET.get("like", "")), Asked.of(request.GET)
    when = WhenForm(
        request.POST or None,
        zone_name=like.timezone if like else committee.timezone,
        initial=_when_like(like) | asked.when,
    )
    words = MeetingForm(
        request.POST or None,
        instance=Meeting(),
        committee=committee,
        initial=_words_like(like) | _seats_like(like) | asked.words,
    )
    if request.method == "POST" and when.is_valid() & words.is_valid() and "back" not in request.POST:
        try:
            return once(request, partial(_schedule, request, committee, when, words))
        except ValidationError as error:
            _report(error, when, words)
    kept.bring_back(request, when, words)
    context = _form_context(request, committee, when, words)
    context |= {
        "like": like,
        "last": _earlier(committee, "last") if not like else None,
        "invited": committee.people().count(),
    }
    return kept.page(request, "events/meeting_schedule.html", context, when, words, note=_note(request))


def _schedule(request: HttpRequest, committee: Committee, when: WhenForm, words: MeetingForm) -> HttpResponse:
    key = key_of(request)
    if key and (double := _with_key(committee, key)):
        return redirect("meeting_agenda", double.slug)

    def act(tell: bool) -> Meeting:
        return scheduling.schedule(committee, request.user, tell=tell, key=key, **when.when, **words.words)

    context = _sending_context(committee, _("Look at the invitation"))
    try:
        sent = in_two_steps(request, act, SENDING, context, _words_of_new)
    except IntegrityError:  # the same page was posted at the same moment
        double = _with_key(committee, key) if key else None
        if double is None:
            raise
        return redirect("meeting_agenda", double.slug)
    if isinstance(sent, HttpResponse):
        return sent
    if "quiet" in request.POST:
        messages.success(request, _("Saved as a draft. Only co-chairs and staff see it until you tell the committee."))
    else:
        messages.success(request, _said(request, _("Scheduled."), sent))
    return redirect("meeting_agenda", sent.outcome.slug)


def _with_key(committee: Committee, key: uuid.UUID) -> Meeting | None:
    return committee.meetings.filter(uid=Meeting.uid_of(committee, key)).first()


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


def _seats_like(like: Meeting | None) -> dict[str, Any]:
    """Of one call: a series has none."""
    return {"seats": like.seats} if like else {}


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
    today = timezone.localdate()
    last = min(last, today + timedelta(days=366 * horizon.MOST_YEARS))
    found = max(last, today - timedelta(days=62))  # the months of long ago need no look
    while found <= max(last, today):
        first = (found.replace(day=1) + timedelta(days=32)).replace(day=1)
        month = [first + timedelta(days=day) for day in range(calendar.monthrange(first.year, first.month)[1])]
        days = [day for day in month if day.weekday() == last.weekday()]
        found = days[min((last.day - 1) // 7, len(days) - 1)]
    return found


@require_safe
def meeting_when(request: HttpRequest, slug: str) -> HttpResponse:
    """A fragment beside the form: the chosen time in every zone, or what is wrong with it. Changes nothing."""
    committee = find_committee_for(request, slug, "events.schedule_meeting")
    if not request.GET:
        return redirect("meeting_schedule", slug)
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


@page_or_post
def meeting_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The words, links and length; the time is moved on a page of its own, because people are asked again."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    if meeting.is_cancelled:
        return _closed(request, meeting)
    form = MeetingForm(request.POST or None, instance=Meeting.objects.get(pk=meeting.pk), committee=meeting.committee)
    current = None
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        try:
            return once(request, partial(_edit, request, meeting, form), keyless=False)
        except ChangedMeanwhile as conflict:
            current = conflict.current
        except ValidationError as error:
            _report(error, form)
    if kept.bring_back(request, form) == CONFLICT:
        current = Meeting.objects.get(pk=meeting.pk)
    context = _form_context(request, meeting.committee, form)
    context |= {
        "meeting": meeting,
        "words": form,
        "scope": _scope(meeting),
        "current": current,
        "seen": _seen_in(request, form, current, meeting),
        "invited": meeting.invitees().count(),
    }
    note, changed = (CONFLICT if current else _note(request)), {"seen": context["seen"]}
    return kept.page(
        request, "events/meeting_edit.html", context, form, status=409 if current else 422, note=note, changed=changed
    )


def _note(request: HttpRequest) -> str:
    """Somebody went back from the preview to the form, to change what they typed."""
    return BACK if "back" in request.POST else ""


def _seen_in(request: HttpRequest, form: MeetingForm, current: Meeting | None, meeting: Meeting) -> str:
    """How the call stood when it was opened; coming back to the form is not looking at it anew."""
    if current and request.method == "POST":
        return current.updated_at.isoformat()
    return (form.data.get("seen") if form.is_bound else "") or meeting.updated_at.isoformat()


def _edit(request: HttpRequest, meeting: Meeting, form: MeetingForm) -> HttpResponse:
    seen = _moment(request.POST.get("seen", ""))

    def act(tell: bool) -> Meeting:
        return scheduling.edit(_fresh(meeting), request.user, tell=tell, seen=seen, **form.words)

    sent = in_two_steps(
        request, act, SENDING, _sending_context(meeting.committee, _("Look at the email"), meeting), _plain_words
    )
    if isinstance(sent, HttpResponse):
        return sent
    messages.success(request, _said(request, _("Saved."), sent))
    if words := _of_too_few_seats(sent.outcome):
        messages.info(request, words)
    return redirect(meeting)


def _of_too_few_seats(meeting: Meeting) -> str:
    """What it means that more have a seat than there are now, "" when that is not so."""
    taken = Rsvp.objects.seated(meeting).count() if meeting.seats else 0
    if not meeting.seats or taken <= meeting.seats:
        return ""
    return _(
        "%(taken)s people have a seat or are offered one, and they keep it. Nobody else gets one until fewer than %(seats)s have."
    ) % {"taken": taken, "seats": meeting.seats}


def _moment(given: str) -> datetime | None:
    try:
        return parse_datetime(given)
    except ValueError:
        return None


@dataclass(frozen=True)
class Scope:
    """Beside a call, what else of its series is to come."""

    series: MeetingSeries
    before: int
    after: int
    last: date

    @property
    def all(self) -> int:
        return self.before + 1 + self.after


def _scope(meeting: Meeting) -> Scope | None:
    """None where there is nothing to ask: no series, or no other call of it to come."""
    series = meeting.series
    if series is None or series.is_ended or series.is_paused or meeting.original_start is None:
        return None
    others = series.meetings.not_started().not_cancelled().exclude(pk=meeting.pk)
    starts = sorted(start for start in others.values_list("original_start", flat=True) if start)
    if not starts or meeting.is_over:
        return None
    before = sum(start < meeting.original_start for start in starts)
    last = max(*starts, meeting.original_start).astimezone(series.zone).date()
    return Scope(series, before, len(starts) - before, last)


# Moving and canceling ------------------------------------------------------------------------------


@page_or_post
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
        "seen": meeting.starts_at.isoformat(),
    }
    current = None
    form = MoveForm(request.POST or None, zone_name=meeting.timezone, initial=now)
    form.fields["reason"].required = meeting.is_told  # else there is nobody to give one to
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        try:
            return once(request, partial(_move, request, meeting, form), keyless=False)
        except ChangedMeanwhile as conflict:
            meeting = current = conflict.current
            form.data = _with(form.data, seen=current.starts_at.isoformat())
        except ValidationError as error:
            _report(error, form)
    if kept.bring_back(request, form) == CONFLICT:
        current = meeting
    context = _form_context(request, meeting.committee, form)
    context |= {
        "meeting": meeting,
        "when": form,
        "form": form,
        "scope": _scope(meeting),
        "invited": meeting.invitees().count(),
        "current": current,
    }
    note, status = (CONFLICT, 409) if current else (_note(request), 422)
    changed = {"seen": meeting.starts_at.isoformat()} if current else {}
    return kept.page(request, "events/meeting_move.html", context, form, note=note, status=status, changed=changed)


def _with(data: Any, **values: str) -> Any:
    copy = data.copy()
    for name, value in values.items():
        copy[name] = value
    return copy


def _move(request: HttpRequest, meeting: Meeting, form: MoveForm) -> HttpResponse:
    def act(tell: bool) -> MeetingMove | None:
        reason = form.cleaned_data["reason"]
        seen = form.cleaned_data["seen"]
        return scheduling.move(_fresh(meeting), request.user, tell=tell, reason=reason, seen=seen, **form.when)

    def words(preview: Preview) -> dict[str, Any]:
        warning = _(
            "Moved without telling, people come at the old time unless you tell them yourself. Reminders that are still to come name the new time."
        )
        return {"send_words": send_words(preview), "quiet_words": _("Move without telling"), "quiet_warning": warning}

    sent = in_two_steps(
        request, act, SENDING, _sending_context(meeting.committee, _("Look at the email"), meeting), words
    )
    if isinstance(sent, HttpResponse):
        return sent
    if sent.outcome is None:
        messages.success(request, _("That is the time it has already. Nothing changed."))
    else:
        moved = _("Moved to %s.") % formats.listed(sent.outcome.new_starts_at)
        messages.success(request, _said(request, moved, sent))
    return redirect(meeting)


@page_or_post
def meeting_cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of its own, because it cannot be undone: how many are told, and why."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    if meeting.is_cancelled or meeting.is_over:
        return _closed(request, meeting)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].required = meeting.is_told
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        return once(request, partial(_cancel, request, meeting, form.cleaned_data["reason"]), keyless=False)
    kept.bring_back(request, form)
    context = _form_context(request, meeting.committee, form)
    context |= {"meeting": meeting, "form": form, "invited": meeting.invitees().count()}
    return kept.page(request, "events/meeting_cancel.html", context, form, note=_note(request))


def _cancel(request: HttpRequest, meeting: Meeting, reason: str) -> HttpResponse:
    def act(tell: bool) -> bool:
        return scheduling.cancel(_fresh(meeting), request.user, reason, tell=tell)

    def words(preview: Preview) -> dict[str, Any]:
        count = {"n": preview.people}
        told = (
            ngettext("Cancel the call and tell %(n)s person", "Cancel the call and tell %(n)s people", preview.people)
            % count
        )
        warning = _(
            "Canceled without telling, people wait on the line unless you tell them yourself, and the call stays on their calendars."
        )
        return {
            "send_words": told,
            "danger": True,
            "quiet_words": _("Cancel without telling"),
            "quiet_warning": warning,
        }

    sent = in_two_steps(
        request, act, SENDING, _sending_context(meeting.committee, _("Look at the email"), meeting), words
    )
    if isinstance(sent, HttpResponse):
        return sent
    if not sent.outcome:
        return _closed(request, _fresh(meeting))
    messages.success(request, _said(request, _("Canceled."), sent))
    return redirect(meeting)


def _closed(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Nothing to change on a call that is canceled or over."""
    context = {
        **page_at("committees", back=meeting),
        "meeting": meeting,
        "committee": meeting.committee,
        "schedules": request.user.has_perm("events.schedule_meeting", meeting.committee),
    }
    return render(request, "events/meeting_closed.html", context, status=409)


# Telling -------------------------------------------------------------------------------------------


def _fresh(meeting: Meeting) -> Meeting:
    """As a verb needs it to try something out: what it changes in memory is nobody else's."""
    return Meeting.objects.select_related("committee").get(pk=meeting.pk)


def _sending_context(committee: Committee, heading: str, meeting: Meeting | None = None) -> dict[str, Any]:
    back = meeting or committee
    return {
        **page_at("committees", back=back),
        "committee": committee,
        "meeting": meeting,
        "heading": heading,
    }


def _plain_words(preview: Preview) -> dict[str, Any]:
    return {"send_words": send_words(preview), "quiet_words": _("Save without telling")}


def _words_of_new(preview: Preview) -> dict[str, Any]:
    warning = _(
        "Saved without telling, it stays a draft: only co-chairs and staff see it, and nobody is reminded until you tell the committee."
    )
    return _plain_words(preview) | {"quiet_warning": warning}


def _said(request: HttpRequest, done: str, sent: Preview) -> str:
    """Moved to Thu, March 18, 1:00 PM MST. 38 people get an email in a minute."""
    return f"{done} {_('Nobody was told.') if 'quiet' in request.POST else sent_words(sent)}"


# Forms ---------------------------------------------------------------------------------------------


def _form_context(request: HttpRequest, committee: Committee, *forms: Any) -> dict[str, Any]:
    when = next((form for form in forms if isinstance(form, WhenForm)), None)
    context = {
        **page_at("committees", back=committee),
        "committee": committee,
        "forms": forms,
        "when": when,
        "words": next((form for form in forms if isinstance(form, MeetingForm)), None),
    }
    shown = _preview(when)["starts_at"] if when and when.is_bound else None  # each mistake stands at its own field
    return context | {"starts_at": shown}


def _report(error: ValidationError, *forms: Any) -> None:
    """Put a verb's objection beside the field it is about, or above the form."""
    error = in_plain_words(error)
    by_field = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    for name, errors in by_field.items():
        form = next((form for form in forms if name in form.fields), None)
        (form or forms[0]).add_error(name if form else None, errors)
