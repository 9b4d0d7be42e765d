"""The list of calls and the one page of a call: before, during and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import Committee, Document
from committees.views.finding import find_committee
from committees.views.refusing import refuse
from events.agenda import publishing
from events.calendar.files import calendar_file
from events.messages.agenda_changes import counted
from events.models import AgendaItem, Attendance, CalendarReply, Meeting, Minutes, Quorum, Rsvp, RunningItem
from events.models.agendas import call_end, on_agenda, running
from events.models.meetings import Stage
from events.models.rsvps import Tally
from events.models.runs import FORGOTTEN, Following
from events.views.finding import find_meeting
from members.mail.bulk.undo import bar_for
from members.models import User
from members.queries import paging
from members.queries.prepared import prepared
from members.text.apart import apart
from members.times import formats
from members.web.pages import page_at

FACES = 7
POLL_FROM = timedelta(minutes=17)  # before the start
PRINTED = ("E", "P")  # first letters of EST and EDT, PST and PDT


# The list ------------------------------------------------------------------------------------------


@prepared
def _my_committees(user: User) -> QuerySet[Committee]:
    return Committee.objects.of(user).not_archived().order_by("name")


@prepared
def _my_next(user: User) -> QuerySet[Meeting]:
    """The first page of the list as most people open it."""
    return _in_rows(Meeting.objects.of(user).upcoming(), user)[: paging.PAGE + 1]


def _in_rows(calls: Any, user: User) -> Any:
    return calls.select_related("committee").with_answer_of(user).with_beside()


@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    """Calls of one's committees (`?show=all` adds those open to all members); `?committee=` and `?when=past` narrow it."""
    mine = _my_committees(request.user)
    everything = request.GET.get("show") == "all" or (not mine and request.user.may_act_as_staff)
    calls = Meeting.objects.visible_to(request.user) if everything else Meeting.objects.of(request.user)
    chosen = next((committee for committee in mine if committee.slug == request.GET.get("committee")), None)
    if chosen:
        calls = calls.of_committee(chosen.pk)
    narrowed = everything or chosen or not {"after", "before", "when"}.isdisjoint(request.GET)
    plain = {"past": False, "page": paging.first_page(_my_next(request.user), request.GET)} if not narrowed else {}
    listing = plain or list_calls(request, calls)
    return render(
        request,
        "events/meeting_list.html",
        {
            **page_at("calls"),
            "committees": mine,
            "mine": {committee.pk for committee in mine},
            "chosen": chosen,
            "everything": everything,
            **listing,
        },
    )


@require_safe
def committee_meetings(request: HttpRequest, slug: str) -> HttpResponse:
    """The Calls tab of a committee."""
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.see_committee_people", committee):
        return refuse(request, committee)
    listing = list_calls(request, Meeting.objects.visible_to(request.user).of_committee(committee.pk))
    mine = {committee.pk} if committee.role_of(request.user) else set()
    context = {
        **page_at("committees"),
        "committee": committee,
        "mine": mine,
        "may_schedule": request.user.has_perm("events.schedule_meeting", committee),
        **listing,
    }
    return render(request, "events/committee_meetings.html", context)


def list_calls(request: HttpRequest, calls: Any) -> dict[str, Any]:
    """One page of upcoming or past calls with the reader's answers."""
    past = request.GET.get("when") == "past"
    calls = _in_rows(calls.past() if past else calls.upcoming(), request.user)
    keys = ("-starts_at", "-pk") if past else ("starts_at", "pk")
    return {"past": past, "page": paging.page_of(calls, keys, request.GET)}


# One call ------------------------------------------------------------------------------------------


@dataclass
class OwnWord:
    """What is written down of the reader on a call that has begun, and whether they may say that they are here."""

    meeting: Meeting
    mark: Attendance | None
    is_asked: bool

    @property
    def may_check_in(self) -> bool:
        return self.is_asked and self.mark is None

    @property
    def asks(self) -> str:
        return _("I’m here") if self.meeting.is_live else _("I was here")

    @property
    def words(self) -> str:
        if self.mark is None:
            return ""
        if self.mark.is_here:
            return _("You say you were here") if self.mark.is_their_own_word else _("You’re down as having been here")
        return _("You’re down as not having been here")


