"""Committees with what is on in them: the list, and the page one can act on."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Exists, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import Committee, Document, Membership
from committees.views.finding import find_committee
from events.models import AgendaItem, Meeting, Rsvp
from members.models import Office, User
from portal.statemap import NAMES
from portal.summaries import summarize

AGENDA_ROWS = 3
FRAME = (AgendaItem.Kind.OPENING, AgendaItem.Kind.WRAP_UP)  # around what a call is about
DOCUMENTS = 3
FACES = 4
PEOPLE = 3


@login_not_required
@require_safe
def committee_list(request: HttpRequest) -> HttpResponse:
    """Yours first, with their next call; then those to join."""
    calls = Meeting.objects.upcoming().standing().filter(committee=OuterRef("pk"))
    committees = list(Committee.objects.for_listing(request.user).annotate(next_starts_at=Subquery(calls.values("starts_at")[:1])))
    for committee in committees:
        committee.mine = bool(getattr(committee, "my_role", None))
    context = {
        "mine": [committee for committee in committees if committee.mine],
        "others": [committee for committee in committees if not committee.mine],
        "nav": "committees",
        "layout": layout_for(request.user),
        "is_member": request.user.is_authenticated and request.user.is_member,
    }
    return render(request, "portal/committee_list.html", context | _from_my_state(request.user))


def _from_my_state(user: User) -> dict[str, object]:
    """How many on each committee serve in the reader's own state."""
    state = Office.objects.current().filter(user=user.pk).values_list("jurisdiction__state", flat=True).first() if user.is_authenticated else None
    if not state:
        return {}
    colleagues = Office.objects.current().filter(jurisdiction__state=state).order_by().values("user")
    seats = Membership.objects.current().filter(user__in=colleagues).exclude(user=user).order_by()
    counts = dict(seats.values("committee").annotate(n=Count("pk")).values_list("committee", "n"))
    return {"my_state": NAMES.get(state, state), "from_my_state": counts}


@login_not_required
@require_safe
def committee_detail(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.see_committee_people", committee):
        return _from_outside(request, committee)
    context = {"committee": committee, "summary": summarize(committee, request.user), **_frame()}
    meeting = Meeting.objects.for_listing(request.user).filter(committee=committee).standing().upcoming().first()
    context |= _people(committee) | _states(committee, request.user)
    context |= {"meeting": meeting, "documents": _documents(committee, request.user, meeting)}
    if meeting:
        meeting.committee = committee  # which knows the reader's role
        context |= _call(meeting) | {"may_answer": request.user.has_perm("events.respond_to_meeting", meeting)}
    return render(request, "portal/committee_detail.html", context)


def _from_outside(request: HttpRequest, committee: Committee) -> HttpResponse:
    """What somebody who is not on it may see: what it is for, who leads it, and the way in."""
    context = {
        "committee": committee,
        "summary": summarize(committee, request.user),
        "chairs": list(committee.memberships.for_listing().chairs()),
        "may_join": request.user.has_perm("committees.join_committee", committee),
        "may_ask": request.user.has_perm("committees.ask_to_join_committee", committee),
        "left_today": request.user.is_authenticated and committee.memberships.left_today(request.user).exists(),
        "layout": layout_for(request.user),
    }
    return render(request, "portal/committee_outside.html", context | _frame())


def _frame() -> dict[str, object]:
    return {"nav": "committees", "back_url": reverse("committee_list"), "back_label": _("Committees")}


def layout_for(user: User) -> str:
    """Members have their own frame; visitors and applicants the public one."""
    inside = user.is_authenticated and (user.is_member or user.may_act_as_staff)
    return "layouts/member.html" if inside else "layouts/public.html"


def _people(committee: Committee) -> dict[str, object]:
    """Co-chairs, staff organizers and the first few others, from one query."""
    seats = list(committee.memberships.for_listing()[:12])
    return {
        "chairs": [seat for seat in seats if seat.role in Membership.CHAIRING],
        "organizers": [seat for seat in seats if seat.role == Membership.Role.LIAISON],
        "people": [seat for seat in seats if seat.role not in (*Membership.CHAIRING, Membership.Role.LIAISON)][:PEOPLE],
    }


def _states(committee: Committee, user: User) -> dict[str, object]:
    rows = list(committee.memberships.by_state(user))
    mine = next((row["state"] for row in rows if row["mine"]), "")
    return {"states": {row["state"]: row["people"] for row in rows}, "my_state": mine}


def _documents(committee: Committee, user: User, meeting: Meeting | None) -> list[Document]:
    """The newest papers, those of the next call marked and first."""
    papers = Document.objects.for_listing(user).filter(committee=committee)
    of_the_call = papers.model.agenda_items.through.objects.filter(document=OuterRef("pk"), agendaitem__meeting=meeting.pk if meeting else None)
    return list(papers.annotate(for_next_call=Exists(of_the_call)).order_by("-for_next_call", "-latest_id")[:DOCUMENTS])


def _call(meeting: Meeting) -> dict[str, object]:
    """The call's first items with their clock times, and the first faces of those going."""
    going = User.objects.members().filter(rsvps__meeting=meeting, rsvps__edition=meeting.edition, rsvps__response=Rsvp.Response.ACCEPTED)
    items = meeting.agenda_items.running(meeting)
    return {
        "agenda": [row for row in items if row.item.kind not in FRAME][:AGENDA_ROWS],
        "item_count": len(items),
        "faces": going.only("name").order_by("name", "pk")[:FACES],
        "answer_url": reverse("meeting_rsvp", args=[meeting.slug]),
    }
