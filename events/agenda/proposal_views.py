"""Items that members propose for an agenda: their own page of a call, and the co-chairs' page of each."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from events.agenda import proposing
from events.agenda.forms import ProposalAnswerForm, ProposalForm
from events.models import Meeting, Proposal
from events.models.proposals import takes_proposals
from events.views.finding import find_meeting
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.once import once
from members.web.pages import page_at
from members.web.plain_forms import in_plain_words


@page_or_post
def meeting_propose(request: HttpRequest, slug: str) -> HttpResponse:
    """Propose an item, and see what became of those one proposed."""
    meeting = find_meeting(request, slug, "events.respond_to_meeting")
    form = ProposalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, partial(_propose, request, meeting, form))
        except ValidationError as error:
            form.add_error(None, in_plain_words(error).messages)
    kept.bring_back(request, form)
    context = {
        **page_at("calls", back=meeting),
        "meeting": meeting,
        "committee": meeting.committee,
        "form": form,
        "mine": list(Proposal.objects.of(request.user).filter(meeting=meeting)),
        "is_open": takes_proposals(meeting),
    }
    return kept.page(request, "events/meeting_propose.html", context, form)


def _propose(request: HttpRequest, meeting: Meeting, form: ProposalForm) -> HttpResponse:
    Proposal.propose(meeting, request.user, **form.cleaned_data)
    messages.success(request, _("The co-chairs have it. You get an email once they answer."))
    return redirect("meeting_propose", meeting.slug)


@act_of("meeting_propose", "slug")
def proposal_withdraw(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = find_meeting(request, slug, "events.respond_to_meeting")
    proposal = get_object_or_404(Proposal, pk=pk, meeting=meeting, by=request.user)
    if proposal.withdraw(request.user):
        messages.success(request, _("“%s” is taken back.") % proposal.title)
    return redirect("meeting_propose", slug)


@page_or_post
def meeting_proposal(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One proposal, for the co-chairs: onto the agenda, or answered in words."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    proposal = get_object_or_404(Proposal.objects.to_read(), meeting=meeting, pk=pk)
    form = ProposalAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _answer(request, meeting, proposal, form)
        except ValidationError as error:
            form.add_error(None, in_plain_words(error).messages)
    kept.bring_back(request, form)
    context = {
        **page_at("calls", back=meeting),
        "meeting": meeting,
        "committee": meeting.committee,
        "proposal": proposal,
        "form": form,
    }
    return kept.page(request, "events/meeting_proposal.html", context, form)


def _answer(request: HttpRequest, meeting: Meeting, proposal: Proposal, form: ProposalAnswerForm) -> HttpResponse:
    names = {"title": proposal.title, "name": proposal.by.name}
    if form.takes:
        done, said = proposing.take(proposal, request.user), _("“%(title)s” is on the agenda. %(name)s is told.")
    else:
        done = proposing.decline(proposal, request.user, form.cleaned_data["answer"])
        said = _("%(name)s is told about “%(title)s”.")
    if done:
        messages.success(request, said % names)
    else:
        messages.info(request, _("Somebody answered “%(title)s” meanwhile, or it was taken back.") % names)
    return redirect("meeting_agenda", meeting.slug)
