"""A co-chair makes a poll, sends it, changes its times and chooses one.

Each has two steps at one address: the form, and a look at the mails it sends. `quiet` saves without telling anybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from committees.models import Committee
from events.models import Meeting, Poll, PollSlot
from events.models.polls import MOST
from events.polls import polling
from events.polls.finding import find_poll, fresh
from events.polls.forms import ChangeTimesForm, PollForm, PollWordsForm
from events.schedule.forms import MeetingForm
from events.views.finding import find_committee_for
from members.mail.bulk.sending import Preview
from members.mail_desk.views.sendings import in_two_steps, key_of, send_words, sent_words
from members.web import kept, meanwhile
from members.web.acts import act_of, page_or_post
from members.web.once import leads_on, once
from members.web.pages import page_at
from members.web.plain_forms import in_plain_words

SENDING = "events/polls/sending.html"
BACK = "back"
COPIED = ("video_url", "dial_in", "public", "reminder_offsets")


# Making and sending ----------------------------------------------------------------------------------


@page_or_post
def poll_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Topic, times and the day on which voting ends. `?slot=2027-03-11T13:00` fills in a time of the committee's zone."""
    committee = find_committee_for(request, slug, "events.schedule_meeting")
    form = PollForm(request.POST or None, zone_name=committee.timezone, initial=_filled_in(request.GET, committee))
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        try:
            return once(request, partial(_make, request, committee, form))
        except ValidationError as error:
            report(error, form)
    kept.bring_back(request, form)
    context = {
        **page_at("committees", back=committee),
        "committee": committee,
        "form": form,
        "invited": committee.people().count(),
    }
    return kept.page(request, "events/polls/new.html", context, form, note=_note(request))


def _filled_in(given: QueryDict, committee: Committee) -> dict[str, Any]:
    """What the page that led here knows already; what can't be read is left out."""
    initial: dict[str, Any] = {name: given[name][:120] for name in ("title", "duration") if name in given}
    for number, text in enumerate(given.getlist("slot")[:MOST], start=1):
        try:
            at = datetime.fromisoformat(text[:30])
        except ValueError:
            continue
        at = at.astimezone(ZoneInfo(committee.timezone)) if at.tzinfo else at
        initial |= {f"date_{number}": at.date(), f"time_{number}": at.time().replace(second=0, microsecond=0)}
    return initial


def _make(request: HttpRequest, committee: Committee, form: PollForm) -> HttpResponse:
    key = key_of(request)
    if key and (double := _with_key(committee, key)):
        return redirect(double)

    def act(tell: bool) -> Poll:
        return polling.make(committee, request.user, form.times, tell=tell, key=key, **form.words)

    context = _sending_context(committee, _("Look at the email"))
    quiet = _("Saved without telling, it stays a draft: only co-chairs and staff see it, and nobody votes.")
    try:
        sent = in_two_steps(request, act, SENDING, context, lambda preview: _plain_words(preview, quiet))
    except IntegrityError:  # the same page was posted at the same moment
        double = _with_key(committee, key) if key else None
        if double is None:
            raise
        return redirect(double)
    if isinstance(sent, HttpResponse):
        return sent
    if "quiet" in request.POST:
        messages.success(request, _("Saved as a draft. Nobody is asked until you send it."))
    else:
        messages.success(request, sent_words(sent))
    return redirect(sent.outcome)


def _with_key(committee: Committee, key: uuid.UUID) -> Poll | None:
    return Poll.objects.filter(key=Poll.key_of(committee, key)).first()


