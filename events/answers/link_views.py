"""`/r/<token>/`: answering one call as one person, from a mail, without signing in.

A GET changes nothing: scanners open every link. The token is the authority, so POST asks for no cookie and no CSRF
token and works where cookies are blocked; it never signs anybody in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from events.answers.answering import SYNONYMS, respond
from events.answers.forms import RsvpForm
from events.models import Meeting, Rsvp
from events.views.meetings import calendar_file
from members.mail import links
from members.models import User
from members.web.acts import page_or_post
from members.web.limits import is_guessing

ANSWERS = (Rsvp.Response.ACCEPTED, Rsvp.Response.TENTATIVE, Rsvp.Response.DECLINED)


@dataclass(frozen=True)
class Opened:
    """What a valid token is about."""

    token: str
    person: User
    meeting: Meeting

    @property
    def address(self) -> str:
        return reverse("rsvp_link", args=[self.token])


@login_not_required
@csrf_exempt
@page_or_post
def rsvp_link(request: HttpRequest, token: str) -> HttpResponse:
    opened = _open(token)
    if opened is None:
        return _no_link(request)
    with timezone.override(opened.person.zone):
        return _answer(request, opened) if request.method == "POST" else _page(request, opened)


@login_not_required
@require_safe
def rsvp_link_ics(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar file of the call in the link: it says no more than the mail did."""
    opened = _open(token)
    if opened is None or _refusal(opened):
        return _no_link(request)
    return calendar_file(opened.meeting, opened.person)


def _open(token: str) -> Opened | None:
    try:
        person_id, meeting_id = links.read_rsvp(token)
    except (links.BadLink, ValueError):
        return None
    person = User.objects.members().filter(pk=person_id).first()
    meeting = (
        person
        and Meeting.objects.told().select_related("committee").with_answer_of(person).filter(pk=meeting_id).first()
    )
    return Opened(token, person, meeting) if person and meeting else None


def _no_link(request: HttpRequest) -> HttpResponse:
    if is_guessing(request, "rsvp"):
        return render(request, "429.html", status=429)
    return render(request, "events/rsvp_link_gone.html", status=404)


def _refusal(opened: Opened) -> str:
    """Why there is nothing to answer any more, "" when there is."""
    if not opened.person.has_perm("events.respond_to_meeting", opened.meeting):
        return "left"  # before all else: the page then says nothing about the call
    if opened.meeting.is_cancelled:
        return "cancelled"
    return "over" if opened.meeting.is_over else ""


def _page(request: HttpRequest, opened: Opened, *, status: int = 200, **more: Any) -> HttpResponse:
    meeting, asked = opened.meeting, request.GET.get("answer", "").lower()
    asked = SYNONYMS.get(asked, asked)
    standing = meeting.my_response if meeting.my_response in ANSWERS else ""
    refusal = _refusal(opened)
    if refusal == "left":
        return _unlinked(render(request, "events/rsvp_link_left.html", status=410))
    context = {
        "person": opened.person,
        "meeting": meeting,
        "standing": standing,
        "asked": asked if asked in ANSWERS and asked != standing else "",
        "refusal": refusal,
        "moved": meeting.moves.select_related("moved_by").first() if meeting.edition and not standing else None,
        "address": opened.address,
        "ics": reverse("rsvp_link_ics", args=[opened.token]),
        "stranger": _stranger(request, opened),
        "asks_first": _stranger(request, opened) and request.GET.get("for") != str(opened.person.pk),
        "answers": _answers(asked if asked in ANSWERS else "", standing),
        **more,
    }
    return _unlinked(
        render(request, "events/rsvp_link.html", context, status=410 if refusal and status == 200 else status)
    )


def _unlinked(response: HttpResponse) -> HttpResponse:
    """The address is the key: no other site and no search engine is told of it."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _answers(asked: str, standing: str) -> list[tuple[str, str]]:
    """The answer the mail's button meant first, then the others."""
    words = {
        Rsvp.Response.ACCEPTED: _("Yes, I’m going"),
        Rsvp.Response.TENTATIVE: _("Maybe"),
        Rsvp.Response.DECLINED: _("I can’t make it"),
    }
    first = Rsvp.Response(asked or Rsvp.Response.ACCEPTED)
    return [(answer, words[answer]) for answer in (first, *(each for each in ANSWERS if each != first))]


def _stranger(request: HttpRequest, opened: Opened) -> bool:
    """Somebody else is signed in here: the mail was forwarded, or the device is shared."""
    return request.user.is_authenticated and request.user.pk != opened.person.pk


def _answer(request: HttpRequest, opened: Opened) -> HttpResponse:
    form = RsvpForm(request.POST)
    if _refusal(opened):
        return _page(request, opened)
    if _stranger(request, opened) and request.POST.get("for") != str(opened.person.pk):
        return _page(request, opened, status=409)
    if not form.is_valid():
        return _page(request, opened, status=400, error=_("Answer with going, maybe or can’t."))
    try:
        answered = respond(
            opened.meeting,
            opened.person,
            form.cleaned_data["answer"],
            source=Rsvp.Source.MAIL,
            **form.seen(opened.meeting.my_version) | {"note": None},
        )
    except ValidationError as error:
        return _page(request, opened, status=400 if error.code == "unknown_response" else 409, error=error.messages[0])
    return redirect(f"{opened.address}{'?saved=1' if answered.applied else '?later=1'}{_for(request, opened)}")


def _for(request: HttpRequest, opened: Opened) -> str:
    return f"&for={opened.person.pk}" if _stranger(request, opened) else ""
