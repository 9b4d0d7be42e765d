"""Committees as staff keep them: their facts, who holds which role, and their end."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.joining.requests import add_member, give_role
from committees.models import Committee, Membership, RoleChanged
from events.models import Meeting
from members.models import User
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.text.numbers import key_of
from members.web import kept, meanwhile
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at
from portal.staff.forms import CommitteeRoleForm, PersonSearchForm, StaffCommitteeForm

FEW = 8


@require_safe
@staff_page()
def staff_committees(request: HttpRequest) -> HttpResponse:
    ahead = Meeting.objects.told().upcoming().not_cancelled()
    chairs = Prefetch(
        "memberships",
        Membership.objects.current().chairs().select_related("user").order_by("started_on"),
        to_attr="chaired_by",
    )
    not_archived = (
        Committee.objects.for_listing(request.user)
        .with_people()
        .annotate(next_at=ahead.first_start())
        .prefetch_related(chairs)
    )
    archived = Committee.objects.visible_to(request.user).archived().order_by("name")
    return render(
        request,
        "portal/staff/committees.html",
        {"committees": not_archived, "archived": archived, **page_at("committees")},
    )


@page_or_post
@staff_page()
def staff_committee_new(request: HttpRequest) -> HttpResponse:
    form = StaffCommitteeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_found, request, form))
    return kept.page(request, "portal/staff/committee_edit.html", {"form": form, **page_at("committees")}, form)


def _found(request: HttpRequest, form: StaffCommitteeForm) -> HttpResponse:
    committee = Committee.found(request.user, **form.values())
    messages.success(request, _("%(name)s is set up. Add its co-chairs next.") % {"name": committee.name})
    return redirect("staff_committee", committee.slug)


@require_safe
@staff_page()
def staff_committee(request: HttpRequest, slug: str) -> HttpResponse:
    """The roster, with each role to change and people to add."""
    committee = _committee(request, slug)
    roster = committee.memberships.for_listing()
    search = PersonSearchForm(request.GET)
    words = search.cleaned_data["q"] if search.is_valid() else ""
    found = (
        User.objects.members()
        .matching(words)
        .exclude(memberships__in=committee.memberships.current())
        .for_listing()[:FEW]
        if words
        else []
    )
    page = page_of(roster, ("rank", "user__name", "pk"), request.GET, anchors=roster)
    context = {
        "committee": committee,
        "page": page,
        "roles": Membership.Role.choices,
        "search": search,
        "words": words,
        "found": found,
        **page_at("committees"),
    }
    return render(request, "portal/staff/committee.html", context)


@page_or_post
@staff_page()
def staff_committee_edit(request: HttpRequest, slug: str) -> HttpResponse:
    committee = _committee(request, slug)
    form = StaffCommitteeForm(request.POST or None, instance=_committee(request, slug))
    template, context = (
        "portal/staff/committee_edit.html",
        {"form": form, "committee": committee, **page_at("committees")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            committee.edit(request.user, seen=form.cleaned_data["seen"], **form.values())
        except ChangedMeanwhile as other:
            return meanwhile.refused(request, template, context, form, other.current)
        messages.success(request, _("Saved."))
        return redirect("staff_committee", slug)
    return meanwhile.page(request, template, context, form, committee)


@act_of("staff_committee", "slug")
@staff_page()
def staff_committee_add(request: HttpRequest, slug: str) -> HttpResponse:
    committee = _committee(request, slug)
    person = get_object_or_404(User.objects.members(), pk=key_of(request.POST.get("person")))
    form = CommitteeRoleForm(request.POST)
    if form.is_valid():
        _add_member(request, committee, person, form.cleaned_data["role"])
    return redirect("staff_committee", slug)


def _add_member(request: HttpRequest, committee: Committee, person: User, role: str) -> None:
    try:
        add_member(committee, person, by=request.user, role=role)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return
    messages.success(
        request,
        _("%(name)s is on %(committee)s now. They get an email.") % {"name": person.name, "committee": committee.name},
    )


@act_of("staff_committee", "slug")
@staff_page()
def staff_committee_role(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Another role, or with `end` off the committee; `pk` is the membership that the page showed, which another may have replaced."""
    committee = _committee(request, slug)
    membership = get_object_or_404(committee.memberships.select_related("user", "committee"), pk=pk)
    form = CommitteeRoleForm(request.POST)
    if "end" in request.POST:
        membership.end(by=request.user)
        messages.success(
            request, _("%(name)s is off %(committee)s.") % {"name": membership.user.name, "committee": committee.name}
        )
    elif form.is_valid():
        _give_role(request, membership, form)
    return redirect("staff_committee", slug)


def _give_role(request: HttpRequest, membership: Membership, form: CommitteeRoleForm) -> None:
    names = {"name": membership.user.name, "committee": membership.committee.name}
    try:
        changed = give_role(
            membership, form.cleaned_data["role"], by=request.user, seen=request.POST.get("seen", "")[:10]
        )
    except RoleChanged as other:
        names |= {"now": other.current.get_role_display(), "chosen": form.chosen}
        words = _("Somebody changed %(name)s’s role meanwhile: %(now)s. Choose %(chosen)s again if it should be that.")
        messages.warning(request, words % names)
        return
    if changed is None:
        messages.warning(request, _("%(name)s isn’t on %(committee)s any more, so the role stays as it was.") % names)
    else:
        messages.success(request, _("%(name)s: %(role)s.") % (names | {"role": changed.get_role_display()}))


@page_or_post
@staff_page()
def staff_committee_archive(request: HttpRequest, slug: str) -> HttpResponse:
    committee = _committee(request, slug)
    if request.method != "POST":
        upcoming = Meeting.objects.of_committee(committee.pk).not_cancelled().upcoming().count()
        context = {
            "committee": committee,
            "people": committee.memberships.current().count(),
            "upcoming": upcoming,
            **page_at("committees"),
        }
        return render(request, "portal/staff/committee_archive.html", context)
    if "restore" in request.POST:
        committee.restore(request.user)
        messages.success(request, _("%(name)s is back in the lists.") % {"name": committee.name})
    else:
        committee.archive(request.user)
        messages.success(request, _("%(name)s is archived.") % {"name": committee.name})
    return redirect("staff_committee", slug)


def _committee(request: HttpRequest, slug: str) -> Committee:
    return get_object_or_404(Committee.objects.visible_to(request.user).select_related("issue"), slug=slug)
