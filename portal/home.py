"""What a member's home page shows: the next call, what waits on them, and what is new. A fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, JSONObject, Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.headcounts import headcounts
from committees.models import Committee, Document, JoinRequest, Membership
from events.models import ActionItem, AgendaItem, Meeting, Poll, Rsvp, RunningItem
from events.models.agendas import running
from members.models import Application, StaffAppointment, Suppression, User
from members.queries.prepared import prepared
from members.times import clock, formats
from members.web.page_urls import url_of

SOON = timedelta(days=14)  # calls this near wait for an answer
NEW = timedelta(days=14)  # documents this young are new
DUE, DUE_SHOWN = timedelta(days=7), 5  # actions this near wait for their owner
CHECK_DETAILS = timedelta(days=365)
LISTED = 12  # calls looked at
SHOWN = 3  # calls under “Also coming up”
FACES = 3


@dataclass(frozen=True)
class Waiting:
    """One thing that needs the person, with the page where it is done.

    `thing` is what deliveries about it have as `about`. One that `can_wait` is not worth a mail by itself.
    """

    title: str
    about: str
    url: str
    act: str
    due_at: datetime | None = None
    thing: str = ""
    can_wait: bool = False


@dataclass
class NextCall:
    meeting: Meeting
    agenda: list[RunningItem]
    to_read: int
    going: int
    faces: list[User]

    @property
    def others(self) -> int:
        """How many go beside the reader."""
        return self.going - (self.meeting.my_response == Rsvp.Response.ACCEPTED)


@dataclass
class Home:
    next_call: NextCall | None = None
    coming: list[Meeting] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    committees: list[Any] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    suggested: Any = None
    changes_clock: str = ""
    email_stopped: bool = False  # something stops mail to the person's address

    @property
    def usual(self) -> Any:
        """The first committee, when it says when it usually meets."""
        first = next(iter(self.committees), None)
        return first if first and first.usually else None

    @property
    def coming_committees(self) -> set[int]:
        """Every call that comes up is one of the reader's own, so each can be answered in its row."""
        return {call.committee_id for call in self.coming}


def home_for(user: User) -> Home:
    calls, committees, suggested = _calls(user), _my_committees(user), suggestion(user)
    decides = user.may_act_as(StaffAppointment.Role.MEMBERSHIP)
    nothing: tuple[Any, ...] = (None, 0, False, [], [])
    confirmed_at, applications, email_stopped, actions, polls = next(iter(_facts(user, decides)), nothing)
    _count_people([*committees, suggested] if suggested else committees)
    first = _first(calls)
    coming = [call for call in calls if call is not first]
    for committee in committees:
        ahead = (call for call in calls if committee.pk in call.committees and not call.is_cancelled)
        committee.next_call = next(ahead, None)
    return Home(
        next_call=_next_call(user, first) if first else None,
        coming=coming[:SHOWN],
        waiting=[
            *replies_waiting(calls, committees),
            *calls_waiting(coming),
            *polls_waiting(polls),
            *actions_waiting(actions),
            *requests_waiting(committees),
            *_applications_waiting(applications),
            *details_waiting(confirmed_at),
        ],
        committees=committees,
        documents=_new_documents(user),
        suggested=suggested,
        changes_clock=_clock_change([*calls[:1], *coming[:SHOWN]]),
        email_stopped=email_stopped,
    )


@prepared
def _calls(user: User) -> QuerySet[Meeting]:
    return (
        Meeting.objects.of(user)
        .upcoming()
        .select_related("committee")
        .with_answer_of(user)
        .with_replies(user)
        .with_beside()[:LISTED]
    )


def _clock_change(calls: list[Meeting]) -> str:
    """The sentence for the last call beyond a change of clocks, if one is."""
    return next(filter(None, (formats.clock_change(call.starts_at) for call in reversed(calls))), "")


def _first(calls: list[Meeting]) -> Meeting | None:
    """The next call that is on and not declined; a declined one is better than none."""
    taking_place = [call for call in calls if not call.is_cancelled]
    return next(
        (call for call in taking_place if call.my_response != Rsvp.Response.DECLINED),
        taking_place[0] if taking_place else None,
    )


def _next_call(user: User, meeting: Meeting) -> NextCall:
    items = _agenda(meeting.pk)
    ((others, faces),) = _others_going(meeting.pk, meeting.committee_id, meeting.edition, user)
    going = others + (meeting.my_response == Rsvp.Response.ACCEPTED)
    to_read = sum(1 for item in items if item.files)
    return NextCall(meeting, running(items, meeting.starts_at), to_read, going, [User(**face) for face in faces])


