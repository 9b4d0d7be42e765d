"""Answers by mail that wait for the member's confirmation, and notes by mail for the co-chairs."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from events.answers.answering import SYNONYMS, respond
from events.answers.identification import ChangesNothing
from events.answers.replies import confirm
from events.models import Answered, CalendarReply, ReplyNote, Rsvp
from events.views.finding import find_meeting, next_path
from members.models import User
from members.web.acts import act_of


@act_of("meeting_detail", "slug")
def calendar_reply_decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The member confirms or rejects an answer that came from another address."""
    meeting = find_meeting(request, slug, "events.respond_to_meeting")
    reply = get_object_or_404(CalendarReply, pk=pk, meeting=meeting, user=request.user)
    back = redirect(next_path(request, meeting.get_absolute_url()))
    reply.meeting = meeting
    if "confirm" not in request.POST:
        if reply.settle(CalendarReply.State.DISCARDED):
            messages.success(request, _("Discarded. Your answer is as it was."))
        return back
    try:
        answered = confirm(reply)
    except ChangesNothing as refusal:
        messages.error(request, str(refusal.words))
        return back
    if answered:
        messages.success(request, _("Recorded: %s.") % reply.answer_words)
    return back


@act_of("meeting_answers", "slug")
def reply_note_settle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A co-chair marks a note as read; with `answer` they record what it says, which the activity log shows."""
    meeting = find_meeting(request, slug, "events.answer_for_another")
    note = get_object_or_404(ReplyNote.objects.select_related("user"), pk=pk, meeting=meeting)
    note.meeting = meeting
    back = redirect(next_path(request, reverse("meeting_answers", args=[meeting.slug])))
    answer = request.POST.get("answer", "")
    try:
        answered = _settle(note, request.user, answer)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return back
    if answered is None:
        messages.success(request, _("Put aside."))
    elif answered.applied:
        words = {"name": note.user.get_short_name(), "answer": answered.rsvp.get_response_display()}
        messages.success(request, _("%(name)s is down as: %(answer)s.") % words)
    return back


@transaction.atomic
def _settle(note: ReplyNote, by: User, answer: str) -> Answered | None:
    """Once: somebody else's click before this one has recorded it already. Raises ValidationError."""
    if not note.settle(by) or not answer:
        return None
    if SYNONYMS.get(answer.lower(), answer) not in Rsvp.Response.values:
        raise ValidationError(_("Answer with going, maybe or can’t."), "unknown_response")
    if not note.meeting.invitees().filter(pk=note.user_id).exists():
        raise ValidationError(_("This person is no longer on the committee."), "not_invited")
    current = Rsvp.objects.filter(meeting=note.meeting, user=note.user).values_list("version", flat=True).first() or 0
    return respond(note.meeting, note.user, answer, seen=current, source=Rsvp.Source.STAFF, by=by)