@dataclass
class CallPage:
    """What one reader sees of one call. Those not invited to a public call see when and what it is about, no more."""

    meeting: Meeting
    invited: bool
    runs: bool
    may_join: bool
    may_see_answers: bool
    keeps: bool = False  # its record: co-chairs, and who takes notes
    chairs: list = field(default_factory=list)
    agenda: list[RunningItem] = field(default_factory=list)
    moved: Any = None  # the last move, while the call is ahead
    reply: CalendarReply | None = None
    tally: Tally | None = None
    attendees: list = field(default_factory=list)
    minutes: str = ""  # "read" when the reader may read them, "write" for who is to write them
    news: str = ""  # of the agenda, that the committee is not told of
    here: OwnWord | None = None  # from the start
    beside: list[Committee] = field(default_factory=list)  # that share it with the host
    manages_host: bool = False  # what the host has beside this call is theirs too
    forecasts: list[Quorum] = field(default_factory=list)  # of a call that is ahead, for those who run it

    @property
    def state(self) -> str:
        """ "canceled", "live", "starting" (for who may join), "over" or "ahead"."""
        if self.meeting.is_cancelled:
            return "canceled"
        if self.meeting.is_over:
            return "over"
        if self.meeting.is_live:
            return "live"
        return "starting" if self.awake else "ahead"

    @property
    def draft_state(self) -> str:
        """For those who manage it: "draft", "waits" while what tells of it is held, or nothing once it is told."""
        if not self.runs or self.meeting.is_told or self.state in ("canceled", "over"):
            return ""
        return "draft" if self.meeting.is_draft else "waits"

    @property
    def agenda_waits(self) -> bool:
        """Those who manage it see an agenda that members don’t see yet."""
        return bool(self.agenda) and self.meeting.stage == Stage.SAVE_THE_DATE

    @property
    def may_answer(self) -> bool:
        return self.invited and not self.meeting.is_over

    @property
    def may_propose(self) -> bool:
        """An item for the agenda, which who runs the call writes themselves."""
        return self.invited and not self.runs and self.state in ("ahead", "starting")

    @property
    def going_waits(self) -> bool:
        """Going would put the reader on the wait list: every seat is taken, or others wait for those that are not."""
        seats, said = self.meeting.seats, self.meeting.my_response
        if seats is None or self.tally is None or said in (Rsvp.Response.ACCEPTED, Rsvp.Response.WAITING):
            return False
        return self.tally.going >= seats or self.tally.waiting > 0

    @property
    def shows_join(self) -> bool:
        return self.may_join and (not self.meeting.is_over or self.on_now is not None)

    @property
    def shows_counts(self) -> bool:
        return self.tally is not None and self.may_add_to_calendar

    @property
    def may_add_to_calendar(self) -> bool:
        return self.may_see_answers and self.meeting.is_told and not self.meeting.is_over

    @property
    def hosts(self) -> str:
        """The co-chairs' names in a row: "Denise Whitaker and Marcus Bell"."""
        return apart(chair.name for chair in self.chairs)

    @property
    def reason(self) -> str:
        """Why it is canceled, for those it concerned."""
        return self.meeting.cancel_reason if self.may_see_answers and self.state == "canceled" else ""

    @property
    def agenda_end(self) -> datetime | None:
        return call_end(self.agenda, self.meeting)

    @property
    def awake(self) -> bool:
        return self.may_join and self.meeting.join_is_open

    @property
    def leads_to_run(self) -> bool:
        """The page of who runs it is theirs, until half a day after the end: a call may run over."""
        meeting = self.meeting
        return (
            self.keeps and meeting.is_told and not meeting.is_cancelled and timezone.now() < meeting.ends_at + FORGOTTEN
        )

    @cached_property
    def on_now(self) -> Following | None:
        """The item that the call is on, for those who may join it; also after its planned end, as long as it is run."""
        lasts = not self.meeting.is_cancelled and timezone.now() < self.meeting.ends_at + FORGOTTEN
        return Following.of_call(self.meeting) if self.may_join and lasts and self.state != "ahead" else None

    @property
    def polls_after(self) -> int | None:
        """Seconds until the Join bar begins to ask; 0 when it asks already, None when it never will on this page."""
        meeting, now = self.meeting, timezone.now()
        if not (self.may_join and meeting.video_url) or meeting.is_cancelled:
            return None
        if meeting.is_over:
            return 0 if self.on_now else None
        wait = meeting.starts_at - POLL_FROM - now
        return None if wait > timedelta(hours=12) else max(0, int(wait.total_seconds()))


def call_page(request: HttpRequest, meeting: Meeting) -> CallPage:
    user = request.user
    page = CallPage(
        meeting,
        invited=user.has_perm("events.respond_to_meeting", meeting),
        runs=user.has_perm("events.run_meeting", meeting),
        keeps=user.has_perm("events.keep_record", meeting),
        may_join=user.has_perm("events.join_meeting", meeting),
        may_see_answers=user.has_perm("events.see_answers", meeting),
    )
    if page.may_see_answers:
        page.agenda = agenda_for(user, meeting, unpublished=page.runs)
        page.chairs = _chairs(meeting.committee_id)
        page.beside = meeting.sharing()
        add_answers(request, page)
    page.manages_host = page.runs and user.has_perm("events.schedule_meeting", meeting.committee)
    if page.runs and page.agenda and meeting.is_told and not (meeting.is_cancelled or meeting.is_over):
        page.news = counted(publishing.news(meeting, [row.item for row in page.agenda]))
    if page.state == "over":
        page.minutes = _minutes_for(user, meeting)
    if page.invited and meeting.my_reply_waits:
        page.reply = CalendarReply.objects.waiting().filter(meeting=meeting, user=user).select_related("user").last()
    if page.may_see_answers and page.state in ("live", "over"):
        mark = Attendance.objects.filter(meeting=meeting, user=user).first()
        page.here = OwnWord(meeting, mark, Attendance.may_check_in(meeting, user))
    if page.runs and meeting.is_told and page.state in ("ahead", "starting"):
        deciding = [each for each in (meeting.committee, *page.beside) if _decides(each)]
        page.forecasts = Quorum.forecast(meeting, deciding)
    if meeting.edition and page.state not in ("canceled", "over"):
        page.moved = meeting.moves.select_related("moved_by").first()
    return page