@prepared
def _agenda(meeting: int) -> QuerySet[AgendaItem]:
    items = AgendaItem.objects.filter(meeting=meeting).published().order_by("position", "pk")
    return items.annotate(files=Count("papers")).only("meeting", "title", "kind", "minutes")


@prepared
def _others_going(meeting: int, committee: int, edition: int, user: User) -> QuerySet[Any]:
    """How many others are going, and three of those who let it be seen."""
    call = Meeting(pk=meeting, committee_id=committee, edition=edition)
    others = Rsvp.objects.counting(call).going().exclude(user=user)
    row = Committee.objects.filter(pk=committee).order_by()
    return row.values_list(others.number(), others.faces(user, False, FACES))


# Waiting on you ------------------------------------------------------------------------------------


def calls_waiting(calls: list[Meeting]) -> list[Waiting]:
    """Calls beside the one on top: offered seats, moved ones to answer again, then near ones without an answer."""
    open_calls = [
        call for call in calls if not call.is_cancelled and call.my_response in (None, Rsvp.Response.NEEDS_ACTION)
    ]
    offered = [(call, until) for call in calls if not call.is_cancelled and (until := call.my_seat_until)]
    moved = [call for call in open_calls if call.needs_new_answer]
    near = [call for call in open_calls if not call.needs_new_answer and call.starts_at < timezone.now() + SOON]
    return [
        *(
            Waiting(
                call.title,
                _("A seat is free for you until %s.") % formats.listed(until),
                f"{call.get_absolute_url()}#rsvp",
                _("Take it"),
                due_at=until,
                thing=call.about,
            )
            for call, until in offered
        ),
        *(
            Waiting(
                call.title,
                _("Moved to %s. Does it still work?") % formats.listed(call.starts_at),
                f"{call.get_absolute_url()}#rsvp",
                _("Answer again"),
                due_at=call.starts_at,
                thing=call.about,
            )
            for call in moved
        ),
        *(
            Waiting(
                call.title,
                formats.listed(call.starts_at),
                f"{call.get_absolute_url()}#rsvp",
                _("RSVP"),
                due_at=call.starts_at,
                thing=call.about,
            )
            for call in near
        ),
    ]


def polls_waiting(polls: list[dict[str, str]]) -> list[Waiting]:
    """Those that take votes and have none of the reader: title, key and end, as `_facts` brings them."""
    return [
        Waiting(
            poll["title"],
            _("Which times work? Voting ends %s.") % formats.listed(datetime.fromisoformat(poll["closes_at"])),
            url_of("poll_detail", poll["key"]),
            _("Vote"),
            due_at=datetime.fromisoformat(poll["closes_at"]),
        )
        for poll in polls
    ]


def replies_waiting(calls: list[Meeting], committees: list[Any]) -> list[Waiting]:
    """Answers from another address to confirm, and for co-chairs what members wrote back."""
    chaired = {committee.pk for committee in committees if committee.my_role in Membership.CHAIRING}
    taking_place = [call for call in calls if not call.is_cancelled]
    return [
        *(
            Waiting(
                _("Is this answer yours?"),
                _("To %s, from an address we don’t know.") % call.title,
                f"{call.get_absolute_url()}#calendar-reply",
                _("Look"),
            )
            for call in taking_place
            if call.my_reply_waits
        ),
        *(
            Waiting(
                ngettext("%(n)s note by email", "%(n)s notes by email", call.notes_open) % {"n": call.notes_open},
                _("About %s.") % call.title,
                f"{reverse('meeting_answers', args=[call.slug])}#notes",
                _("Read"),
            )
            for call in taking_place
            if call.notes_open and not chaired.isdisjoint(call.committees)
        ),
    ]


def actions_waiting(actions: list[dict[str, Any]]) -> list[Waiting]:
    """What the person promised and is late with, or due within a week."""
    return [
        Waiting(
            each["text"],
            _due(date.fromisoformat(each["due_on"])),
            reverse("action_detail", args=[each["slug"], each["pk"]]),
            _("Done?"),
            thing=f"action:{each['pk']}",
        )
        for each in actions
    ]


def _due(on: date) -> str:
    words = _("Late: it was due %s") if on < timezone.localdate() else _("Due %s")
    return words % formats.day(on)


