"""Answers to a call: a member's own, and what a co-chair sees and does for others."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from committees.views.refusing import refuse
from events.answers import all_dates, listing
from events.answers.answering import respond
from events.answers.forms import RsvpForm
from events.messages.nudges import nudgeable
from events.models import Answered, Meeting, ReplyNote, Rsvp
from events.models.rsvps import Tally
from events.views.finding import find_meeting, next_path
from events.views.meetings import CallPage, add_answers
from members.mail.bulk.undo import bar_for
from members.queries import paging
from members.web.acts import act_of
from members.web.pages import page_at

NOTE = "events/_note_saved.html"
SAY = {
    Rsvp.Response.ACCEPTED: gettext_lazy("You’re going. A confirmation is on its way."),
    Rsvp.Response.TENTATIVE: gettext_lazy("You’re down as maybe. We’ll remind you."),
    Rsvp.Response.DECLINED: gettext_lazy("You can’t make it. We won’t remind you."),
    Rsvp.Response.WAITING: gettext_lazy(
        "Every seat is taken. You’re on the wait list, and we write when one is yours."
    ),
    Rsvp.Response.NEEDS_ACTION: gettext_lazy("Your answer is taken back."),
}

UNDOES = {
    Rsvp.Response.ACCEPTED: gettext_lazy("You’re going"),
    Rsvp.Response.TENTATIVE: gettext_lazy("You might come"),
    Rsvp.Response.DECLINED: gettext_lazy("You can’t make it"),
    Rsvp.Response.WAITING: gettext_lazy("You’re on the wait list"),
    Rsvp.Response.NEEDS_ACTION: gettext_lazy("Your answer is taken back"),
}


@act_of("meeting_detail", "slug")
def meeting_rsvp(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with one tap. The response is the control as it stands now (htmx), or a redirect to where the tap was."""
    meeting = find_meeting(request, slug)
    if not request.user.has_perm("events.respond_to_meeting", meeting):
        return refuse(request, meeting.committee)
    form = RsvpForm(request.POST)
    if not form.is_valid():
        return _refused(request, meeting, form, _("Answer with going, maybe or can’t."), 400)
    try:
        answered = respond(meeting, request.user, form.given(meeting.my_response), **form.seen(meeting.my_version))
    except ValidationError as error:
        return _refused(request, meeting, form, error.messages[0], 400 if error.code == "unknown_response" else 409)
    return _said(request, meeting, form, answered)


def _said(request: HttpRequest, meeting: Meeting, form: RsvpForm, answered: Answered) -> HttpResponse:
    text = _sentence(form, answered)
    if not request.htmx:
        (messages.success if answered.applied else messages.info)(request, text)
        return redirect(next_path(request, meeting.get_absolute_url()))
    if form.is_note:
        return render(request, NOTE, {"toast": text, "tone": "" if answered.applied else "info"})
    context = {
        "meeting": meeting,
        "rsvp": answered.rsvp,
        "next": next_path(request, ""),
        "variant": form.cleaned_data["variant"],
        "toast": text,
        "tone": "" if answered.applied else "info",
    }
    if answered.applied and answered.changed:
        context |= {
            "undo": {
                "answer": answered.previous,
                "version": answered.rsvp.version,
                "edition": meeting.edition,
                "variant": context["variant"],
            },
            "box": f"#rsvp-{meeting.slug}",
            "undoes": UNDOES[Rsvp.Response(answered.rsvp.response)],
            "also": _also(meeting, answered, context["variant"]),
        }
    if not context["variant"]:
        context["page"] = _who(request, meeting)
    if context["variant"] == "hero":
        going = Rsvp.objects.counting(meeting).going()
        context["others"] = going.exclude(user=request.user).count()
    return render(request, "events/_rsvp_answer.html", context)


def _also(meeting: Meeting, answered: Answered, variant: str) -> dict[str, Any] | None:
    """The same answer for all dates of its series, offered with the toast."""
    offer = all_dates.offer(meeting, answered.rsvp.user, answered.rsvp.response)
    if offer is None:
        return None
    url = reverse("series_answer", args=[offer.series.key])
    return {"url": url, "words": offer.words, "fields": offer.fields | {"variant": variant}}


def _sentence(form: RsvpForm, answered: Answered) -> str:
    if not answered.applied:
        return _("You answered again since. That later answer stands: %s.") % answered.rsvp.get_response_display()
    if form.is_note:
        return _("Note saved.") if form.cleaned_data["note"] else _("Note removed.")
    return str(SAY[Rsvp.Response(answered.rsvp.response)])