@act_of("poll_detail", "key")
def poll_ask(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A draft becomes a poll: everybody on the committee is asked."""
    poll = find_poll(request, key, "events.run_poll")
    if "back" in request.POST:
        return redirect(poll)

    def act(tell: bool) -> Any:
        return polling.ask(fresh(poll), request.user) if tell else None

    context = _sending_context(poll.committee, _("Look at the email"), poll)
    show = partial(in_two_steps, request, act, SENDING, context, _only_send)
    try:
        return once(request, partial(_asked, request, poll, show), keyless=False)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(poll)


def _asked(request: HttpRequest, poll: Poll, show: Callable[[], HttpResponse | Preview]) -> HttpResponse:
    sent = show()
    if isinstance(sent, HttpResponse):
        return sent
    if sent.tells_anybody:
        messages.success(request, sent_words(sent))
    else:
        messages.info(request, _("The committee is asked already."))
    return redirect(poll)


# Other words, and throwing a draft away ---------------------------------------------------------------


@page_or_post
def poll_edit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Topic and what it is about. Nobody is told: the words of the mails that went stay as they were."""
    poll = find_poll(request, key, "events.run_poll")
    if poll.state == "chosen":
        messages.info(request, _("A time is chosen, so its words stay. Edit the call instead."))
        return redirect(poll)
    form = PollWordsForm(request.POST or None, instance=fresh(poll))
    context = {**page_at("committees", back=poll), "poll": poll, "committee": poll.committee, "form": form}
    template = "events/polls/edit.html"
    if request.method == "POST" and form.is_valid():
        try:
            poll.edit(request.user, seen=form.cleaned_data["seen"], **form.words)
        except meanwhile.ChangedMeanwhile as other:
            return meanwhile.refused(request, template, context, form, other.current)
        except ValidationError as error:
            messages.warning(request, error.messages[0])
            return redirect(poll)
        messages.success(request, _("Saved."))
        return redirect(poll)
    return meanwhile.page(request, template, context, form, poll)


@act_of("poll_detail", "key")
@leads_on
def poll_discard(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    poll = find_poll(request, key, "events.run_poll")
    if not poll.discard(request.user):
        messages.info(request, _("It was sent, so it stays on record."))
        return redirect(poll)
    messages.success(request, _("The draft is gone."))
    return redirect("poll_list", poll.committee.slug)


# Changing its times ----------------------------------------------------------------------------------


@page_or_post
def poll_times(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Further times, times to take out, another day on which voting ends. Votes on the rest stay."""
    poll = find_poll(request, key, "events.run_poll")
    if poll.state not in ("draft", "open"):
        messages.info(request, _("Voting has ended, so its times stay as they are. Open it again to change them."))
        return redirect(poll)
    slots = list(poll.slots.standing())
    form = ChangeTimesForm(request.POST or None, poll=poll, slots=slots)
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        try:
            return once(request, partial(_change, request, poll, form), keyless=False)
        except ValidationError as error:
            report(error, form)
    kept.bring_back(request, form)
    context = {**page_at("committees", back=poll), "poll": poll, "committee": poll.committee, "form": form}
    return kept.page(request, "events/polls/times.html", context, form, note=_note(request))


def _change(request: HttpRequest, poll: Poll, form: ChangeTimesForm) -> HttpResponse:
    def act(tell: bool) -> list[PollSlot]:
        removed = form.cleaned_data["remove"]
        return polling.change_times(
            fresh(poll), request.user, tell=tell, add=form.times, remove=removed, closes_at=form.closes_at
        )

    context = _sending_context(poll.committee, _("Look at the email"), poll)
    quiet = _("Saved without telling, those who voted see the further times when they come back.")
    sent = in_two_steps(request, act, SENDING, context, lambda preview: _plain_words(preview, quiet))
    if isinstance(sent, HttpResponse):
        return sent
    told = sent_words(sent) if sent.tells_anybody else ""
    messages.success(request, f"{_('Saved.')} {told}".strip())
    return redirect(poll)


# Choosing --------------------------------------------------------------------------------------------


@page_or_post
def poll_choose(request: HttpRequest, key: uuid.UUID, slot: int) -> HttpResponse:
    """The time becomes the call: its words and links, then a look at the invitation."""
    poll = find_poll(request, key, "events.run_poll")
    if poll.is_draft or poll.state == "chosen":
        return _not_chosen(request, poll)
    chosen = poll.slots.standing().filter(pk=slot).first()
    if chosen is None:
        raise Http404
    form = MeetingForm(
        request.POST or None, instance=Meeting(), committee=poll.committee, initial=_words_of(poll, request)
    )
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        try:
            return once(request, partial(_choose, request, poll, chosen, form), keyless=False)
        except ValidationError as error:
            if error.code in ("chosen", "gone", "past"):
                messages.warning(request, error.messages[0])
                return redirect(poll)
            report(error, form)
    kept.bring_back(request, form)
    context = {
        **page_at("committees", back=poll),
        "poll": poll,
        "committee": poll.committee,
        "slot": chosen,
        "words": form,
        "yes": chosen.votes.counting().filter(answer="yes").count(),
    }
    return kept.page(request, "events/polls/choose.html", context, form, note=_note(request))


def _words_of(poll: Poll, request: HttpRequest) -> dict[str, Any]:
    """The poll's words, and the links of the committee's newest call."""
    words: dict[str, Any] = {"title": poll.title, "summary": poll.summary, "duration": poll.duration}
    last = poll.committee.meetings.order_by("-starts_at", "-pk").first()
    if last:
        words |= {name: getattr(last, name) for name in COPIED}
        words["reminders"] = "committee" if last.reminder_offsets is None else "own"
    return {name: value for name, value in words.items() if value is not None}


def _choose(request: HttpRequest, poll: Poll, slot: PollSlot, form: MeetingForm) -> HttpResponse:
    def act(tell: bool) -> Meeting:
        return polling.choose(fresh(poll), slot, request.user, tell=tell, **form.words)

    context = _sending_context(poll.committee, _("Look at the invitation"), poll)
    quiet = _("Saved without telling, it stays a draft: only co-chairs and staff see it until you tell the committee.")
    template = "events/meeting_sending.html"
    sent = in_two_steps(request, act, template, context, lambda preview: _plain_words(preview, quiet))
    if isinstance(sent, HttpResponse):
        return sent
    if "quiet" in request.POST:
        messages.success(request, _("Saved as a draft. Only co-chairs and staff see it until you tell the committee."))
    else:
        messages.success(request, f"{_('Scheduled.')} {sent_words(sent)}")
    return redirect("meeting_agenda", sent.outcome.slug)


def _not_chosen(request: HttpRequest, poll: Poll) -> HttpResponse:
    if poll.is_draft:
        messages.info(request, _("Send the poll first: nobody has voted yet."))
        return redirect(poll)
    name = poll.chosen_by.name if poll.chosen_by else _("Somebody")
    messages.warning(request, _("%(name)s chose a time meanwhile, and that stands.") % {"name": name})
    return redirect(poll)


# What they share -------------------------------------------------------------------------------------


def report(error: ValidationError, form: forms.BaseForm) -> None:
    """Put a verb's objection beside the field it is about, or above the form."""
    error = in_plain_words(error)
    by_field = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, errors)


def _note(request: HttpRequest) -> str:
    """Somebody went back from the preview to the form, to change what they typed."""
    return BACK if "back" in request.POST else ""


def _sending_context(committee: Committee, heading: str, poll: Poll | None = None) -> dict[str, Any]:
    return {
        **page_at("committees", back=poll or committee),
        "committee": committee,
        "poll": poll,
        "heading": heading,
    }


def _plain_words(preview: Preview, quiet: str) -> dict[str, Any]:
    return {"send_words": send_words(preview), "quiet_words": _("Save without telling"), "quiet_warning": quiet}


def _only_send(preview: Preview) -> dict[str, Any]:
    return {"send_words": send_words(preview)}
