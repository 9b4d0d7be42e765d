"""A co-chair puts a series on: the rule, its dates, the mail. Two steps at one address, as for one call."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import Committee
from events.models import Meeting, MeetingSeries
from events.schedule import views as calls
from events.schedule.asked import Asked
from events.series import proposing, scheduling
from events.series.forms import RuleForm, SeriesWhenForm, SeriesWordsForm, asked_rule, dates_of, of_day, of_rule
from events.series.rules import Rule
from events.series.words import said
from events.views.finding import find_committee_for
from members.mail.bulk.sending import Preview
from members.mail_desk.views.sendings import in_two_steps, key_of, send_words, sent_words
from members.web import kept
from members.web.acts import page_or_post
from members.web.once import once
from members.web.pages import page_at

SENDING = "events/series/sending.html"
LOOK = "dates"  # the button that shows the dates, without script


@page_or_post
def series_new(request: HttpRequest, slug: str) -> HttpResponse:
    """When, how often and about what on one page. `?like=last` starts from the last series, or the last call."""
    committee = find_committee_for(request, slug, "events.schedule_meeting")
    when, rule, words = _forms(request, committee)
    if request.method == "POST" and _are_valid(when, rule, words) and not {"back", LOOK} & request.POST.keys():
        found, dates = dates_of(when, rule, request.POST)
        if found:
            try:
                return once(request, partial(_schedule, request, committee, when, found, dates, words))
            except ValidationError as error:
                calls._report(error, when, words, rule)
    note = next((name for name in ("back", LOOK) if name in request.POST), "")
    kept.bring_back(request, when, rule, words)
    context = _context(request, committee, when, rule, words)
    return kept.page(request, "events/series/new.html", context, when, rule, words, note=note)


def _are_valid(*forms: Any) -> bool:
    return sum(form.is_valid() for form in forms) == len(forms)  # each is asked, and says what is wrong


def _forms(request: HttpRequest, committee: Committee) -> tuple[SeriesWhenForm, RuleForm, SeriesWordsForm]:
    data = request.POST or None
    like = _earlier(committee) if request.GET.get("like") else None
    start = _start_after(like)
    zone = like.timezone if like else committee.timezone
    clock: dict[str, Any] = {"local_date": start} | ({"local_time": like.local_time} if like else {})
    rule = (
        of_rule(Rule.parse(like.rule))
        if isinstance(like, MeetingSeries)
        else of_day(like.local_date if like else start)
    )
    words = calls._words_like(like)  # type: ignore[arg-type]  # a series has the same words
    asked = Asked.of(request.GET)  # what was found elsewhere
    clock, words = clock | asked.when, words | asked.words
    if "local_date" in asked.when:
        rule = of_day(clock["local_date"]) | asked_rule(request.GET.get("every", ""))
    return (
        SeriesWhenForm(data, zone_name=zone, initial=clock),
        RuleForm(data, initial=rule),
        SeriesWordsForm(data, instance=Meeting(), committee=committee, initial=words),
    )


def _earlier(committee: Committee) -> MeetingSeries | Meeting | None:
    series = committee.series.order_by("-local_date", "-pk").first()
    return series or committee.meetings.order_by("-starts_at", "-pk").first()


def _start_after(like: MeetingSeries | Meeting | None) -> date:
    """The day after the last date of the earlier series; tomorrow, if that is later."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    if not isinstance(like, MeetingSeries) or like.is_ended:
        return tomorrow
    last = like.meetings.order_by("-original_start").values_list("local_date", flat=True).first()
    return max(tomorrow, last + timedelta(days=1)) if last else tomorrow


