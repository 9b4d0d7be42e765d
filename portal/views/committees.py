"""Committees with what is on in them: the list, and the page one can act on."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.headcounts import headcounts
from committees.models import Announcement, Committee, Document, Membership, Publication
from committees.views.finding import find_committee
from events.models import AgendaItem, Meeting, Rsvp
from events.models.agendas import FRAME, running
from members.models import Office, User
from members.queries.prepared import prepared
from members.web.pages import page_at, public_page
from portal.statemap import NAMES
from portal.summaries import summarize

AGENDA_ROWS = 3
DOCUMENTS = 3
ANNOUNCEMENTS = 3
STORIES = 3
FACES = 4
PEOPLE = 3


@public_page
@require_safe
def committee_list(request: HttpRequest) -> HttpResponse:
    """Yours first, with their next call; then those to join."""
    committees = _with_next_call(request.user)
    counts = headcounts(committee.pk for committee in committees)
    state = next(iter(_state_of(request.user)), "") if request.user.is_authenticated else ""
    for committee in committees:
        committee.headcount = counts[committee.pk]
        committee.from_my_state = committee.headcount.by_state.get(state, 0)
        if request.user.is_authenticated:
            committee.know_role(request.user, committee.my_role)
        committee.how = committee.way_in(request.user)
    context = {
        "mine": [committee for committee in committees if committee.how == "on_it"],
        "others": [committee for committee in committees if committee.how != "on_it"],
        "my_state": NAMES.get(state, state),
        **page_at("committees"),
        "layout": layout_for(request.user),
        "is_member": request.user.is_authenticated and request.user.is_member,
    }
    return render(request, "portal/committee_list.html", context)


@prepared
def _with_next_call(user: User) -> QuerySet[Committee]:
    ahead = Meeting.objects.told().upcoming().not_cancelled()
    return Committee.objects.for_listing(user).annotate(next_starts_at=ahead.first_start())


@prepared
def _state_of(user: User) -> QuerySet[Any, str]:
    return (
        Office.objects.current()
        .filter(user=user.pk)
        .order_by("-started_on", "pk")
        .values_list("jurisdiction__state", flat=True)[:1]
    )


@public_page
@require_safe
def committee_detail(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.see_committee_people", committee):
        return _from_outside(request, committee)
    context = {"committee": committee, "summary": summarize(committee, request.user), **_frame()}
    meeting = next(iter(_next_call(request.user, committee.pk)), None)
    context |= _people(committee)
    context |= {
        "meeting": meeting,
        "documents": _documents(request.user, committee.pk, meeting.pk if meeting else None),
        "announcements": _announcements(committee.pk),
        "stories": _stories(committee.issue_id) if committee.issue_id else [],
        "may_write": request.user.has_perm("committees.write_to_committee", committee),
    }
    if meeting:
        if meeting.committee_id == committee.pk:
            meeting.committee = committee
        context |= _call(meeting, request.user) | {
            "may_answer": request.user.has_perm("events.respond_to_meeting", meeting)
        }
    return render(request, "portal/committee_detail.html", context)


@prepared
def _next_call(user: User, committee: int) -> QuerySet[Meeting]:
    calls = Meeting.objects.visible_to(user).select_related("committee").with_answer_of(user).with_role_of(user)
    return calls.told().of_committee(committee).not_cancelled().upcoming()[:1]


def _from_outside(request: HttpRequest, committee: Committee) -> HttpResponse:
    """What somebody who is not on it may see: what it is for, who leads it, and the way in."""
    context = {
        "committee": committee,
        "summary": summarize(committee, request.user),
        "chairs": list(committee.memberships.for_listing().chairs()),
        "way_in": _way_in(request.user, committee),
        "may_write": request.user.has_perm("committees.write_to_committee", committee),
        "left_today": request.user.is_authenticated and committee.memberships.left_today(request.user).exists(),
        "layout": layout_for(request.user),
    }
    return render(request, "portal/committee_outside.html", context | _frame())


def _way_in(user: User, committee: Committee) -> str:
    """What somebody from outside can do: they "asked", may "join" or "ask", it goes by being "invited"; or first "sign_in" or "apply"."""
    if committee.way_in(user) == "asked":
        return "asked"
    if user.has_perm("committees.join_committee", committee):
        return "join"
    if user.has_perm("committees.ask_to_join_committee", committee):
        return "ask"
    if committee.join_policy == Committee.JoinPolicy.INVITED:
        return "invited"
    return "apply" if user.is_authenticated else "sign_in"


def _frame() -> dict[str, object]:
    return page_at("committees", back=reverse("committee_list"), label=_("Committees"))


def layout_for(user: User) -> str:
    """Members have their own frame; visitors and applicants the public one."""
    inside = user.is_authenticated and (user.is_member or user.may_act_as_staff)
    return "layouts/member.html" if inside else "layouts/public.html"


def _people(committee: Committee) -> dict[str, object]:
    """Who leads it and who helps, and those who joined last."""
    officers = _officers(committee.pk)
    return {
        "chairs": [membership for membership in officers if membership.role in Membership.CHAIRING],
        "organizers": [membership for membership in officers if membership.role == Membership.Role.LIAISON],
        "people": _newest(committee.pk),
    }


@prepared
def _officers(committee: int) -> QuerySet[Membership]:
    return Membership.objects.officers().filter(committee=committee).for_listing()


@prepared
def _newest(committee: int) -> QuerySet[Membership]:
    return Membership.objects.without_officers().filter(committee=committee).for_listing().order_by("-pk")[:PEOPLE]


@prepared
def _documents(user: User, committee: int, meeting: int | None) -> QuerySet[Document]:
    """The newest papers, those of the next call marked and first."""
    papers = Document.objects.for_listing(user).filter(committee=committee)
    of_the_call = AgendaItem.objects.filter(papers=OuterRef("pk"), meeting=meeting).published()
    return papers.annotate(for_next_call=Exists(of_the_call)).order_by("-for_next_call", "-latest_id")[:DOCUMENTS]


@prepared
def _announcements(committee: int) -> QuerySet[Announcement]:
    return Announcement.objects.filter(committee=committee).sent().for_listing()[:ANNOUNCEMENTS]


@prepared
def _stories(issue: int) -> QuerySet[Publication]:
    """What the organization published about the committee's issue lately."""
    return Publication.objects.published().about(issue).for_listing().order_by("-dated_on", "-pk")[:STORIES]


def _call(meeting: Meeting, user: User) -> dict[str, object]:
    """The call's first items with their clock times, how many are going, and some of those who let themselves be seen."""
    items = running(_items(meeting.pk), meeting.starts_at)
    runs = user.has_perm("events.run_meeting", meeting)
    ((going, faces),) = _going(meeting.pk, meeting.committee_id, meeting.edition, user, runs)
    return {
        "agenda": [row for row in items if row.item.kind not in FRAME][:AGENDA_ROWS],
        "item_count": len(items),
        "going": going,
        "faces": [User(**face) for face in faces],
        "answer_url": reverse("meeting_rsvp", args=[meeting.slug]),
    }


@prepared
def _items(meeting: int) -> QuerySet[AgendaItem]:
    return AgendaItem.objects.of_call(meeting)


@prepared
def _going(meeting: int, committee: int, edition: int, user: User, everybody: bool) -> QuerySet[Any]:
    going = Rsvp.objects.counting(Meeting(pk=meeting, committee_id=committee, edition=edition)).going()
    row = Committee.objects.filter(pk=committee).order_by()
    return row.values_list(going.number(), going.faces(user, everybody, FACES))
