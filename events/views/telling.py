"""What co-chairs send about a call beside its changes: its agenda, and a nudge to those who have not answered.

Each is one address, posted twice: first for the preview, then with the seal of what was seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from events.models import Meeting
from events.nudging import nudge
from events.publishing import publish_agenda
from events.views.finding import find_meeting
from members.models import User
from members.notifications.sending import OtherThanShown, Preview, rehearse, send
from members.views.sendings import send_words, sent_words, show_preview


@dataclass(frozen=True)
class Errand:
    """`verb` tells people about the call; `nothing` is what to say when it tells nobody."""

    meeting: Meeting
    by: User
    verb: Callable[[Meeting, User], Any]
    template: str
    back: str
    nothing: str

    def run(self) -> Any:
        return self.verb(Meeting.objects.select_related("committee").get(pk=self.meeting.pk), self.by)


@require_POST
def meeting_agenda_publish(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = find_meeting(request, slug, "events.run_meeting")
    back, nothing = reverse("meeting_agenda", args=[slug]), _("Nothing changed since it was published.")
    errand = Errand(meeting, request.user, publish_agenda, "events/meeting_agenda_publish.html", back, nothing)
    return _tell(request, errand)


@require_POST
def meeting_nudge(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = find_meeting(request, slug, "events.run_meeting")
    back, nothing = reverse("meeting_answers", args=[slug]), _("There is nobody to nudge right now.")
    return _tell(request, Errand(meeting, request.user, nudge, "events/meeting_nudge.html", back, nothing))


def _tell(request: HttpRequest, errand: Errand) -> HttpResponse:
    if "back" in request.POST:
        return redirect(errand.back)
    try:
        if "seal" in request.POST:
            return _send(request, errand)
        return _show(request, errand, rehearse(errand.run, errand.by))
    except OtherThanShown as other:
        return _show(request, errand, other.preview, changed=True)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(errand.back)


def _send(request: HttpRequest, errand: Errand) -> HttpResponse:
    sent = send(errand.run, errand.by, seal=request.POST["seal"])
    if sent.tells_anybody:
        messages.success(request, sent_words(sent))
    else:
        messages.info(request, errand.nothing)
    return redirect(errand.back)


def _show(request: HttpRequest, errand: Errand, preview: Preview, *, changed: bool = False) -> HttpResponse:
    if not preview.tells_anybody:
        messages.info(request, errand.nothing)
        return redirect(errand.back)
    context = {
        "nav": "calls",
        "meeting": errand.meeting,
        "committee": errand.meeting.committee,
        "send_words": send_words(preview),
        "back_url": errand.back,
        "back_label": errand.meeting.title,
    }
    return show_preview(request, errand.template, preview, context, changed=changed)
