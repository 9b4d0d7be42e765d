"""The page of a series, and what a co-chair does there: tell it, change it, pause, resume and end it, put a date on again.

Each act has two steps, as for one call: a look at the mails, then the sending. `quiet` saves without telling anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from events.models import Meeting, MeetingSeries, Rsvp, SeriesAnswer
from events.schedule import views as calls
from events.series import changing, making, proposing, scheduling, words
from events.series.forms import AS_BEFORE, ChangeForm, RuleForm, SeriesWhenForm, SeriesWordsForm, of_rule
from events.series.rules import Rule
from events.series.views import LOOK, SENDING, _are_valid, _dates
from members.mail.bulk.sending import Preview
from members.mail_desk.views.sendings import in_two_steps, send_words, sent_words
from members.times import formats
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import NOTE, ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at

PAST_SHOWN = 12


def find_series(request: HttpRequest, key: str, *, to_change: bool = False) -> MeetingSeries:
    """Raises Http404, or PermissionDenied for who may not change it and wants to."""
    rows = MeetingSeries.objects.visible_to(request.user).select_related("committee", "follows", "organizer")
    series = rows.filter(key=key).first()
    if series is None:
        raise Http404
    if to_change and not request.user.has_perm("events.schedule_meeting", series.committee):
        raise PermissionDenied
    return series


# The page --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A date of the page: a call, or one that is left out. `rule_day` is the day that the rule has for it."""

    starts_at: datetime
    rule_day: date
    differs: list[str]
    call: Meeting | None = None

    @property
    def may_be_restored(self) -> bool:
        return self.call is None or self.call.is_cancelled


def _row(call: Meeting, series: MeetingSeries) -> Row:
    assert call.original_start is not None
    day = call.original_start.astimezone(series.zone).date()
    return Row(call.starts_at, day, words.differs(call, series), call)


@require_safe
def series_detail(request: HttpRequest, key: str) -> HttpResponse:
    series = find_series(request, key)
    manages = request.user.has_perm("events.schedule_meeting", series.committee)
    listed = Meeting.objects.for_listing(request.user).filter(series=series)
    upcoming = list(listed.upcoming())
    past = list(listed.past()[: PAST_SHOWN + 1])
    context = {
        **page_at("committees", back=series.committee),
        "series": series,
        "committee": series.committee,
        "rule_words": words.rule_here(series),
        "rows": _rows(series, upcoming),
        "past": [_row(call, series) for call in past[:PAST_SHOWN]],
        "has_more_past": len(past) > PAST_SHOWN,
        "ends_on": making.dates_of(series)[-1],
        "followed_by": list(MeetingSeries.objects.visible_to(request.user).filter(follows=series)),
        "manages": manages,
        "may_change": manages and not series.is_ended,
        **_answering(request, series),
    }
    return render(request, "events/series/detail.html", context)


def _answering(request: HttpRequest, series: MeetingSeries) -> dict[str, Any]:
    """What the form of an answer to all dates needs, for whoever may give one."""
    coming = SeriesAnswer.calls(series).count() if request.user.has_perm("events.respond_to_series", series) else 0
    if not coming:
        return {"coming": 0}
    mine = SeriesAnswer.objects.filter(series=series, user=request.user).first()
    to_all = mine if mine and mine.edition == series.edition and mine.response != Rsvp.Response.NEEDS_ACTION else None
    return {"coming": coming, "version": mine.version if mine else 0, "to_all": to_all}


def _rows(series: MeetingSeries, upcoming: list[Meeting]) -> list[Row]:
    """Calls to come in order, and the dates of the coming year that are left out."""
    rows = [_row(call, series) for call in upcoming]
    if not (series.is_ended or series.is_paused):
        end = max((row.starts_at for row in rows), default=timezone.now() + making.AHEAD)
        for day in series.skipped:
            start = series.start_on(day)
            if timezone.now() < start < end:
                rows.append(Row(start, day, [_left_out(day)]))
    return sorted(rows, key=lambda row: row.starts_at)


def _left_out(day: date) -> str:
    holiday = proposing.holiday(day)
    return _("Left out: %(holiday)s") % {"holiday": holiday} if holiday else _("Left out")


# Acts ------------------------------------------------------------------------------------------------


def _sending(series: MeetingSeries, heading: str, **more: Any) -> dict[str, Any]:
    return {
        **page_at("committees", back=series.get_absolute_url(), label=series.title),
        "committee": series.committee,
        "series": series,
        "heading": heading,
        "rule_words": words.rule_here(series),
        "rule_now": words.rule_here(series),
        **more,
    }


def _plain(preview: Preview) -> dict[str, Any]:
    return {"send_words": send_words(preview), "quiet_words": _("Save without telling")}


def _only_sending(preview: Preview) -> dict[str, Any]:
    return {"send_words": send_words(preview)}