def _decides(committee: Committee) -> bool:
    """Whether it needs a quorum."""
    return committee.quorum_rule != Committee.QuorumRule.NONE


def _minutes_for(user: Any, meeting: Meeting) -> str:
    if Minutes.objects.visible_to(user).filter(meeting=meeting).exists():
        return "read"
    return "write" if user.has_perm("events.keep_record", meeting) else ""


@prepared
def _chairs(committee: int) -> QuerySet[User]:
    return Committee(pk=committee).chairs()


def agenda_for(user: Any, meeting: Meeting, *, unpublished: bool) -> list[RunningItem]:
    """Running times, presenters and the papers this person may open."""
    if meeting.stage != Stage.PUBLISHED and not unpublished:
        return []
    papers: dict[int, list[Document]] = {}
    for paper in _papers(user, meeting.pk):
        papers.setdefault(paper.on_item, []).append(paper)
    items = _items(meeting.pk)
    for item in items:
        fetched = Document.objects.all()
        fetched._result_cache, fetched._prefetch_done = papers.get(item.pk, []), True  # type: ignore[attr-defined]
        item._prefetched_objects_cache = {"papers": fetched}
    return running(items, meeting.starts_at)


@prepared
def _items(meeting: int) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.of_call(meeting, unpublished=True)


@prepared
def _papers(user: User, meeting: int) -> QuerySet[Document]:
    """With `on_item`: the item they belong to."""
    papers = on_agenda(Document.objects.visible_to(user), meeting)
    return papers.annotate(on_item=F("agenda_items")).select_related("latest").defer("latest__text").order_by("pk")


def add_answers(request: HttpRequest, page: CallPage) -> None:
    """Counts for everybody on the committee; faces of those who let themselves be seen."""
    call = page.meeting
    ((*counts, faces),) = _answers(call.pk, call.committee_id, call.edition, request.user, page.runs)
    page.tally, page.attendees = Tally.of(*counts), [User(**face) for face in faces]


@prepared
def _answers(meeting: int, committee: int, edition: int, user: User, everybody: bool) -> QuerySet[Any]:
    """The row of `by_answer`, and some faces of those going."""
    call = Meeting(pk=meeting, committee_id=committee, edition=edition)
    going = Rsvp.objects.counting(call).going()
    return Rsvp.objects.by_answer(call, going.faces(user, everybody, FACES))


@require_safe
def meeting_detail(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = find_meeting(request, slug)
    if request.htmx and request.GET.get("part") == "join":
        return _join_bar(request, meeting)
    page = call_page(request, meeting)
    context = {
        **page_at("calls", back=meeting.committee),
        "page": page,
        "meeting": meeting,
        "committee": meeting.committee,
        "bar": bar_for(request.user, meeting.about) if page.runs else None,
        "next_call": _next_call(request, meeting) if meeting.is_cancelled else None,
        "may_ask": request.user.has_perm("committees.ask_to_join_committee", meeting.committee),
        "may_join_committee": request.user.has_perm("committees.join_committee", meeting.committee),
    }
    return render(request, "events/meeting_detail.html", context)


def _join_bar(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The part of the page that wakes up, for those whose page has it."""
    if meeting.keeps_waiting(request.user):
        return HttpResponse()  # the bar goes, its page says why
    if not request.user.has_perm("events.join_meeting", meeting):
        raise PermissionDenied
    page = CallPage(meeting, False, False, True, False)
    return render(request, "events/_join_bar.html", {"page": page, "meeting": meeting})


def _next_call(request: HttpRequest, meeting: Meeting) -> Meeting | None:
    calls = Meeting.objects.visible_to(request.user).told().filter(committee=meeting.committee_id)
    return calls.not_cancelled().upcoming().not_started().first()


@require_safe
def meeting_print(request: HttpRequest, slug: str) -> HttpResponse:
    """The agenda on a sheet of paper, in the reader's zone plus Eastern and Pacific."""
    meeting = find_meeting(request, slug, "events.see_answers")
    agenda = agenda_for(request.user, meeting, unpublished=request.user.has_perm("events.run_meeting", meeting))
    context = {
        "meeting": meeting,
        "committee": meeting.committee,
        "agenda": agenda,
        "agenda_end": call_end(agenda, meeting),
        "beside": meeting.sharing(),
        "chairs": list(meeting.committee.chairs()),
        "zones": [zone for zone in formats.other_zones(meeting.starts_at) if zone.letters[:1] in PRINTED],
        "dial_in": "" if meeting.keeps_waiting(request.user) else meeting.dial_in,
        "now": timezone.now(),
    }
    return render(request, "events/meeting_print.html", context)


@require_safe
def meeting_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """The call as a calendar file, for those it concerns."""
    meeting = find_meeting(request, slug, "events.see_answers")
    if not meeting.is_told:
        raise Http404
    return calendar_file(meeting, request.user)
