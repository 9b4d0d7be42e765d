"""What co-chairs send about a call beside its changes: a draft, its agenda, and a nudge to those who have not answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from events.agenda.publishing import publish_agenda
from events.answers.nudging import nudge
from events.models import Meeting
from events.schedule.scheduling import tell
from events.views.finding import find_meeting
from members.mail.bulk.sending import Preview
from members.mail_desk.views.sendings import in_two_steps, send_words, sent_words
from members.models import User
from members.web.acts import act_of
from members.web.once import once
from members.web.pages import page_at

LATER = "later"
Verb = Callable[[Meeting, User], Any]


@act_of("meeting_detail", "slug")
def meeting_tell(request: HttpRequest, slug: str) -> HttpResponse:
    """A draft becomes a call: everybody on the committee is invited. `agenda=later` tells the time alone."""
    back, nothing = reverse("meeting_detail", args=[slug]), _("The committee is told of this call already.")
    verb = partial(tell, with_agenda=request.POST.get("agenda") != LATER)
    return _tell(request, slug, verb, "events/meeting_tell.html", back, nothing)


@act_of("meeting_agenda", "slug")
def meeting_agenda_publish(request: HttpRequest, slug: str) -> HttpResponse:
    back, nothing = reverse("meeting_agenda", args=[slug]), _("Nothing changed since it was published.")
    return _tell(request, slug, publish_agenda, "events/meeting_agenda_publish.html", back, nothing)


@act_of("meeting_answers", "slug")
def meeting_nudge(request: HttpRequest, slug: str) -> HttpResponse:
    back, nothing = reverse("meeting_answers", args=[slug]), _("There is nobody to nudge right now.")
    return _tell(request, slug, nudge, "events/meeting_nudge.html", back, nothing)


def _tell(request: HttpRequest, slug: str, verb: Verb, template: str, back: str, nothing: str) -> HttpResponse:
    """Posted twice: for the preview, and the fingerprint of what was seen. `nothing` is said when nobody is told."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    if "back" in request.POST:
        return redirect(back)

    def act(tell: bool) -> Any:
        current = Meeting.objects.select_related("committee").get(pk=meeting.pk)
        return verb(current, request.user) if tell else None

    at = page_at("calls", back=back, label=meeting.title)
    follows = request.POST.get("agenda") == LATER
    context = {**at, "meeting": meeting, "committee": meeting.committee, "agenda_follows": follows}
    show = partial(in_two_steps, request, act, template, context, _words)
    try:
        return once(request, partial(_told, request, show, back, nothing), keyless=False)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(back)


def _told(request: HttpRequest, show: Callable[[], HttpResponse | Preview], back: str, nothing: str) -> HttpResponse:
    sent = show()
    if isinstance(sent, HttpResponse):
        return sent
    if sent.tells_anybody:
        messages.success(request, sent_words(sent))
    else:
        messages.info(request, nothing)
    return redirect(back)


def _words(preview: Preview) -> dict[str, str]:
    return {"send_words": send_words(preview)}
