"""Who is on a committee, and who asks to be."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.forms import CommitteeForm
from committees.joining import requests as joining
from committees.joining.forms import AnswerForm
from committees.models import Committee, JoinRequest
from committees.views.finding import find_committee
from committees.views.refusing import refuse
from members.queries.paging import page_of
from members.web import kept, meanwhile
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import ChangedMeanwhile
from members.web.pages import page_at

ORDER = ("rank", "user__name", "pk")


@require_safe
def committee_people(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.see_committee_people", committee):
        return refuse(request, committee)
    roster = committee.memberships.for_listing().select_related("user__profile")
    page = page_of(roster, ORDER, request.GET, anchors=roster)
    # staff see the roster, and contact details as any other member does, also through the eyes of who is on it
    is_on_it = bool(committee.role_of(request.user)) and request.user.looked_as_by is None
    for membership in page.rows:
        membership.contact = membership.user.profile.shown_contact(shares_committee=is_on_it)
    context = _page(committee) | {"page": page}
    return render(request, "committees/committee_people.html", context)


@require_safe
def committee_requests(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.decide_request", committee):
        return refuse(request, committee)
    context = _requests(committee)
    forms = [form for _asked, form in context["waiting"]]
    kept.bring_back(request, *forms)
    context["has_errors"] = any(form.errors for form in forms)
    return render(request, "committees/committee_requests.html", context)


@act_of("committee_requests", "slug")
def committee_request_answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.decide_request", committee):
        return refuse(request, committee)
    asked = get_object_or_404(committee.requests.select_related("user"), pk=pk)
    form = AnswerForm(request.POST, prefix=f"request-{pk}")
    if not form.is_valid():
        context, at = _requests(committee, mistaken=(pk, form)), reverse("committee_requests", args=[slug])
        return kept.page(request, "committees/committee_requests.html", context, form, at=at)
    _answer(request, committee, asked, form)
    return redirect("committee_requests", slug=slug)


def _answer(request: HttpRequest, committee: Committee, asked: JoinRequest, form: AnswerForm) -> None:
    answer = joining.accept if form.cleaned_data["decision"] == "accept" else joining.decline
    try:
        answered = answer(asked, request.user, form.cleaned_data["note"])
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return
    if not answered:
        messages.info(request, _("%(name)s’s request was answered already.") % {"name": asked.user.name})
    elif answer is joining.accept:
        messages.success(
            request,
            _("%(name)s is on %(committee)s now. They get an email.")
            % {"name": asked.user.name, "committee": committee.name},
        )
    else:
        messages.success(
            request, _("You declined %(name)s’s request. They get your note by email.") % {"name": asked.user.name}
        )


@page_or_post
def committee_edit(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.manage_committee", committee):
        return refuse(request, committee)
    form = CommitteeForm(request.POST or None, instance=get_object_or_404(Committee, pk=committee.pk))
    template, context = "committees/committee_edit.html", _page(committee) | {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            committee.edit(request.user, seen=form.cleaned_data["seen"], **form.words)
        except ChangedMeanwhile as other:
            return meanwhile.refused(request, template, context, form, other.current)
        messages.success(request, _("Saved."))
        return redirect(committee)
    return meanwhile.page(request, template, context, form, committee)


def _requests(committee: Committee, mistaken: tuple[int, AnswerForm] | None = None) -> dict[str, Any]:
    """The open requests, each with its form; `mistaken` is one that came back with errors."""
    forms = dict([mistaken]) if mistaken else {}
    waiting = [
        (asked, forms.get(asked.pk) or AnswerForm(prefix=f"request-{asked.pk}"))
        for asked in committee.requests.for_listing()
    ]
    return {**_page(committee)} | {"waiting": waiting, "has_errors": bool(mistaken)}


def _page(committee: Committee) -> dict[str, object]:
    return {
        "committee": committee,
        **page_at("committees", back=committee),
    }
