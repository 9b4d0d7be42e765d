"""Who was on a call: co-chairs mark it by exception, members say it of themselves and read what is shown of others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from committees.views.refusing import refuse
from events.models import Attendance, Meeting, Quorum
from events.record import attendance
from events.record.attendance import ABSENT, ALL, HERE, OPEN, Counts
from events.record.attendance_forms import LEFT, TAKEN_BACK, MarkForm, OfferedForm, TimesForm
from events.views.finding import find_meeting, next_path
from members.models import User
from members.queries.paging import Page, page_of
from members.times import formats
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.pages import page_at


@dataclass
class Summary:
    """What stands above the list, and follows each mark."""

    meeting: Meeting

    @cached_property
    def quorum(self) -> Quorum:
        return Quorum.of(self.meeting)

    @cached_property
    def beside(self) -> list[Quorum]:
        """Of the committees that share the call."""
        return Quorum.of_each(self.meeting, self.meeting.sharing())

    @cached_property
    def counts(self) -> Counts:
        return Counts.of(attendance.roster(self.meeting))

    @property
    def is_open(self) -> bool:
        """From a quarter of an hour before the start (`refuse_early`)."""
        return not self.meeting.is_cancelled and self.meeting.join_opens_at <= timezone.now()

    @property
    def offered(self) -> str:
        """Those who may be taken for having been there, for the button that says so."""
        keys = attendance.shown(attendance.roster(self.meeting), OPEN).values_list("pk", flat=True)
        return ",".join(str(key) for key in keys)


@require_safe
def meeting_attendance(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = find_meeting(request, slug, "events.see_answers")
    keeps = request.user.has_perm("events.keep_record", meeting)
    return _kept(request, meeting) if keeps else _seen(request, meeting)


def _kept(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    summary = Summary(meeting)
    which, words = request.GET.get("show", ""), request.GET.get("q", "").strip()[:200]
    if which not in (OPEN, HERE, ABSENT, ALL):
        which = OPEN if summary.counts.open else HERE
    people = attendance.shown(attendance.roster(meeting), which, words) if summary.is_open else User.objects.none()
    context = _page(meeting) | {
        "summary": summary,
        "which": "" if words else which,
        "words": words,
        "tabs": _tabs(summary.counts, "" if words else which),
        "page": page_of(people, ("name", "pk"), request.GET),
    }
    return render(request, "events/meeting_attendance.html", context)


def _seen(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """As members of the committee see it: how many, and those who let them."""
    page: Page = page_of(attendance.seen_by(request.user, meeting), ("name", "pk"), request.GET)
    summary = Summary(meeting)
    committees = [meeting.committee, *meeting.sharing()]
    context = _page(meeting) | {
        "quorum": summary.quorum,
        "beside": summary.beside,
        "mine": next((each for each in committees if each.role_of(request.user)), meeting.committee),
        "page": page,
        "here": _number_here(meeting),
    }
    return render(request, "events/meeting_attendance_seen.html", context)


def _number_here(meeting: Meeting) -> int:
    return meeting.attendances.here().count()


def _page(meeting: Meeting) -> dict[str, Any]:
    return {**page_at("calls", back=meeting), "meeting": meeting, "committee": meeting.committee}


def _tabs(counts: Counts, current: str) -> list[dict[str, Any]]:
    tabs = [
        (OPEN, _("To mark"), counts.open),
        (HERE, _("Here"), counts.here),
        (ABSENT, _("Not here"), counts.absent),
        (ALL, _("Everyone"), counts.all),
    ]
    return [
        {"url": f"?show={key}", "label": label, "count": count, "current": key == current} for key, label, count in tabs
    ]


# Marks ---------------------------------------------------------------------------------------------


@act_of("meeting_attendance", "slug")
def attendance_mark(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One tap: the row as it stands now and the numbers above it (htmx), or back to the list."""
    meeting = find_meeting(request, slug, "events.keep_record")
    person = get_object_or_404(attendance.roster(meeting), pk=pk)
    form = MarkForm(request.POST)
    if not form.is_valid():
        return _refused(request, meeting, str(form.errors["state"][0]), 400)
    try:
        refuse_early(meeting)
        _mark(meeting, person, form.cleaned_data["state"], request.user)
    except ValidationError as error:
        return _refused(request, meeting, error.messages[0], 409)
    if request.htmx:
        row = attendance.roster(meeting).get(pk=pk)
        context = _page(meeting) | {"person": row, "summary": Summary(meeting), "oob": True}
        return render(request, "events/attendance/_marked.html", context)
    return redirect(next_path(request, f"{reverse('meeting_attendance', args=[slug])}#person-{pk}"))


