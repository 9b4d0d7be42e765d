"""Saving a list of people under a name, changing it and giving it up."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.models import Segment
from members.roster.segments.forms import SegmentForm
from members.roster.segments.narrowings import Query, Selection, narrowings, query_of
from members.sign_in.access import staff_page
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.once import leads_on
from members.web.pages import page_at


def list_address(query: Query) -> str:
    """The table of members, narrowed by it."""
    return f"{reverse('staff_members')}?{urlencode(query, doseq=True)}"


@require_safe
@staff_page()
def staff_segments(request: HttpRequest) -> HttpResponse:
    """One's own lists and those that others share, each with what it asks for, and what of that is gone."""
    offered = {name: each.choices(request.user) for name, each in narrowings.items() if each.choices}
    listed = [
        (each, Selection(query_of(each.query), request.user, offered), list_address(query_of(each.query)))
        for each in Segment.objects.for_listing(request.user)
    ]
    return render(request, "members/segments/list.html", {"listed": listed, **page_at("members")})


@page_or_post
@staff_page()
@leads_on
def staff_segment_new(request: HttpRequest) -> HttpResponse:
    """Keep the list that the address narrows to."""
    query = query_of(request.GET)
    form = SegmentForm(request.POST if request.method == "POST" else None, owner=request.user)
    if request.method == "POST" and form.is_valid() and (segment := _kept(request, form, query)):
        messages.success(request, _("%(name)s is saved. It stands above the list.") % {"name": segment.name})
        return redirect(list_address(query))
    context = {"form": form, "selection": Selection(query, request.user), "back_to": list_address(query)}
    return kept.page(request, "members/segments/edit.html", context | page_at("members"), form)


@page_or_post
@staff_page()
def staff_segment(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, and whether others see it: for its owner."""
    segment = _own(request, pk)
    form = SegmentForm(
        request.POST if request.method == "POST" else None, instance=_own(request, pk), owner=request.user
    )
    if request.method == "POST" and form.is_valid():
        segment.edit(request.user, name=form.cleaned_data["name"], shared=form.cleaned_data["shared"])
        messages.success(request, _("Saved."))
        return redirect("staff_segments")
    selection = Selection(query_of(segment.query), request.user)
    context = {"form": form, "segment": segment, "selection": selection, "back_to": reverse("staff_segments")}
    return kept.page(request, "members/segments/edit.html", context | page_at("members"), form)


@act_of("staff_segments")
@staff_page()
def staff_segment_forget(request: HttpRequest, pk: int) -> HttpResponse:
    segment = _own(request, pk)
    segment.forget(request.user)
    undo = f"undo:{reverse('staff_segment_back', args=[pk])}"
    messages.success(request, _("%(name)s is gone.") % {"name": segment.name}, extra_tags=undo)
    return redirect("staff_segments")


@act_of("staff_segments")
@staff_page()
def staff_segment_back(request: HttpRequest, pk: int) -> HttpResponse:
    segment = _own(request, pk)
    if segment.bring_back(request.user):
        messages.success(request, _("%(name)s is back.") % {"name": segment.name})
    return redirect("staff_segments")


def _own(request: HttpRequest, pk: int) -> Segment:
    """Also one that is gone already: two clicks at once, or the Undo of it."""
    return get_object_or_404(Segment, owner=request.user, pk=pk)


def _kept(request: HttpRequest, form: SegmentForm, query: Query) -> Segment | None:
    """None when another of this name was saved in this moment; the form says so then."""
    values = form.cleaned_data
    try:
        with transaction.atomic():
            if replaced := values["instead"]:
                return replaced.edit(
                    request.user, name=values["name"] or replaced.name, shared=values["shared"], query=query
                )
            return Segment.keep(values["name"], query, request.user, shared=values["shared"])
    except IntegrityError:
        form.add_error("name", _("You have a list of this name. Choose another."))
        return None