def _who(request: HttpRequest, meeting: Meeting) -> CallPage:
    """The count beside the control, as it is after the answer."""
    page = CallPage(meeting, True, request.user.has_perm("events.run_meeting", meeting), True, True)
    add_answers(request, page)
    return page


def _refused(request: HttpRequest, meeting: Meeting, form: RsvpForm, sentence: str, status: int) -> HttpResponse:
    """Say why, and show the answer that stands."""
    context = {**page_at("calls"), "meeting": meeting, "next": next_path(request, ""), "error": sentence}
    if request.htmx and form.is_note:
        return render(request, NOTE, {"toast": sentence, "tone": "error"}, status=status)
    if request.htmx:
        variant = request.POST.get("variant", "")
        return render(
            request,
            "components/_rsvp.html",
            context | {"variant": variant if variant in ("row", "hero") else ""},
            status=status,
        )
    return render(
        request,
        "events/rsvp_refused.html",
        context | page_at("calls", back=meeting),
        status=status,
    )


# Everybody's answers ---------------------------------------------------------------------------------


@require_safe
def meeting_answers(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of answers. Co-chairs and staff see everybody with notes, others those who share their answer."""
    meeting = find_meeting(request, slug, "events.see_answers")
    runs = request.user.has_perm("events.run_meeting", meeting)
    said = request.GET.get("said", "")
    choices = ["accepted", "tentative", "declined", "waiting", *(["silent"] if runs else [])]
    said = said if said in choices else ""
    people = listing.that_said(listing.people(request.user, meeting, runs), said)
    tally = Rsvp.objects.tally(meeting)
    open_to_answers = runs and meeting.is_told and not meeting.is_cancelled and not meeting.is_over
    context = {
        **page_at("calls", back=meeting),
        "meeting": meeting,
        "committee": meeting.committee,
        "runs": runs,
        "to_nudge": nudgeable(meeting).count() if open_to_answers else 0,
        "bar": bar_for(request.user, meeting.about) if runs else None,
        "tabs": _tabs(tally, said, runs),
        "tally": tally,
        "notes": ReplyNote.objects.open().filter(meeting=meeting).select_related("user__profile") if runs else [],
        "page": paging.page_of(people, ("in_line_since", "pk") if said == "waiting" else ("name", "pk"), request.GET),
        "may_answer_for": open_to_answers,
    }
    return render(request, "events/meeting_answers.html", context)


def _tabs(tally: Tally, said: str, runs: bool) -> list[dict[str, Any]]:
    """By answer, with how many; the silent are for those who run the call."""
    everyone = tally.invited if runs else tally.going + tally.waiting + tally.maybe + tally.cant
    tabs = [
        ("", _("Everyone"), everyone),
        ("accepted", _("Going"), tally.going),
        *([("waiting", _("Wait list"), tally.waiting)] if tally.waiting else []),
        ("tentative", _("Maybe"), tally.maybe),
        ("declined", _("Can’t"), tally.cant),
        *([("silent", _("No answer"), tally.unanswered)] if runs else []),
    ]
    return [
        {"url": f"?said={key}" if key else "?", "label": label, "count": count, "current": key == said}
        for key, label, count in tabs
    ]


@act_of("meeting_answers", "slug")
def meeting_answer_for(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A co-chair records somebody's answer; the person gets the confirmation, and the activity log says who recorded
    it.
    """
    meeting = find_meeting(request, slug, "events.answer_for_another")
    person = get_object_or_404(meeting.invitees(), pk=pk)
    form = RsvpForm(request.POST)
    if not form.is_valid():
        return _refused(request, meeting, form, _("Answer with going, maybe or can’t."), 400)
    current = Rsvp.objects.filter(meeting=meeting, user=person).values_list("version", flat=True).first() or 0
    seen = form.seen(current) | {"note": None}
    try:
        answered = respond(
            meeting, person, form.cleaned_data["answer"], source=Rsvp.Source.STAFF, by=request.user, **seen
        )
    except ValidationError as error:
        return _refused(request, meeting, form, error.messages[0], 400 if error.code == "unknown_response" else 409)
    words = {"name": person.get_short_name(), "answer": answered.rsvp.get_response_display()}
    if answered.applied:
        messages.success(request, _("%(name)s is down as: %(answer)s.") % words)
    else:
        messages.warning(request, _("%(name)s answered in the meantime, and that stands: %(answer)s.") % words)
    return redirect(next_path(request, reverse("meeting_answers", args=[meeting.slug])))