def refuse_early(meeting: Meeting) -> None:
    if meeting.join_opens_at > timezone.now():
        words = _("You can mark who’s here from %(clock)s on.")
        raise ValidationError(words, "early", {"clock": formats.clock(meeting.join_opens_at)})


def _mark(meeting: Meeting, person: Any, state: str, by: User) -> None:
    if state == TAKEN_BACK:
        Attendance.unmark(meeting, person, by=by)
    elif state == LEFT:
        Attendance.leave(meeting, person, by=by)
    elif state == HERE and meeting.is_live:
        Attendance.arrive(meeting, person, by=by) if person.went_at else Attendance.mark(meeting, person, by=by)
    else:
        Attendance.mark(meeting, person, by=by, state=state)


def _refused(request: HttpRequest, meeting: Meeting, sentence: str, status: int) -> HttpResponse:
    if request.htmx:
        context = {"toast": sentence, "tone": "error"}
        return render(request, "events/_note_saved.html", context, status=status)
    messages.error(request, sentence)
    return redirect("meeting_attendance", meeting.slug)


@act_of("meeting_attendance", "slug")
def attendance_mark_offered(request: HttpRequest, slug: str) -> HttpResponse:
    """All of these were here."""
    meeting = find_meeting(request, slug, "events.keep_record")
    form = OfferedForm(request.POST)
    if not form.is_valid():
        return _refused(request, meeting, str(form.errors["people"][0]), 400)
    try:
        refuse_early(meeting)
        marked = len(attendance.mark_offered(meeting, form.cleaned_data["people"], request.user))
    except ValidationError as error:
        return _refused(request, meeting, error.messages[0], 409)
    words = ngettext("%(n)d person is marked as here.", "%(n)d people are marked as here.", marked)
    messages.success(request, words % {"n": marked})
    return redirect(f"{reverse('meeting_attendance', args=[slug])}?show={HERE}")


@page_or_post
def attendance_times(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """When somebody came late or left early."""
    meeting = find_meeting(request, slug, "events.keep_record")
    person: Any = get_object_or_404(attendance.roster(meeting), pk=pk)
    form = TimesForm(request.POST or None, initial={"arrived": _clock(person.came_at), "left": _clock(person.went_at)})
    if request.method == "POST" and form.is_valid():
        came, left = (attendance.moment_of(meeting, form.cleaned_data[name]) for name in ("arrived", "left"))
        try:
            refuse_early(meeting)
            Attendance.mark(meeting, person, by=request.user, arrived_at=came, left_at=left, minutes=person.minutes)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("%(name)s was here.") % {"name": person.name})
            return redirect(f"{reverse('meeting_attendance', args=[slug])}?show={HERE}#person-{pk}")
    back = page_at("calls", back=f"{reverse('meeting_attendance', args=[slug])}?show={HERE}", label=_("Who was here"))
    context = _page(meeting) | back | {"form": form, "person": person}
    return kept.page(request, "events/meeting_attendance_times.html", context, form)


def _clock(moment: Any) -> Any:
    return timezone.localtime(moment).time() if moment else None


# One's own word ------------------------------------------------------------------------------------


@act_of("meeting_detail", "slug")
def attendance_check_in(request: HttpRequest, slug: str) -> HttpResponse:
    """A member says that they are, or were, on the call."""
    meeting = find_meeting(request, slug)
    if not request.user.has_perm("events.respond_to_meeting", meeting):
        return refuse(request, meeting.committee)
    try:
        mark = Attendance.check_in(meeting, request.user)
    except ValidationError as error:
        messages.info(request, error.messages[0])
    else:
        if mark.is_here:
            messages.success(request, _("You say you were here. The co-chairs see it."))
        else:
            messages.info(request, _("A co-chair has written down that you weren’t here. Ask them if that’s wrong."))
    return redirect(meeting)
