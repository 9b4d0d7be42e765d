"""Joining a call: from its page, and with the signed link of a reminder, which needs no session.

A GET of the link changes nothing, because mail scanners open every link: its page has a button. The button leads on by a
page of its own rather than by a redirect, which the policy about forms keeps within the site.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.decorators import login_not_required
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from events.models import Meeting, MeetingMove
from events.models.attendance import JOINED
from events.views.finding import find_meeting
from members.mail import links
from members.models import AuditEntry, User
from members.queries.turns import take_turn
from members.text.phones import dial_url
from members.web.acts import page_or_post
from members.web.keyed import reader_of, unlinked
from members.web.pages import page_at
from members.web.rate_limits import is_guessing

STATUSES = {"left": 410, "canceled": 410, "over": 410}


@require_safe
def meeting_join(request: HttpRequest, slug: str) -> HttpResponse:
    """On to the video room for those entitled, while it is open; otherwise a page that says why not."""
    meeting = find_meeting(request, slug)
    may_join = request.user.has_perm("events.join_meeting", meeting)
    if may_join and meeting.join_is_open:
        response: HttpResponse = HttpResponseRedirect(meeting.video_url)
        response["Referrer-Policy"] = "no-referrer"
    else:
        state = _why_not(meeting, request.user)
        context = {
            **page_at("calls", back=meeting),
            "meeting": meeting,
            "state": state,
            "dial_url": dial_url(meeting.dial_in),
            "shows_phone": bool(meeting.dial_in) and state in ("early", "no_link"),
        }
        response = render(request, "events/meeting_join.html", context, status=200 if may_join else 403)
    patch_cache_control(response, no_store=True, private=True)
    return response


def _why_not(meeting: Meeting, user: User) -> str:
    if not user.has_perm("events.join_meeting", meeting):
        return "waiting" if user.has_perm("events.respond_to_meeting", meeting) else "not_invited"
    if meeting.is_cancelled:
        return "cancelled"
    if meeting.join_opens_at > timezone.now():
        return "early"
    return "over" if meeting.is_over else "no_link"


# From a mail ----------------------------------------------------------------------------------------


@dataclass
class JoinPage:
    """The page of a link, for this reader. `edition` is the time that the mail told."""

    token: str
    person: User
    meeting: Meeting
    edition: int
    reader: str
    is_meant_for_them: bool  # a stranger said so

    @cached_property
    def state(self) -> str:
        """The name of its template."""
        meeting = self.meeting
        if not self.person.has_perm("events.join_meeting", meeting):
            # "left" before all else: the page then says nothing about the call
            return "waiting" if self.person.has_perm("events.respond_to_meeting", meeting) else "left"
        if meeting.is_cancelled:
            return "canceled"
        if meeting.is_over:
            return "over"
        if meeting.asks_to_sign_in:
            return "sign_in"
        if meeting.join_opens_at > timezone.now():
            return "early"
        if not meeting.video_url:
            return "no_link"
        return "asks_first" if self.reader == "stranger" and not self.is_meant_for_them else "open"

    @cached_property
    def moved(self) -> MeetingMove | None:
        """The last move, when the mail told an earlier time."""
        told = self.state in STATUSES or self.edition == self.meeting.edition
        return None if told else self.meeting.moves.select_related("moved_by").first()

    @property
    def address(self) -> str:
        return reverse("join_link", args=[self.token])

    @property
    def dial_url(self) -> str:
        return dial_url(self.meeting.dial_in)

    @property
    def shows_phone(self) -> bool:
        return bool(self.meeting.dial_in) and self.state in ("open", "early", "no_link")


@login_not_required
@csrf_exempt
@page_or_post
def join_link(request: HttpRequest, token: str) -> HttpResponse:
    page = _open(request, token)
    if page is None:
        guessing = is_guessing(request, "join")
        template, status = ("429.html", 429) if guessing else ("events/rsvp_link_gone.html", 404)
        return unlinked(render(request, template, status=status))
    with timezone.override(page.person.zone):
        if request.method == "POST" and page.state == "open":
            return _lead_on(request, page)
        status = STATUSES.get(page.state, 409 if request.method == "POST" else 200)
        return _shown(request, page, page.state, status)


def _shown(request: HttpRequest, page: JoinPage, template: str, status: int = 200) -> HttpResponse:
    context = {"page": page, "person": page.person, "meeting": page.meeting}
    response = unlinked(render(request, f"events/join/{template}.html", context, status=status))
    patch_cache_control(response, no_store=True, private=True)
    return response


def _lead_on(request: HttpRequest, page: JoinPage) -> HttpResponse:
    _record(page.person, page.meeting)
    response = _shown(request, page, "leads_on")
    response["Refresh"] = f"0; url={page.meeting.video_url}"
    return response


@transaction.atomic
def _record(person: User, meeting: Meeting) -> None:
    """Once a person and call: whoever presses again has joined already."""
    take_turn(f"joining {meeting.pk} as {person.pk}")
    this = {"content_type": ContentType.objects.get_for_model(Meeting), "object_id": meeting.pk}
    if not AuditEntry.objects.filter(**this, actor=person, verb=JOINED).exists():
        AuditEntry.record(person, JOINED, meeting)


def _open(request: HttpRequest, token: str) -> JoinPage | None:
    try:
        person_id, meeting_id, edition = links.read_join(token)
    except (links.BadLink, ValueError):
        return None
    person = User.objects.members().meant_by(person_id).first()
    meeting = Meeting.objects.told().select_related("committee").filter(pk=meeting_id).first()
    if person is None or meeting is None:
        return None
    said = {request.GET.get("for"), request.POST.get("for")}
    return JoinPage(token, person, meeting, edition, reader_of(request, person), str(person.pk) in said)