def _schedule(
    request: HttpRequest,
    committee: Committee,
    when: SeriesWhenForm,
    rule: Rule,
    dates: list[proposing.Proposed],
    words: SeriesWordsForm,
) -> HttpResponse:
    key = key_of(request)
    if key and (double := _with_key(committee, key)):
        return redirect(double)
    fields = {**when.when, **words.words, "rule": rule, "exceptions": proposing.exceptions(dates)}

    def act(tell: bool) -> MeetingSeries:
        return scheduling.schedule(committee, request.user, tell=tell, key=key, **fields)

    context = _sending(committee, rule, when, dates)
    try:
        sent = in_two_steps(request, act, SENDING, context, _words_of_new)
    except IntegrityError:  # the same page was posted at the same moment
        double = _with_key(committee, key) if key else None
        if double is None:
            raise
        return redirect(double)
    if isinstance(sent, HttpResponse):
        return sent
    if "quiet" in request.POST:
        messages.success(request, _("Saved as a draft. Only co-chairs and staff see it until you tell the committee."))
    else:
        messages.success(request, f"{_('Scheduled.')} {sent_words(sent)}")
    return redirect(sent.outcome)


def _with_key(committee: Committee, key: uuid.UUID) -> MeetingSeries | None:
    return committee.series.filter(uid=MeetingSeries.uid_of(committee, key)).first()


def _words_of_new(preview: Preview) -> dict[str, Any]:
    warning = _(
        "Saved without telling, all its calls stay drafts: only co-chairs and staff see them, and nobody is reminded until you tell the committee."
    )
    return {"send_words": send_words(preview), "quiet_words": _("Save without telling"), "quiet_warning": warning}


def _sending(committee: Committee, rule: Rule, when: SeriesWhenForm, dates: list[proposing.Proposed]) -> dict[str, Any]:
    return {
        **page_at("committees", back=committee),
        "committee": committee,
        "heading": _("Look at the invitation"),
        "rule_words": _said(rule, when),
        "dates": dates,
        "number": sum(1 for each in dates if each.starts_at),
    }


def _said(rule: Rule, when: SeriesWhenForm) -> str:
    day = rule.dates(when.cleaned_data["local_date"])[0]
    clock = {name: when.when[name] for name in ("local_time", "timezone", "fold")}
    return said(rule, MeetingSeries(local_date=day, **clock))


def _context(
    request: HttpRequest, committee: Committee, when: SeriesWhenForm, rule: RuleForm, words: SeriesWordsForm
) -> dict[str, Any]:
    return {
        **page_at("committees", back=committee),
        "committee": committee,
        "when": when,
        "rule": rule,
        "words": words,
        "like": request.GET.get("like"),
        "has_earlier": _earlier(committee) is not None,
        "invited": committee.people().count(),
        "has_errors": any(form.errors for form in (when, rule, words)),
        **_dates(when, rule),
    }


def _dates(when: SeriesWhenForm, rule: RuleForm) -> dict[str, Any]:
    """What the form shows under the rule once its questions are answered."""
    if not (when.is_bound and rule.is_bound) or not _are_valid(when, rule):
        return {}
    found, dates = dates_of(when, rule, when.data)
    if not found:
        return {"problems": [error for errors in rule.errors.values() for error in errors]}
    return {"rule_words": _said(found, when), "dates": dates, "number": sum(1 for each in dates if each.starts_at)}


@require_safe
def series_dates(request: HttpRequest, slug: str) -> HttpResponse:
    """A fragment of the form: the dates of what is chosen so far, or what is wrong with it. Changes nothing."""
    committee = find_committee_for(request, slug, "events.schedule_meeting")
    if not request.GET:
        return redirect("series_new", slug)
    changes = MeetingSeries.objects.visible_to(request.user).filter(key=request.GET.get("series", "")[:16]).first()
    when, rule = SeriesWhenForm(request.GET, zone_name=committee.timezone), RuleForm(request.GET, changes=changes)
    if not _are_valid(when, rule):
        shown = [
            *when.errors.get("local_date", []),
            *when.errors.get("local_time", []),
            *rule.errors.get("weekday", []),
        ]
        typed = request.GET.get("local_date") and request.GET.get("local_time")
        return render(request, "events/series/_dates.html", {"problems": shown if typed else []})
    return render(request, "events/series/_dates.html", _dates(when, rule))
