"""Answering all dates of a series with one tap, and taking that back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from committees.views.refusing import refuse
from events.answers import all_dates
from events.answers.all_dates import AllDatesForm
from events.answers.answering import respond_to_all
from events.calendar.series_views import find_series
from events.models import AnsweredSeries, Meeting, MeetingSeries, SeriesAnswer
from events.views.finding import next_path
from members.web.acts import act_of


@act_of("series_detail", "key")
def series_answer(request: HttpRequest, key: str) -> HttpResponse:
    """The response is what of this page is other by now (htmx), or a redirect to where the tap was."""
    series = find_series(request.user, key)
    if not request.user.has_perm("events.respond_to_series", series):
        return refuse(request, series.committee)
    form = AllDatesForm(request.POST)
    if not form.is_valid():
        return _refused(request, series, _("Answer with going, maybe or can’t."), 400)
    try:
        if form.cleaned_data["undo"]:
            answered = SeriesAnswer.undo(series, request.user, form.cleaned_data["undo"])
            return _said(request, series, answered, _("Your answers are as they were."))
        answered = respond_to_all(series, request.user, form.cleaned_data["answer"], **form.seen())
    except ValidationError as error:
        return _refused(request, series, error.messages[0], 400 if error.code == "unknown_response" else 409)
    return _said(request, series, answered, all_dates.sentence(answered))


def _said(request: HttpRequest, series: MeetingSeries, answered: AnsweredSeries, text: str) -> HttpResponse:
    if not request.htmx:
        (messages.success if answered.applied else messages.info)(request, text)
        return redirect(next_path(request, series.get_absolute_url()))
    calls = Meeting.objects.for_listing(request.user).filter(pk__in=SeriesAnswer.calls(series).values("pk"))
    context = {
        "series": series,
        "calls": calls.order_by("starts_at") if request.POST.get("variant") == "row" else [],
        "toast": text,
        "tone": "" if answered.applied else "info",
        "undo": {"undo": answered.key, "variant": request.POST.get("variant", "")} if answered.key else None,
        "next": next_path(request, ""),
    }
    return render(request, "events/series/_answered.html", context)


def _refused(request: HttpRequest, series: MeetingSeries, sentence: str, status: int) -> HttpResponse:
    if request.htmx:
        return render(
            request,
            "events/series/_answered.html",
            {"series": series, "toast": sentence, "tone": "error"},
            status=status,
        )
    messages.error(request, sentence)
    return redirect(next_path(request, series.get_absolute_url()))
