"""`/r/<token>/`: answering one call as one person from a link in a mail, without signing in.

A GET changes nothing, because mail scanners open every link. The token is the authority: POST needs no cookie and no
CSRF token, so it works where cookies are blocked. It never signs anybody in.
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
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from events.answers import all_dates
from events.answers.all_dates import AllDatesForm
from events.answers.answering import SYNONYMS, respond, respond_to_all
from events.answers.forms import RsvpForm
from events.calendar.files import calendar_file
from events.models import CalendarFeed, Meeting, MeetingMove, Rsvp, SeriesAnswer
from members.mail import links
from members.models import User
from members.web.acts import page_or_post
from members.web.keyed import reader_of, unlinked
from members.web.rate_limits import is_guessing

ANSWERS = (Rsvp.Response.ACCEPTED, Rsvp.Response.TENTATIVE, Rsvp.Response.DECLINED)


@dataclass(frozen=True)
class Opened:
    """The person and the call of a valid token."""

    token: str
    person: User
    meeting: Meeting

    @property
    def address(self) -> str:
        return reverse("rsvp_link", args=[self.token])


@dataclass
class LinkPage:
    """The page of the link, for this reader and the answer that the mail's button stands for."""

    opened: Opened
    reader: str
    is_meant_for_them: bool  # a stranger said so
    meant: str
    to_all: bool = False  # dates of the series

    @property
    def state(self) -> str:
        """The name of its template: a refusal ("left", "canceled", "over"), "asks_first", "waiting", "answered" or
        "question".
        """
        if self.refusal:
            return self.refusal
        if self.reader == "stranger" and not self.is_meant_for_them:
            return "asks_first"
        if self.waits and self.meant in ("", Rsvp.Response.ACCEPTED):
            return "waiting"
        return "answered" if self.answer and self.meant in ("", self.answer) else "question"

    @property
    def waits(self) -> bool:
        """They are on the wait list of the call."""
        return not self.to_all and self.opened.meeting.my_response == Rsvp.Response.WAITING

    @cached_property
    def place(self) -> int:
        """1 for the first in line."""
        return Rsvp.objects.get(meeting=self.opened.meeting, user=self.opened.person).place

    @property
    def what(self) -> str:
        """What the link can answer for."""
        return _("the calls of this series") if self.opened.meeting.series_id else _("this call")

    @cached_property
    def offer(self) -> all_dates.Offer | None:
        """The answer to this call for all dates of its series, where others have another."""
        if self.to_all or not self.answer:
            return None
        return all_dates.offer(self.opened.meeting, self.opened.person, self.answer)

    @cached_property
    def given_to_all(self) -> SeriesAnswer | None:
        """The answer to all dates that holds."""
        series = self.opened.meeting.series
        return all_dates.standing(series, self.opened.person) if series else None

    @cached_property
    def coming(self) -> int:
        """How many dates are to come."""
        series = self.opened.meeting.series
        return SeriesAnswer.calls(series).count() if series else 0

    @property
    def series_version(self) -> int:
        series = self.opened.meeting.series
        return all_dates.version_of(series, self.opened.person) if series else 0

    @cached_property
    def refusal(self) -> str:
        return _refusal(self.opened)

    @property
    def answer(self) -> str:
        """The answer to the present time of the call, or to all dates of its series."""
        if self.to_all:
            return self.given_to_all.response if self.given_to_all else ""
        response = self.opened.meeting.my_response
        return response if response in ANSWERS else ""

    @cached_property
    def moved(self) -> MeetingMove | None:
        """The last move, when the person is asked again because of it."""
        meeting = self.opened.meeting
        if self.refusal or self.to_all or self.answer or not meeting.edition:
            return None
        return meeting.moves.select_related("moved_by").first()

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """The three answers, that of the mail's button first."""
        words = (
            self._words_of_all()
            if self.to_all
            else {
                Rsvp.Response.ACCEPTED: _("Yes, I’m going"),
                Rsvp.Response.TENTATIVE: _("Maybe"),
                Rsvp.Response.DECLINED: _("I can’t make it"),
            }
        )
        first = Rsvp.Response(self.meant or Rsvp.Response.ACCEPTED)
        return [(answer, words[answer]) for answer in (first, *(each for each in ANSWERS if each != first))]

    def _words_of_all(self) -> dict[Rsvp.Response, str]:
        n = {"n": self.coming}
        return {
            Rsvp.Response.ACCEPTED: ngettext("Yes, I’m going", "Yes, to all %(n)d dates", self.coming) % n,
            Rsvp.Response.TENTATIVE: ngettext("Maybe", "Maybe, to all %(n)d dates", self.coming) % n,
            Rsvp.Response.DECLINED: ngettext("I can’t make it", "I can’t make any of the %(n)d dates", self.coming) % n,
        }

    @property
    def is_in_feed(self) -> bool:
        """Whether their feed brings the call: added by hand too, it would stand there twice."""
        return not CalendarFeed.of(self.opened.person).brings_entries

    @property
    def address(self) -> str:
        return self.opened.address

    @property
    def ics(self) -> str:
        return reverse("rsvp_link_ics", args=[self.opened.token])


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
    """The calendar file of the call in the link; it holds no more than the mail did."""
    opened = _open(token)
    if opened is None or _refusal(opened):
        return _no_link(request)
    return calendar_file(opened.meeting, opened.person)


