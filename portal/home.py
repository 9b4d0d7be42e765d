"""What a member's home page shows: the next call, what waits on them, and what is new. A fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.models import Committee, Document, JoinRequest, Membership
from events.models import Meeting, Rsvp, RunningItem
from events.models.agendas import running
from members import timewords
from members.models import Application, Profile, StaffAppointment, User

SOON = timedelta(days=14)  # calls this near wait for an answer
NEW = timedelta(days=14)  # documents this young are new
CHECK_DETAILS = timedelta(days=365)
LISTED = 12


@dataclass(frozen=True)
class Waiting:
    """One thing that needs the person, with the page where it is done."""

    title: str
    about: str
    url: str
    act: str


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


def home_for(user: User) -> Home:
    calls = list(Meeting.objects.of(user).upcoming().select_related("committee").with_answer_of(user)[:LISTED])
    first = _first(calls)
    committees = my_committees(user)
    coming = [call for call in calls if call is not first]
    for committee in committees:
        committee.next_call = next(
            (call for call in calls if call.committee_id == committee.pk and not call.is_cancelled), None
        )
    return Home(
        next_call=_next_call(user, first) if first else None,
        coming=coming[:3],
        waiting=[*_calls_waiting(coming), *_requests_waiting(committees), *_staff_and_profile(user)],
        committees=committees,
        documents=_new_documents(user),
        suggested=suggestion(user),
        changes_clock=next(
            filter(None, (timewords.clock_change(call.starts_at) for call in reversed([*calls[:1], *coming[:3]]))), ""
        ),
    )


def _first(calls: list[Meeting]) -> Meeting | None:
    """The next call that is on and not declined; a declined one is better than none."""
    standing = [call for call in calls if not call.is_cancelled]
    return next(
        (call for call in standing if call.my_response != Rsvp.Response.DECLINED), standing[0] if standing else None
    )


def _next_call(user: User, meeting: Meeting) -> NextCall:
    items = list(
        meeting.agenda_items.order_by("position", "pk")
        .annotate(files=Count("papers"))
        .only("meeting", "title", "kind", "minutes")
    )
    faces, going = _faces(user, meeting)
    return NextCall(meeting, running(items, meeting.starts_at), sum(1 for item in items if item.files), going, faces)


def _faces(user: User, meeting: Meeting) -> tuple[list[User], int]:
    """Up to three people who are going and let it be seen, and how many are going in all; one query."""
    shown = Case(When(user__profile__rsvp_audience=Profile.Audience.STAFF, then=0), default=1)
    going = Rsvp.objects.counting(meeting).filter(response=Rsvp.Response.ACCEPTED).exclude(user=user)
    rows = list(going.annotate(shown=shown, total=Window(Count("pk"))).order_by("-shown", "user__name", "user")[:3])
    mine = meeting.my_response == Rsvp.Response.ACCEPTED
    return [row.user for row in rows if row.shown], (rows[0].total if rows else 0) + mine


# Waiting on you ------------------------------------------------------------------------------------


def _calls_waiting(calls: list[Meeting]) -> list[Waiting]:
    """Calls beside the one on top: moved ones to answer again, then near ones without an answer."""
    open_calls = [
        call for call in calls if not call.is_cancelled and call.my_response in (None, Rsvp.Response.NEEDS_ACTION)
    ]
    moved = [call for call in open_calls if call.asks_again]
    near = [call for call in open_calls if not call.asks_again and call.starts_at < timezone.now() + SOON]
    return [
        *(
            Waiting(
                call.title,
                _("Moved to %s. Does it still work?") % timewords.listed(call.starts_at),
                f"{call.get_absolute_url()}#rsvp",
                _("Answer again"),
            )
            for call in moved
        ),
        *(
            Waiting(call.title, timewords.listed(call.starts_at), f"{call.get_absolute_url()}#rsvp", _("RSVP"))
            for call in near
        ),
    ]


def _requests_waiting(committees: list[Any]) -> list[Waiting]:
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


def _staff_and_profile(user: User) -> list[Waiting]:
    """Applications for those who decide them, and one's own details once a year; one query."""
    decides = user.may_act_as(StaffAppointment.Role.MEMBERSHIP)
    waiting = Application.objects.waiting().order_by().values("decision").annotate(n=Count("pk")).values("n")
    facts = (
        User.objects.filter(pk=user.pk)
        .values_list("profile__confirmed_at", Coalesce(Subquery(waiting), 0) if decides else Value(0))
        .first()
    )
    confirmed_at, applications = facts or (None, 0)
    rows = []
    if applications:
        words = ngettext("%(n)s application to decide", "%(n)s applications to decide", applications) % {
            "n": applications
        }
        rows.append(Waiting(words, _("Oldest first."), _address("staff_applications"), _("Open")))
    if not confirmed_at or confirmed_at < timezone.now() - CHECK_DETAILS:
        rows.append(
            Waiting(
                _("Check your office details are right"),
                _("We ask once a year so chairs and staff can reach you"),
                _address("settings_details"),
                _("Check"),
            )
        )
    return [row for row in rows if row.url]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


# Committees and documents --------------------------------------------------------------------------


def _count(rows: Any) -> Coalesce:
    counted = rows.filter(committee=OuterRef("pk")).order_by().values("committee").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _people() -> Any:
    return Membership.objects.current().filter(user__is_active=True, user__left_at=None)


def my_committees(user: User) -> list[Any]:
    """Standing ones with my role, how many are on them, new documents and open requests; one query."""
    mine = Membership.objects.current().filter(committee=OuterRef("pk"), user=user)
    fresh = Document.objects.filter(withdrawn_at=None, latest__uploaded_at__gt=timezone.now() - NEW)
    return list(
        Committee.objects.of(user)
        .standing()
        .annotate(
            my_role=Subquery(mine.values("role")[:1]),
            people=_count(_people()),
            fresh=_count(fresh),
            asking=_count(JoinRequest.objects.waiting()),
        )
        .order_by("name")
    )


def _new_documents(user: User) -> list[Document]:
    return list(Document.objects.for_listing(user).filter(latest__uploaded_at__gt=timezone.now() - NEW)[:4])


def suggestion(user: User) -> Any:
    """One committee open to this person that they are not on, another one each week; one query."""
    asked = JoinRequest.objects.waiting().filter(user=user).values("committee")
    week = timezone.now().isocalendar().week + user.pk
    candidates = Committee.objects.standing().filter(
        confidential=False, join_policy__in=[Committee.JoinPolicy.OPEN, Committee.JoinPolicy.ASK]
    )
    candidates = candidates.exclude(pk__in=Membership.objects.current().filter(user=user).values("committee")).exclude(
        pk__in=asked
    )
    candidates = candidates.exclude(~Q(kind=Committee.Kind.STEERING)).annotate(turn=(F("pk") * 7 + week * 3) % 11)
    return candidates.annotate(people=_count(_people())).order_by("turn", "pk").first()
