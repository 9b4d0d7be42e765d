"""What the organization publishes: issue pages, reports, posts and news."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import IssueArea, Publication
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.times.clock import today
from members.web import kept, meanwhile
from members.web.acts import page_or_post
from members.web.body_limits import LONG_TEXT, takes_body
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at
from portal.staff.filters import PublicationFilter
from portal.staff.forms import IssueForm, PublicationForm

PUBLISH = "committees.publish"
PUBLICATION = "portal/staff/publication.html"


@require_safe
@staff_page(PUBLISH)
def staff_publications(request: HttpRequest) -> HttpResponse:
    publications = PublicationFilter(request.GET, Publication.objects.visible_to(request.user).select_related("issue"))
    context = {
        "filter": publications,
        "page": page_of(publications.qs, ["-dated_on", "-id"], request.GET),
        "issues": IssueArea.objects.visible_to(request.user),
        "now": now(),
        **page_at("publications"),
    }
    return render(request, "portal/staff/publications.html", context)


@takes_body(LONG_TEXT)
@page_or_post
@staff_page(PUBLISH)
def staff_publication_new(request: HttpRequest) -> HttpResponse:
    return _write(request, Publication(dated_on=today()))


@takes_body(LONG_TEXT)
@page_or_post
@staff_page(PUBLISH)
def staff_publication(request: HttpRequest, pk: int) -> HttpResponse:
    return _write(request, get_object_or_404(Publication.objects.visible_to(request.user).for_listing(), pk=pk))


def _write(request: HttpRequest, publication: Publication) -> HttpResponse:
    """Save, or with `preview` show how the text will look and keep everything as typed."""
    title, out_at = publication.title, publication.published_at
    address = publication.get_absolute_url() if publication.pk else ""  # as it is, whatever the form makes of it
    previewing = "preview" in request.POST
    form = PublicationForm(
        None if previewing else request.POST or None,
        instance=publication,
        initial=_typed(request) if previewing else {},
    )
    context = {
        "form": form,
        "publication": publication,
        "address": address,
        "pdf_extent": publication.pdf_extent if publication.pdf else "",
        "title": title,
        "out_at": out_at,
        "now": now(),
        **page_at("publications"),
    }
    context |= {"previewing": previewing, "preview": request.POST.get("body", "")}
    if request.method == "POST" and not previewing and form.is_valid():
        return once(request, partial(_store, request, form, context))
    show = partial(meanwhile.page, request, PUBLICATION, context, form, publication)
    return kept.look(request, show) if previewing else show()


def _store(request: HttpRequest, form: PublicationForm, context: dict[str, Any]) -> HttpResponse:
    given = form.cleaned_data
    try:
        stored = form.instance.store(
            request.user, form.publish_at(context["out_at"]), also_about=given["also_about"], seen=given["seen"]
        )
    except ChangedMeanwhile as other:
        return meanwhile.refused(request, PUBLICATION, context, form, other.current)
    messages.success(request, _("“%(title)s” is saved.") % {"title": stored.title})
    return redirect("staff_publication", stored.pk)


@takes_body(LONG_TEXT)
@page_or_post
@staff_page(PUBLISH)
def staff_issue(request: HttpRequest, slug: str) -> HttpResponse:
    issue = get_object_or_404(IssueArea.objects.visible_to(request.user).select_related("picture"), slug=slug)
    previewing = "preview" in request.POST
    form = IssueForm(
        None if previewing else request.POST or None, instance=issue, initial=_typed(request) if previewing else {}
    )
    context = {
        "form": form,
        "issue": issue,
        "previewing": previewing,
        "preview": request.POST.get("vision", ""),
        **page_at("publications"),
    }
    if request.method == "POST" and not previewing and form.is_valid():
        return _edit(request, form, context)
    show = partial(meanwhile.page, request, "portal/staff/issue.html", context, form, issue)
    return kept.look(request, show) if previewing else show()


def _edit(request: HttpRequest, form: IssueForm, context: dict[str, Any]) -> HttpResponse:
    try:
        context["issue"].edit(request.user, seen=form.cleaned_data["seen"], **form.words)
    except ChangedMeanwhile as other:
        return meanwhile.refused(request, "portal/staff/issue.html", context, form, other.current)
    messages.success(request, _("Saved."))
    return redirect("staff_issue", context["issue"].slug)


def _typed(request: HttpRequest) -> dict[str, object]:
    """What stands in the fields, as it stands there."""
    return request.POST.dict() | {"also_about": request.POST.getlist("also_about")}
