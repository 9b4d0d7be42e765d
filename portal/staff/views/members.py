"""Everybody the organization knows, and one person's page for staff."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Expression, OuterRef, QuerySet, Value, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import Committee, Membership
from members.accounts import sessions
from members.applications import standing
from members.mail_desk.views.deliveries import label
from members.models import Application, AuditEntry, Office, StaffAppointment, Suppression, User
from members.queries.paging import MOST_COUNTED, PAGE, counted, first_page, how_many, page_of
from members.queries.prepared import prepared
from members.sign_in.access import recently_confirmed, staff_page
from members.web import kept, meanwhile
from members.web.acts import act_of, page_or_post
from members.web.fragments import page_or_fragment
from members.web.meanwhile import ChangedMeanwhile
from members.web.pages import page_at
from portal.packed import pack, unpack
from portal.staff import person_page
from portal.staff.activity import sentences
from portal.staff.filters import PeopleFilter
from portal.staff.forms import StandingForm
from portal.statemap import choices

RECENT = 10


@require_safe
@staff_page()
def staff_members(request: HttpRequest) -> HttpResponse:
    desk = _desk(request.user, request.user.has_perm("members.decide_application"))[0]
    committees = {columns["id"]: unpack(Committee, columns) for columns in desk["committees"]}
    everybody = User.objects.visible_to(request.user)
    people = PeopleFilter(
        request.GET, everybody, request=request, states=choices(), committees=list(committees.values())
    )
    if words := people.words_alone:
        page = first_page(_named(request.user, *words), request.GET)
    elif any(request.GET.values()):
        found = _for_table(people.qs, how_many(people.qs, MOST_COUNTED + 1))
        page = page_of(found, ["name", "pk"], request.GET)
    else:
        page = first_page(_everybody(request.user), request.GET)
    context = {
        "filter": people,
        "page": page,
        "committees": committees,
        "count": counted(page.rows[0].among if page.rows else 0),
        "applications_count": desk["waiting"],
        "is_narrowed": any(request.GET.values()),
        **page_at("members"),
    }
    return page_or_fragment(request, "portal/staff/members.html", context)


@prepared
def _desk(user: User, decides: bool) -> QuerySet[User, dict[str, Any]]:
    """What stands around the table, in one row: all committees by name, and how many applications wait for this person."""
    committees = Committee.objects.visible_to(user).order_by("name")
    return User.objects.filter(pk=user.pk).values(
        committees=pack(committees, "id", "slug", "name", "quilt_block", "quilt_hue"),
        waiting=how_many(Application.objects.waiting()) if decides else Value(0),
    )


@prepared
def _everybody(user: User) -> QuerySet[User]:
    """The first page of the table as most open it: members, by name."""
    people = User.objects.visible_to(user).members()
    return _for_table(people, how_many(people, MOST_COUNTED + 1)).order_by("name", "pk")[: PAGE + 1]


@prepared
def _named(user: User, *words: str) -> QuerySet[User]:
    """The first page of members found by these words, looked for once: those found are few enough to count."""
    found = User.objects.visible_to(user).members().found_by_words(*words)
    return _for_table(found, Window(Count("pk"))).order_by("name", "pk")[: PAGE + 1]


def _for_table(people: QuerySet[User], among: Expression) -> QuerySet[User]:
    """With what a line of the table says: the office held, the committees they are on, and `among` how many they are."""
    offices = Office.objects.current().with_place().filter(user=OuterRef("pk")).order_by("-started_on", "pk")
    memberships = Membership.objects.current().filter(user=OuterRef("pk"))
    return people.only("name", "given_name", "is_active", "left_at", "admitted_at").annotate(
        held=pack(offices[:1], "title", "place", "ended_on"),
        committee_keys=ArraySubquery(memberships.order_by().values("committee")),
        among=among,
    )


@require_safe
@staff_page()
def staff_member(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _person(request, pk))


@act_of("staff_member", "pk")
@staff_page("members.see_contact_details")
def staff_member_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the person keeps private, this once; that it was looked at is written down first."""
    person = _person(request, pk)
    AuditEntry.record(request.user, "revealed contact data", person)
    return _shown(request, person, revealed=True)


@page_or_post
@staff_page("members.decide_application")
@recently_confirmed
def staff_member_standing(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, with a reason: end a membership, close an account, or bring somebody back (`to`)."""
    person, to = _person(request, pk), request.POST.get("to") or request.GET.get("to", "")
    if to not in standing.VERBS:
        raise Http404
    if not request.user.has_perm("members.decide_standing", person):
        raise PermissionDenied(_("Nobody changes their own standing. That of staff is an administrator’s to change."))
    form = StandingForm(request.POST if request.method == "POST" else None, row=person, reader=request.user)
    typed = kept.NAME in request.GET or form.data.get("seen")
    if not (typed or standing.is_open(person, to)):
        messages.warning(request, _("%(name)s’s standing changed in the meantime.") % {"name": person.name})
        return redirect("staff_member", pk)
    context = {"person": person, "to": to, "form": form, **page_at("members")}
    template, at = "portal/staff/member_standing.html", f"{request.path}?{urlencode({'to': to})}"
    if request.method == "POST" and form.is_valid():
        reason, seen = form.cleaned_data["reason"], form.cleaned_data["seen"]
        try:
            standing.change(person, to, request.user, reason, seen=seen)
        except ChangedMeanwhile as other:
            return meanwhile.refused(request, template, context, form, other.current, at=at)
        messages.success(request, _standing_words(person, to))
        return redirect("staff_member", pk)
    return meanwhile.page(request, template, context, form, person, at=at)


@act_of("staff_member", "pk")
@staff_page("members.decide_application")
def staff_member_sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """For a lost phone, or a sign-in that nobody knows: everything in which this person is signed in ends."""
    person = _person(request, pk)
    if not request.user.has_perm("members.decide_standing", person):
        raise PermissionDenied(_("You sign yourself out in Settings. An administrator signs staff out."))
    sessions.sign_out_everywhere(person, request.user)
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": person.name})
    return redirect("staff_member", pk)


def _standing_words(person: User, to: str) -> str:
    words = {
        "leave": _("%(name)s is no longer a member."),
        "deactivate": _("%(name)s’s account is closed."),
        "reinstate": _("%(name)s is back."),
    }
    return words[to] % {"name": person.name}


def _person(request: HttpRequest, pk: int) -> User:
    people = User.objects.visible_to(request.user).with_standing().select_related("profile")
    return get_object_or_404(people, pk=pk)


def _shown(request: HttpRequest, person: User, *, revealed: bool = False) -> HttpResponse:
    about = AuditEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=person.pk)
    may_reveal = request.user.has_perm("members.see_contact_details")
    applications = person.applications.select_related("jurisdiction", "decided_by").order_by("-submitted_at")
    context = {
        **page_at("members"),
        "person": person,
        "roles": [StaffAppointment.Role(role).label for role in person.roles],
        "acts": person_page.acts(person, request.user),
        "facts": list(person_page.facts(person, revealed=revealed)),
        "contact": "shown" if revealed else "offered" if may_reveal else "",
        "may_open": may_reveal,
        "offices": person.offices.select_related("jurisdiction"),
        "memberships": person.memberships.select_related("committee").order_by("ended_on", "committee__name"),
        "applications": [(each, person_page.state_of(each)) for each in applications],
        "suppression": Suppression.objects.of(person),
        "deliveries": [(each, label(each)) for each in person.deliveries.order_by("-created_at")[:RECENT]],
        "activity": sentences(about.select_related("actor", "content_type")[:RECENT], request.user),
    }
    return render(request, "portal/staff/member.html", context)