@login_not_required
@require_safe
def rsvp_link_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The ways to put the call into a calendar."""
    opened = _open(token)
    if opened is None:
        return _no_link(request)
    if _refusal(opened):
        return redirect(opened.address)
    with timezone.override(opened.person.zone):
        context = {"page": _link_page(request, opened), "person": opened.person, "meeting": opened.meeting}
        return unlinked(render(request, "events/link/calendar.html", context))


def _open(token: str) -> Opened | None:
    try:
        person_id, meeting_id = links.read_rsvp(token)
    except (links.BadLink, ValueError):
        return None
    person = User.objects.members().select_related("calendar_feed").meant_by(person_id).first()
    meeting = (
        person
        and Meeting.objects.told()
        .select_related("committee", "series")
        .with_answer_of(person)
        .with_stage()
        .filter(pk=meeting_id)
        .first()
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
        return "canceled"
    return "over" if opened.meeting.is_over else ""


def _page(request: HttpRequest, opened: Opened, *, status: int = 200, error: str = "") -> HttpResponse:
    page = _link_page(request, opened)
    if page.state == "left":
        return unlinked(render(request, "events/link/left.html", status=410))
    context = {"page": page, "person": opened.person, "meeting": opened.meeting, "error": error}
    status = 410 if page.refusal and status == 200 else status
    return unlinked(render(request, f"events/link/{page.state}.html", context, status=status))


def _link_page(request: HttpRequest, opened: Opened) -> LinkPage:
    meant = request.GET.get("answer", "").lower()
    meant = SYNONYMS.get(meant, meant)
    return LinkPage(
        opened,
        reader=reader_of(request, opened.person),
        is_meant_for_them=request.GET.get("for") == str(opened.person.pk),
        meant=meant if meant in ANSWERS else "",
        to_all=_is_to_all(request, opened),
    )


def _is_to_all(request: HttpRequest, opened: Opened) -> bool:
    asked = request.POST.get("dates") or request.GET.get("dates")
    return asked == "all" and opened.meeting.series_id is not None


def _answer(request: HttpRequest, opened: Opened) -> HttpResponse:
    form = RsvpForm(request.POST)
    if _refusal(opened):
        return _page(request, opened)
    if reader_of(request, opened.person) == "stranger" and request.POST.get("for") != str(opened.person.pk):
        return _page(request, opened, status=409)
    if _is_to_all(request, opened):
        return _answer_all(request, opened)
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


def _answer_all(request: HttpRequest, opened: Opened) -> HttpResponse:
    """The same for all dates of the series of the call, or taken back."""
    form, series = AllDatesForm(request.POST), opened.meeting.series
    assert series is not None
    if not form.is_valid():
        return _page(request, opened, status=400, error=_("Answer with going, maybe or can’t."))
    try:
        if form.cleaned_data["undo"]:
            answered = SeriesAnswer.undo(series, opened.person, form.cleaned_data["undo"])
        else:
            answer, source = form.cleaned_data["answer"], Rsvp.Source.MAIL
            answered = respond_to_all(series, opened.person, answer, source=source, **form.seen())
    except ValidationError as error:
        return _page(request, opened, status=400 if error.code == "unknown_response" else 409, error=error.messages[0])
    said = "saved" if answered.applied else "later"
    return redirect(f"{opened.address}?dates=all&{said}=1{_for(request, opened)}")


def _for(request: HttpRequest, opened: Opened) -> str:
    return f"&for={opened.person.pk}" if reader_of(request, opened.person) == "stranger" else ""