def _act(
    request: HttpRequest,
    series: MeetingSeries,
    verb: Callable[[bool], Any],
    *,
    heading: str,
    done: str,
    nothing: str,
    button: Callable[[Preview], dict[str, Any]] = _plain,
    **more: Any,
) -> HttpResponse:
    """The look at the mails, or the act and where it leads."""
    sent = in_two_steps(request, verb, SENDING, _sending(series, heading, **more), button)
    if isinstance(sent, HttpResponse):
        return sent
    if not sent.outcome:
        messages.info(request, nothing)
    elif "quiet" in request.POST:
        messages.success(request, f"{done} {_('Nobody was told.')}")
    else:
        messages.success(request, f"{done} {sent_words(sent) if sent.tells_anybody else ''}".strip())
    return redirect(sent.outcome.series if hasattr(sent.outcome, "series") else series)


def _simple(
    request: HttpRequest,
    key: str,
    verb: Callable[[MeetingSeries, bool], Any],
    heading: str,
    done: str,
    nothing: str,
    button: Callable[[Preview], dict[str, Any]] = _plain,
) -> HttpResponse:
    """An act without a form of its own."""
    series = find_series(request, key, to_change=True)
    if "back" in request.POST:
        return redirect(series)
    work = partial(
        _act, request, series, partial(verb, series), heading=heading, done=done, nothing=nothing, button=button
    )
    try:
        return once(request, work, keyless=False)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(series)


@act_of("series_detail", "key")
def series_tell(request: HttpRequest, key: str) -> HttpResponse:
    """A draft becomes a series that the committee knows."""

    def verb(series: MeetingSeries, tell: bool) -> bool:
        return scheduling.tell(series, request.user) if tell else False

    nothing = _("The committee is told of this series already.")
    return _simple(request, key, verb, _("Tell the committee"), _("Told."), nothing, _only_sending)


@act_of("series_detail", "key")
def series_resume(request: HttpRequest, key: str) -> HttpResponse:
    def verb(series: MeetingSeries, tell: bool) -> Any:
        return changing.resume(series, request.user, tell=tell)

    return _simple(request, key, verb, _("Resume the series"), _("Resumed."), _("The series is not paused."))


@act_of("series_detail", "key")
def series_restore(request: HttpRequest, key: str) -> HttpResponse:
    """A date that was canceled or left out is on again; `date` is the day that the rule has for it."""
    series = find_series(request, key, to_change=True)
    try:
        day = date.fromisoformat(request.POST.get("date", ""))
    except ValueError:
        messages.warning(request, _("That is not a date of this series."))
        return redirect(series)

    def verb(series: MeetingSeries, tell: bool) -> Any:
        return changing.put_on_again(series, day, request.user, tell=tell)

    what = {"day": formats.date_only(series.start_on(day))}
    return _simple(request, key, verb, _("Put %(day)s on again") % what, _("On again."), _("That date is on already."))


# Pausing and ending ------------------------------------------------------------------------------------


@page_or_post
def series_pause(request: HttpRequest, key: str) -> HttpResponse:
    series = find_series(request, key, to_change=True)
    texts = {
        "heading": _("Pause the series"),
        "button": _("Pause it"),
        "done": _("Paused."),
        "nothing": _("The series is paused already."),
        "note": _("Calls to come are off until you resume the series. Nothing is lost: their agendas stay."),
    }
    return _stop(request, series, changing.pause, texts, closed=series.is_paused or series.is_ended)


@page_or_post
def series_end(request: HttpRequest, key: str) -> HttpResponse:
    series = find_series(request, key, to_change=True)
    texts = {
        "heading": _("End the series"),
        "button": _("End it"),
        "done": _("Ended."),
        "nothing": _("The series is over already."),
        "note": _("Calls to come are off for good. What was held stays, with its answers and papers."),
    }
    return _stop(request, series, changing.end, texts, closed=series.is_ended)


def _stop(
    request: HttpRequest, series: MeetingSeries, verb: Callable[..., Any], texts: dict[str, str], *, closed: bool
) -> HttpResponse:
    if closed:
        messages.info(request, texts["nothing"])
        return redirect(series)
    form = ChangeForm(request.POST or None, initial={"seen": series.sequence})
    form.fields["reason"].required = series.is_told
    current = None
    dates = [call for call in changing.coming(series) if not call.is_cancelled and call.starts_at > timezone.now()]
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:

        def act(tell: bool) -> Any:
            reason, seen = form.cleaned_data["reason"], form.cleaned_data["seen"]
            return verb(series, request.user, reason, tell=tell, seen=seen)

        work = partial(
            _act,
            request,
            series,
            act,
            heading=texts["heading"],
            done=texts["done"],
            nothing=texts["nothing"],
            button=partial(_off, texts["button"]),
        )
        try:
            return once(request, work, keyless=False)
        except ChangedMeanwhile as conflict:
            current = conflict.current
        except ValidationError as error:
            form.add_error(None, error)
    if kept.bring_back(request, form) == NOTE:
        current = series
    context = _sending(series, texts["heading"], form=form, dates=dates, texts=texts, current=current)
    return _came_back(request, "events/series/stop.html", context, form)


