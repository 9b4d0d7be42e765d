"""Joining, asking to join and leaving. A GET shows what will happen; only a POST does it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from committees.joining import requests as joining
from committees.joining.forms import AskForm
from committees.models import Committee
from committees.views.finding import find_committee
from committees.views.refusing import refuse
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.pages import page_at


@page_or_post
def committee_join(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if committee.role_of(request.user):
        return redirect(committee)
    if request.user.has_perm("committees.ask_to_join_committee", committee):
        return redirect("committee_ask", slug=slug)
    if not request.user.has_perm("committees.join_committee", committee):
        return refuse(request, committee)
    if request.method != "POST":
        return render(request, "committees/committee_join.html", _confirming(committee))
    try:
        joining.join(committee, request.user)
    except ValidationError as error:
        return _too_late(request, committee, error)
    messages.success(
        request,
        _("You’re on %(committee)s.") % {"committee": committee.name},
        extra_tags=f"undo:{reverse('committee_leave', args=[slug])}",
    )
    return redirect(committee)


@page_or_post
def committee_ask(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if committee.role_of(request.user) or (request.method != "POST" and committee.my_request_id):
        return redirect(committee)
    if request.user.has_perm("committees.join_committee", committee):
        return redirect("committee_join", slug=slug)
    if not request.user.has_perm("committees.ask_to_join_committee", committee):
        return refuse(request, committee)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            joining.ask(committee, request.user, form.cleaned_data["message"])
        except ValidationError as error:
            return _too_late(request, committee, error)
        messages.success(
            request,
            _("You asked to join %(committee)s. Its co-chairs answer by email.") % {"committee": committee.name},
        )
        return redirect(committee)
    return kept.page(request, "committees/committee_ask.html", _confirming(committee) | {"form": form}, form)


@act_of("committee_detail", "slug")
def committee_withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if joining.withdraw(committee, request.user):
        messages.success(
            request, _("You took back your request to join %(committee)s.") % {"committee": committee.name}
        )
    return redirect("committee_list")


@page_or_post
def committee_leave(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not committee.role_of(request.user):
        return redirect(committee)
    if request.method != "POST":
        return render(request, "committees/committee_leave.html", _confirming(committee))
    joining.leave(committee, request.user)
    undo = f"undo:{reverse('committee_rejoin', args=[slug])}"
    messages.success(request, _("You left %(committee)s.") % {"committee": committee.name}, extra_tags=undo)
    still_seen = Committee.objects.visible_to(request.user).filter(pk=committee.pk).exists()
    return redirect(committee) if still_seen else redirect("committee_list")


@act_of("committee_detail", "slug")
def committee_rejoin(request: HttpRequest, slug: str) -> HttpResponse:
    """Undo leaving, on the same day. The committee is found by the ended membership, as it may be confidential."""
    committee = joining.left_today(request.user, slug)
    if committee is None or committee.archived_at or not request.user.is_member:
        raise PermissionDenied(_("There is nothing to undo any more."))
    if joining.rejoin(committee, request.user) is None and not committee.role_of(request.user):
        raise PermissionDenied(_("There is nothing to undo any more."))
    messages.success(request, _("You’re back on %(committee)s.") % {"committee": committee.name})
    return redirect(committee)


def _too_late(request: HttpRequest, committee: Committee, error: ValidationError) -> HttpResponse:
    """Something happened to the committee while the page was open."""
    messages.warning(request, error.messages[0])
    return redirect(committee)


def _confirming(committee: Committee) -> dict[str, object]:
    return {
        "committee": committee,
        **page_at("committees", back=committee),
    }
