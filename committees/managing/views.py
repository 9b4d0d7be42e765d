"""The people of a committee as its co-chairs keep them: who is on it, in which role, from when, until when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.joining import requests as joining
from committees.managing.forms import GIVEN, AddForm, FindForm, RoleForm
from committees.models import Committee, Membership, RoleChanged
from committees.views.finding import find_committee
from committees.views.people import ORDER
from committees.views.refusing import refuse
from members.models import User
from members.queries.paging import page_of
from members.text.numbers import key_of
from members.times import formats
from members.times.clock import today
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.pages import page_at

FEW = 8  # found at once


@require_safe
def manage_people(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody with role and term, and members to add."""
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.manage_committee", committee):
        return refuse(request, committee)
    roster = _with_plans(committee.memberships.for_listing())
    find = FindForm(request.GET)
    words = find.cleaned_data["q"] if find.is_valid() else ""
    page = page_of(roster, ORDER, request.GET, anchors=committee.memberships.for_listing())
    for membership in page.rows:
        membership.planned_label = Membership.Role(membership.planned_role).label if membership.planned_role else ""
    context = _page(committee) | {
        "page": page,
        "find": find,
        "words": words,
        "found": _found(committee, words) if words else [],
        "roles": GIVEN,
    }
    return render(request, "committees/manage_people.html", context)


def _with_plans(roster: Any) -> Any:
    """Each with `planned_role` and `planned_from`, when another role is to begin."""
    planned = Membership.objects.planned().filter(committee=OuterRef("committee"), user=OuterRef("user"))
    return roster.annotate(
        planned_role=Subquery(planned.values("role")[:1]), planned_from=Subquery(planned.values("started_on")[:1])
    )


def _found(committee: Committee, words: str) -> list[User]:
    not_on_it = User.objects.members().matching(words).exclude(memberships__in=committee.memberships.current())
    return list(not_on_it.for_listing()[:FEW])


@act_of("manage_people", "slug")
def manage_people_add(request: HttpRequest, slug: str) -> HttpResponse:
    committee = _managed(request, slug)
    person = get_object_or_404(User.objects.members(), pk=key_of(request.POST.get("person")))
    form = AddForm(request.POST)
    if form.is_valid():
        _add(request, committee, person, form.cleaned_data["role"])
    else:
        messages.warning(request, str(form.errors["role"][0]))
    return redirect("manage_people", slug)


def _add(request: HttpRequest, committee: Committee, person: User, role: str) -> None:
    """Who came onto it in the meantime keeps the role they have."""
    names = {"name": person.name, "committee": committee.name}
    if Membership.objects.of(person).filter(committee=committee).exists():
        messages.info(request, _("%(name)s is on %(committee)s already.") % names)
        return
    try:
        joining.add_member(committee, person, by=request.user, role=role)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return
    messages.success(request, _("%(name)s is on %(committee)s now. They get an email.") % names)


@page_or_post
def manage_person(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One person's role, its first day and the end of its term; off the committee with `end`.

    `pk` is the membership that a page showed, which another may have replaced since.
    """
    committee = _managed(request, slug)
    shown = get_object_or_404(committee.memberships.select_related("user", "committee"), pk=pk)
    held = Membership.objects.of(shown.user).filter(committee=committee).select_related("user", "committee").first()
    if held is None:
        messages.info(request, _("%(name)s isn’t on %(committee)s any more.") % _names(shown))
        return redirect("manage_people", slug)
    if held.role == Membership.Role.LIAISON:
        raise PermissionDenied  # staff name and relieve their organizers
    if "end" in request.POST:
        ended = held.end(by=request.user)
        if _stepped_down(request, held):  # only those who manage it put somebody back
            messages.success(request, _("You’re off %(committee)s.") % _names(held))
            return redirect("committee_list")
        undo = f"undo:{reverse('manage_person_back', args=[slug, ended.pk])}"
        messages.success(request, _("%(name)s is off %(committee)s.") % _names(held), extra_tags=undo)
        return redirect("manage_people", slug)
    form = RoleForm.of(held, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _appointed(request, held, form):
        return redirect("committee_detail" if _stepped_down(request, held) else "manage_people", slug)
    planned = Membership.objects.planned().filter(committee=committee, user=held.user_id).first()
    context = _page(committee) | {"form": form, "membership": held, "planned": planned}
    return kept.page(request, "committees/manage_person.html", context, form)


@act_of("manage_people", "slug")
def manage_person_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo taking somebody off, on the same day and by who did it; who has come back by then stays as they are."""
    committee = _managed(request, slug)
    shown = get_object_or_404(committee.memberships.select_related("user", "committee"), pk=pk)
    if shown.ended_by_id == request.user.pk and not committee.archived_at:
        shown.resume(by=request.user)
    if committee.role_of(shown.user):
        messages.success(request, _("%(name)s is back on %(committee)s.") % _names(shown))
    else:
        messages.warning(request, _("That can’t be undone any more. Add %(name)s again instead.") % _names(shown))
    return redirect("manage_people", slug)


def _appointed(request: HttpRequest, held: Membership, form: RoleForm) -> bool:
    """Whether it is done; otherwise the form says why not."""
    said = form.cleaned_data
    try:
        changed = joining.appoint(
            held,
            said["role"],
            by=request.user,
            starts_on=said["starts_on"],
            term_ends_on=said["term_ends_on"],
            seen=said["seen"],
        )
    except RoleChanged as other:
        words = _("Somebody changed %(name)s’s role meanwhile: %(now)s. Look again, then save.")
        form.add_error(None, words % {"name": held.user.name, "now": other.current.get_role_display()})
        return False
    except ValidationError as error:
        form.add_error(None, error)
        return False
    if changed is None:
        messages.info(request, _("%(name)s isn’t on %(committee)s any more.") % _names(held))
    else:
        messages.success(request, _done(changed))
    return True


def _stepped_down(request: HttpRequest, held: Membership) -> bool:
    """Whether the reader changed their own role, and no longer manages the committee by what is saved now."""
    if held.user_id != request.user.pk:
        return False
    saved = Committee.objects.get(pk=held.committee_id)
    return not User.objects.get(pk=request.user.pk).has_perm("committees.manage_committee", saved)


def _done(membership: Membership) -> str:
    words = {"name": membership.user.name, "role": membership.get_role_display()}
    if membership.started_on > today():
        planned: str = _("%(name)s: %(role)s from %(day)s. They get an email.")
        return planned % (words | {"day": formats.day(membership.started_on)})
    saved: str = _("%(name)s: %(role)s.")
    return saved % words


def _names(membership: Membership) -> dict[str, str]:
    return {"name": membership.user.name, "committee": membership.committee.name}


def _managed(request: HttpRequest, slug: str) -> Committee:
    """The committee, for those who manage it. Raises Http404, or PermissionDenied."""
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.manage_committee", committee):
        raise PermissionDenied
    return committee


def _page(committee: Committee) -> dict[str, object]:
    return {"committee": committee, **page_at("committees", back=committee)}
