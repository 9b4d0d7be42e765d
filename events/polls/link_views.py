"""`/v/<token>/`: voting in one poll as one person from a link in a mail, without signing in.

As the links that answer a call (events.answers.link_views): a GET changes nothing, the token is the authority and never
signs anybody in, and somebody else who is signed in is asked first whose votes these are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from events.models import Poll, PollVote
from events.polls import ballots
from events.polls.ballots import BallotRow
from members.mail import links
from members.models import User
from members.web.acts import page_or_post
from members.web.keyed import reader_of, unlinked
from members.web.rate_limits import is_guessing


@dataclass
class PollLink:
    """The person and the poll of a valid token, and who reads its page."""

    token: str
    person: User
    poll: Poll
    reader: str
    is_meant_for_them: bool  # a stranger said so

    @property
    def address(self) -> str:
        return reverse("poll_link", args=[self.token])

    @property
    def state(self) -> str:
        """The name of its template: "left", "asks_first", "closed" or "ballot"."""
        if not self.person.has_perm("events.vote_in_poll", self.poll):
            return "left"  # before all else: the page then says nothing about the poll
        if self.asks_first:
            return "asks_first"
        return "closed" if self.poll.is_closed else "ballot"

    @property
    def asks_first(self) -> bool:
        return self.reader == "stranger" and not self.is_meant_for_them

    @cached_property
    def has_voted(self) -> bool:
        return PollVote.objects.filter(slot__poll=self.poll, user=self.person).exists()


@login_not_required
@csrf_exempt
@page_or_post
def poll_link(request: HttpRequest, token: str) -> HttpResponse:
    link = _open(request, token)
    if link is None:
        return _no_link(request)
    with timezone.override(link.person.zone):
        return _vote(request, link) if request.method == "POST" else _page(request, link)


def _open(request: HttpRequest, token: str) -> PollLink | None:
    try:
        person_id, poll_id = links.read_poll(token)
    except (links.BadLink, ValueError):
        return None
    person = User.objects.members().meant_by(person_id).first()
    poll = Poll.objects.told().select_related("committee").filter(pk=poll_id).first()
    if person is None or poll is None:
        return None
    meant_for = request.POST.get("for") or request.GET.get("for")
    return PollLink(token, person, poll, reader_of(request, person), meant_for == str(person.pk))


def _no_link(request: HttpRequest) -> HttpResponse:
    if is_guessing(request, "poll"):
        return render(request, "429.html", status=429)
    return render(request, "events/polls/link/gone.html", status=404)


def _page(request: HttpRequest, link: PollLink, *, status: int = 200, error: str = "") -> HttpResponse:
    if status == 200 and link.state in ("left", "closed"):
        status = 410
    context = {"link": link, "person": link.person, "poll": link.poll, "error": error, "rows": _rows(request, link)}
    return unlinked(render(request, f"events/polls/link/{link.state}.html", context, status=status))


def _rows(request: HttpRequest, link: PollLink) -> list[BallotRow]:
    """The times with the answers that stand, that the mail's link stands for, or that could not be saved."""
    if link.state != "ballot":
        return []
    given = {str(pk): said.answer for pk, said in ballots.posted(request.POST).items()}
    return ballots.ballot_of(link.poll, link.person, given or request.GET.dict())


def _vote(request: HttpRequest, link: PollLink) -> HttpResponse:
    if link.state in ("left", "closed"):
        return _page(request, link)
    if link.state == "asks_first":
        return _page(request, link, status=409)
    try:
        voted = link.poll.vote(link.person, ballots.posted(request.POST), source=PollVote.Source.MAIL)
    except ValidationError as error:
        link.poll.refresh_from_db()
        return _page(request, link, status=400 if error.code == "unknown_answer" else 409, error=error.messages[0])
    for_them = f"&for={link.person.pk}" if link.reader == "stranger" else ""
    outcome = "later" if voted.overtaken else "gone" if voted.gone else "saved"
    return redirect(f"{link.address}?{outcome}=1{for_them}")
