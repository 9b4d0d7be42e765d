"""What we sent this person or did not, newest first, each with the sentence that says why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from events.messages.why_not import why_unsent
from events.models import Meeting
from members.mail.kinds import registry
from members.mail_desk.explain import explain_all
from members.models import Delivery, User
from members.queries.paging import page_of
from members.web.pages import page_at

SHOWN = 30
ABOUT = re.compile(r"[a-z_]+:\d{1,18}")


@dataclass(frozen=True)
class Message:
    """`title` is the subject of the mail, or the call it would be about; a secret one says neither this nor why."""

    delivery: Delivery
    label: str
    title: str
    call: Meeting | None
    sentence: str


@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    about = request.GET.get("about", "")
    deliveries = Delivery.objects.filter(recipient=request.user.pk).select_related("recipient").defer("facts")
    if ABOUT.fullmatch(about):
        deliveries = deliveries.filter(about=about)
    page = page_of(deliveries, ["-due_at", "-pk"], request.GET, size=SHOWN)
    call = _calls([about], request.user).get(about)
    context = {
        "page": page,
        "messages_sent": _messages(page.rows, request.user),
        "about": about if ABOUT.fullmatch(about) else "",
        "call": call,
        "unsent": why_unsent(call, request.user) if call and not page.previous_url else [],
        **page_at("settings", section="messages"),
    }
    return render(request, "portal/settings_messages.html", context)


def _messages(deliveries: list[Delivery], person: User) -> list[Message]:
    calls = _calls({delivery.about for delivery in deliveries}, person)
    return [
        _message(delivery, calls.get(delivery.about), sentence)
        for delivery, sentence in zip(deliveries, explain_all(deliveries, to_you=True), strict=True)
    ]


def _message(delivery: Delivery, call: Meeting | None, sentence: str) -> Message:
    notice = registry.get(delivery.kind)
    label = str(notice.label) if notice else delivery.kind
    if notice and notice.secret:
        return Message(delivery, label, "", None, "")
    return Message(delivery, label, delivery.message_subject or (call.title if call else ""), call, sentence)


def _calls(abouts: Iterable[str], person: User) -> dict[str, Meeting]:
    """By what deliveries name them, those that the person may see."""
    numbers = [int(about.partition(":")[2]) for about in abouts if re.fullmatch(r"meeting:\d{1,18}", about)]
    if not numbers:
        return {}
    found = Meeting.objects.visible_to(person).filter(pk__in=numbers).select_related("committee")
    return {meeting.about: meeting for meeting in found}