def _came_back(
    request: HttpRequest, template: str, context: dict[str, Any], *forms: Any, look: str = ""
) -> HttpResponse:
    """The page of these forms, the last with `seen`. `current` of the context is the series as it stands, if that is not
    what they showed.
    """
    current = context["current"]
    note = NOTE if current else next((name for name in ("back", look) if name in request.POST), "")
    changed = {"seen": str(current.sequence)} if current else {}
    if current and request.method == "POST":  # answered in place, it may be sent again as well
        forms[-1].data = QueryDict(forms[-1].data.urlencode(), mutable=True)
        forms[-1].data.update(changed)
    return kept.page(request, template, context, *forms, note=note, status=409 if current else 422, changed=changed)


def _off(button: str, preview: Preview) -> dict[str, Any]:
    told = ngettext("%(act)s and tell %(n)s person", "%(act)s and tell %(n)s people", preview.people)
    return _plain(preview) | {"send_words": told % {"act": button, "n": preview.people}, "danger": True}


# Changing ----------------------------------------------------------------------------------------------


@page_or_post
def series_change(request: HttpRequest, key: str) -> HttpResponse:
    """Another rule or time, from a call on that is to come."""
    series = find_series(request, key, to_change=True)
    every = [call for call in changing.coming(series) if call.original_start and call.original_start > timezone.now()]
    if series.is_ended or series.is_paused or not every:
        messages.info(
            request, _("Resume the series first.") if series.is_paused else _("No call of this series is to come.")
        )
        return redirect(series)
    data = request.POST or None
    first = next((call for call in every if call.slug == request.GET.get("from")), None)
    begin = changing.begin_of(first or every[0], every)
    tomorrow = timezone.localdate(timezone=series.zone) + timedelta(days=1)
    start = {"local_date": max(begin, tomorrow), "local_time": series.local_time, "fold": series.fold}
    when = SeriesWhenForm(data, zone_name=series.timezone, initial=start)
    rule = RuleForm(data, initial=of_rule(Rule.parse(series.rule), ends=AS_BEFORE), changes=series)
    form = ChangeForm(data, initial={"seen": series.sequence})
    form.fields["reason"].required = series.is_told
    current = None
    if request.method == "POST" and _are_valid(when, rule, form) and not {"back", LOOK} & request.POST.keys():
        try:
            return once(request, partial(_change, request, series, when, rule, form), keyless=False)
        except ChangedMeanwhile as conflict:
            current = conflict.current
        except ValidationError as error:
            calls._report(error, when, rule, form)
    if kept.bring_back(request, when, rule, form) == NOTE:
        current = series
    context = _sending(series, _("Change the dates"), when=when, rule=rule, form=form, current=current)
    context |= _dates(when, rule)
    context["has_errors"] = any(each.errors for each in (when, rule, form))
    return _came_back(request, "events/series/change.html", context, when, rule, form, look=LOOK)


def _change(
    request: HttpRequest, series: MeetingSeries, when: SeriesWhenForm, rule: RuleForm, form: ChangeForm
) -> HttpResponse:
    begin = when.cleaned_data["local_date"]
    found = rule.rule(begin)
    dates = proposing.proposed(found, when.when, request.POST)
    clock = {name: when.when[name] for name in ("local_time", "timezone", "fold")}

    def act(tell: bool) -> Any:
        return changing.retime(
            series,
            request.user,
            rule=found,
            begin=begin,
            exceptions=proposing.exceptions(dates),
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            tell=tell,
            **clock,
        )

    return _act(
        request,
        series,
        act,
        heading=_("Look at the email"),
        done=_("Changed."),
        nothing=_("These are the dates it has already. Nothing changed."),
    )


@page_or_post
def series_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Another topic, place or length, for all calls that have that of the series."""
    series = find_series(request, key, to_change=True)
    if series.is_ended:
        messages.info(request, _("This series is over."))
        return redirect(series)
    form = SeriesWordsForm.of(request.POST or None, series, series.committee)
    every = [call for call in changing.coming(series) if not call.is_cancelled]
    first = next((call for call in every if call.slug == request.GET.get("from")), None)
    calls_of = [call for call in every if first is None or changing.slot(call) >= changing.slot(first)]
    current = None
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:

        def act(tell: bool) -> Any:
            seen = form.cleaned_data["seen"]
            return changing.edit(series, request.user, first=first, tell=tell, seen=seen, **form.words)

        work = partial(
            _act,
            request,
            series,
            act,
            heading=_("Look at the email"),
            done=_("Saved."),
            nothing=_("That is how it was already. Nothing changed."),
        )
        try:
            return once(request, work, keyless=False)
        except ChangedMeanwhile as conflict:
            current = conflict.current
        except ValidationError as error:
            calls._report(error, form)
    if kept.bring_back(request, form) == NOTE:
        current = series
    heading = _("Change topic, place or length")
    context = _sending(series, heading, form=form, words=form, dates=calls_of, first=first, current=current)
    return _came_back(request, "events/series/edit.html", context, form)