def requests_waiting(committees: list[Any]) -> list[Waiting]:
    return [
        Waiting(
            ngettext("%(n)s person asks to join %(committee)s", "%(n)s people ask to join %(committee)s", each.asking)
            % {"n": each.asking, "committee": each.name},
            _("Co-chairs decide. People wait for an answer."),
            reverse("committee_requests", args=[each.slug]),
            _("Answer"),
        )
        for each in committees
        if each.my_role in Membership.CHAIRING and each.asking
    ]


def _applications_waiting(number: int) -> list[Waiting]:
    """For those who decide them."""
    if not number:
        return []
    words = ngettext("%(n)s application to decide", "%(n)s applications to decide", number) % {"n": number}
    return [Waiting(words, _("Oldest first."), reverse("staff_applications"), _("Open"))]


def details_waiting(confirmed_at: datetime | None) -> list[Waiting]:
    """Who was admitted lately gave them then, and counts as having looked."""
    if confirmed_at and confirmed_at > timezone.now() - CHECK_DETAILS:
        return []
    return [
        Waiting(
            _("Check your office details are right"),
            _("We ask once a year so chairs and staff can reach you"),
            reverse("settings_office"),
            _("Check"),
            can_wait=True,
        )
    ]


@prepared
def _facts(user: User, decides: bool) -> QuerySet[Any]:
    """When they looked at their details, how many applications wait for them, whether mail to their address is stopped,
    what they promised that is due, and the polls that wait for their vote.
    """
    waiting = Application.objects.to_decide().order_by().values("decision").annotate(n=Count("pk")).values("n")
    applications = Coalesce(Subquery(waiting), 0) if decides else Value(0)
    stopping = Suppression.objects.open().filter(address=Lower(OuterRef("email")))
    polls = Poll.objects.waiting_for(user).order_by("closes_at", "pk")[:SHOWN]
    looked_at = Greatest("profile__confirmed_at", "admitted_at")
    due = ActionItem.objects.open().owned_by(user).filter(due_on__lte=clock.today() + DUE).soonest_first()[:DUE_SHOWN]
    actions = ArraySubquery(due.values(row=JSONObject(pk="pk", text="text", due_on="due_on", slug="committee__slug")))
    asked = ArraySubquery(polls.values(row=JSONObject(title="title", key="key", closes_at="closes_at")))
    return User.objects.filter(pk=user.pk).values_list(looked_at, applications, Exists(stopping), actions, asked)


# Committees and documents --------------------------------------------------------------------------


def _count(rows: Any) -> Coalesce:
    counted = rows.filter(committee=OuterRef("pk")).order_by().values("committee").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _count_people(committees: list[Any]) -> None:
    counts = headcounts(committee.pk for committee in committees)
    for committee in committees:
        committee.people = counts[committee.pk].people


@prepared
def _my_committees(user: User) -> QuerySet[Any]:
    """Standing ones with my role, new documents and open requests."""
    mine = Membership.objects.of(user).filter(committee=OuterRef("pk"))
    fresh = Document.objects.filter(withdrawn_at=None, latest__uploaded_at__gt=clock.now() - NEW)
    committees = Committee.objects.of(user).not_archived().annotate(my_role=Subquery(mine.values("role")[:1]))
    counted = committees.annotate(fresh=_count(fresh), asking=_count(JoinRequest.objects.waiting()))
    return counted.order_by("name")


@prepared
def _new_documents(user: User) -> QuerySet[Document]:
    return Document.objects.for_listing(user).filter(latest__uploaded_at__gt=clock.now() - NEW)[:4]


def suggestion(user: User) -> Any:
    """One steering committee open to this person that they are not on, another one each week; None without one."""
    return next(iter(_open_to(user, user.pk + 3 * clock.now().isocalendar().week)), None)


@prepared
def _open_to(user: User, turn: int) -> QuerySet[Any]:
    joined = Membership.objects.of(user).values("committee")
    asked = JoinRequest.objects.waiting().filter(user=user).values("committee")
    policies = [Committee.JoinPolicy.OPEN, Committee.JoinPolicy.ASK]
    not_archived = Committee.objects.not_archived().filter(
        confidential=False, join_policy__in=policies, kind=Committee.Kind.STEERING
    )
    candidates = not_archived.exclude(pk__in=joined).exclude(pk__in=asked)
    return candidates.order_by((F("pk") * 7 + Value(turn)) % 11, "pk")[:1]
