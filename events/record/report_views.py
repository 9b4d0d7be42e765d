"""Taking over a video service's report: the file, a look at what it would write, and writing it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Meeting, ReportDraft
from events.record import importing
from events.record.attendance import HERE
from events.record.attendance_views import refuse_early
from events.record.report_forms import LookForm, ReportForm
from events.record.reports import NotAReport
from events.views.finding import find_meeting
from members.web import kept
from members.web.acts import page_or_post
from members.web.body_limits import UPLOAD, takes_body
from members.web.once import once
from members.web.pages import page_at


@takes_body(UPLOAD)
@page_or_post
def attendance_report(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = find_meeting(request, slug, "events.keep_record")
    form = ReportForm(*([request.POST, request.FILES] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_read, request, meeting, form))
    return _file_page(request, meeting, form)


def _read(request: HttpRequest, meeting: Meeting, form: ReportForm) -> HttpResponse:
    try:
        refuse_early(meeting)
        draft = importing.begin(meeting, request.user, form.cleaned_data["file"])
    except NotAReport as why:
        form.refuse(why)
        return _file_page(request, meeting, form)
    except ValidationError as early:
        form.add_error(None, early.messages)
        return _file_page(request, meeting, form)
    return redirect("attendance_report_look", slug=meeting.slug, pk=draft.pk)


def _file_page(request: HttpRequest, meeting: Meeting, form: ReportForm) -> HttpResponse:
    return kept.page(request, "events/attendance_report.html", _page(meeting) | {"form": form}, form)


@page_or_post
def attendance_report_look(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What the report would write; nothing is written before the button. Taken over, it leads to the list."""
    meeting = find_meeting(request, slug, "events.keep_record")
    drafts = ReportDraft.objects.filter(meeting=meeting, by=request.user).select_related("meeting__committee")
    draft = get_object_or_404(drafts, pk=pk)
    if draft.taken_at:
        return redirect(_list(meeting))
    look = importing.Look(draft)
    form = LookForm(request.POST if request.method == "POST" else None, look=look)
    if request.method == "POST" and form.is_valid():
        marked = importing.write(draft, request.user, form.answers)
        words = ngettext("%(n)d person is marked as here.", "%(n)d people are marked as here.", marked)
        messages.success(request, words % {"n": marked})
        return redirect(_list(meeting))
    context = _page(meeting) | {"form": form, "look": look}
    return kept.page(request, "events/attendance_report_look.html", context, form)


def _list(meeting: Meeting) -> str:
    return f"{reverse('meeting_attendance', args=[meeting.slug])}?show={HERE}"


def _page(meeting: Meeting) -> dict[str, Any]:
    back = page_at("calls", back=reverse("meeting_attendance", args=[meeting.slug]), label=_("Who was here"))
    return {**back, "meeting": meeting, "committee": meeting.committee}
