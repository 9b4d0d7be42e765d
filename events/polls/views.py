"""The pages of a poll: the list, the poll itself with its ballot and how it stands, and voting there."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.views.finding import find_committee
from committees.views.refusing import refuse
from events.models import Meeting, Poll, PollVote
from events.polls import ballots
from events.polls.finding import find_poll, fresh
from events.polls.forms import ReopenForm
from events.polls.standing import standings
from members.mail.bulk.undo import bar_for
from members.queries import paging
from members.web import kept
from members.web.acts import act_of
from members.web.pages import page_at

NEWEST = ("-created_at", "-pk")


@require_safe
def poll_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The polls of a committee, newest first."""
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.see_committee_people", committee):
        return refuse(request, committee)
    polls = Poll.objects.visible_to(request.user).filter(committee=committee).for_listing()
    context = {
        **page_at("committees", back=committee),
        "committee": committee,
        "page": paging.page_of(polls, NEWEST, request.GET),
        "people": committee.people().count(),
        "may_schedule": request.user.has_perm("events.schedule_meeting", committee),
    }
    return render(request, "events/polls/list.html", context)


@require_safe
def poll_detail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    context = page_of(request, find_poll(request, key))
    if context["reopening"]:
        kept.bring_back(request, context["reopening"])
    return render(request, "events/polls/detail.html", context)


def page_of(request: HttpRequest, poll: Poll, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """`given` are answers that could not be saved: the ballot shows them again."""
    runs = request.user.has_perm("events.run_poll", poll)
    votes = request.user.has_perm("events.vote_in_poll", poll) and poll.is_open
    return {
        **page_at("committees", back=poll.committee),
        "poll": poll,
        "committee": poll.committee,
        "runs": runs,
        "ballot": ballots.ballot_of(poll, request.user, given) if votes else [],
        "standing": standings(poll, request.user, everybody=runs),
        "state": _state(poll, runs),
        "call": _call(request, poll),
        "bar": bar_for(request.user, poll.about) if runs else None,
        "reopening": ReopenForm() if runs and poll.state == "closed" else None,
        "sends": runs and poll.is_draft,
        "may_choose": runs and poll.state in ("open", "closed"),
    }


def _state(poll: Poll, runs: bool) -> str:
    """A time that became a draft is the co-chairs' until they tell the committee."""
    if poll.state == "chosen" and not runs and not (poll.meeting and poll.meeting.is_told):
        return "closed"
    return poll.state


def _call(request: HttpRequest, poll: Poll) -> Meeting | None:
    """The call it became, for whoever may see that."""
    if not poll.meeting_id:
        return None
    return Meeting.objects.visible_to(request.user).filter(pk=poll.meeting_id).first()


@act_of("poll_detail", "key")
def poll_vote(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """All answers of the page at once; those that changed are written."""
    poll = find_poll(request, key)
    if not request.user.has_perm("events.vote_in_poll", poll):
        raise PermissionDenied
    ballot = ballots.posted(request.POST)
    try:
        voted = poll.vote(request.user, ballot, source=PollVote.Source.PAGE)
    except ValidationError as error:
        status = 400 if error.code == "unknown_answer" else 409
        given = {str(pk): said.answer for pk, said in ballot.items()}
        context = page_of(request, fresh(poll), given) | {"error": error.messages[0]}
        return render(request, "events/polls/detail.html", context, status=status)
    words, holds = ballots.said(voted, poll)
    (messages.success if holds else messages.info)(request, words)
    return redirect(poll)


@act_of("poll_detail", "key")
def poll_close(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """End the voting now. It may be opened again, so it is not asked twice."""
    poll = find_poll(request, key, "events.run_poll")
    try:
        closed = poll.close(request.user)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(poll)
    words = _("Voting has ended.") if closed else _("Voting had ended already.")
    (messages.success if closed else messages.info)(request, words)
    return redirect(poll)


@act_of("poll_detail", "key")
def poll_reopen(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Take votes again until the end of a day."""
    poll = find_poll(request, key, "events.run_poll")
    form = ReopenForm(request.POST)
    if form.is_valid():
        try:
            opened = poll.reopen(request.user, form.closes_at(poll))
        except ValidationError as error:
            form.report(error)
        else:
            words = _("Voting is open again.") if opened else _("Voting is open already.")
            (messages.success if opened else messages.info)(request, words)
            return redirect(poll)
    context = page_of(request, poll) | {"reopening": form}
    return kept.page(request, "events/polls/detail.html", context, form, at=poll.get_absolute_url())
