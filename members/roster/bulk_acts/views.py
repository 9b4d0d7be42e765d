"""Acting on many people: what it needs, what it will do, then the act itself with its progress and Undo."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.models import BulkAct
from members.models.bulk_acts import BulkActPerson
from members.queries.paging import page_of
from members.roster.bulk_acts import sweeping
from members.roster.bulk_acts.kinds import BulkForm, Kind, kinds
from members.roster.segments.picking import Picked, fingerprint, picked
from members.sign_in.access import ask_for_proof, staff_page
from members.web.acts import act_of, page_or_post
from members.web.fragments import page_or_fragment
from members.web.once import once
from members.web.pages import page_at

State = BulkActPerson.State
NEEDS = "with"  # before the names of what an act needs: the list has fields of the same names
NOT_DONE = (State.REFUSED, State.KEPT)


@page_or_post
@staff_page()
def staff_members_act(request: HttpRequest) -> HttpResponse:
    """`act` in the address names what, `p` or `all` whom; with `go` what it needs is filled in, and is told before it is done."""
    kind = _kind(request)
    if kind.needs_proof and (proof := ask_for_proof(request)):
        return proof
    whom = picked(request)
    keys = whom.keys
    if not keys:
        messages.warning(request, _("Tick somebody first, or choose all who match."))
        return redirect(whom.back_to)
    form = kind.form(request.GET if "go" in request.GET else None, reader=request.user, prefix=NEEDS)
    if not form.is_valid():
        return render(request, "members/bulk_acts/ask.html", _context(request, kind, whom, keys, form))
    if request.method == "POST" and request.POST.get("seen") == fingerprint(keys):
        return once(request, partial(_begin, request, kind, form, whom))
    if request.method == "POST":
        messages.warning(request, _("The list changed meanwhile. Nothing was done: look at it again."))
        return redirect(request.get_full_path())
    told = kind.told(form.cleaned_data, whom.people, request.user)
    context = {"told": told, "words": kind.words(form.cleaned_data), "seen": fingerprint(keys)}
    return render(request, "members/bulk_acts/tell.html", _context(request, kind, whom, keys, form) | context)


def _kind(request: HttpRequest) -> Kind:
    kind = kinds.get(request.GET.get("act", ""))
    if kind is None:
        raise Http404
    if not request.user.has_perm(kind.perm):
        raise PermissionDenied
    return kind


def _context(request: HttpRequest, kind: Kind, whom: Picked, keys: list[int], form: BulkForm) -> dict[str, Any]:
    names = whom.names()
    whom_names = [name for name in request.GET if name != "go" and not name.startswith(f"{NEEDS}-")]
    return {
        "kind": kind,
        "form": form,
        "whom": whom,
        "count": len(keys),
        "names": names,
        "others": len(keys) - len(names),
        "kept": [(name, value) for name in whom_names for value in request.GET.getlist(name)],
        **page_at("members"),
    }


def _begin(request: HttpRequest, kind: Kind, form: BulkForm, whom: Picked) -> HttpResponse:
    values = form.cleaned_data
    act = BulkAct.begin(
        kind.name,
        kind.facts(values, request.user),
        whom.people,
        request.user,
        words=kind.words(values),
        reason=values.get("reason", ""),
    )
    if act.total <= sweeping.AT_ONCE:
        sweeping.work(act)
    return redirect("staff_bulk_act", act.pk)


@require_safe
@staff_page()
def staff_bulk_acts(request: HttpRequest) -> HttpResponse:
    acts = BulkAct.objects.select_related("by")
    context = {"page": page_of(acts, ["-pk"], request.GET), **page_at("members")}
    return render(request, "members/bulk_acts/list.html", context)


@require_safe
@staff_page()
def staff_bulk_act(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, whom it left as they are and why, and Undo."""
    act = _act(pk)
    not_done = act.people.filter(state__in=NOT_DONE).select_related("person").order_by("pk")
    context = {
        "act": act,
        "is_mine": _may_change(request, act),
        "counts": [(State(state).label, n) for state, n in act.counts.items() if n],
        "page": page_of(not_done, ["pk"], request.GET, anchors=BulkActPerson.objects.all()),
        **page_at("members"),
    }
    return page_or_fragment(request, "members/bulk_acts/act.html", context, part="progress")


@act_of("staff_bulk_act", "pk")
@staff_page()
def staff_bulk_act_undo(request: HttpRequest, pk: int) -> HttpResponse:
    act = _changeable(request, pk)
    if act.undo(request.user):
        if act.total <= sweeping.AT_ONCE:
            sweeping.work(act)
        messages.success(request, _("It is taken back."))
    return redirect("staff_bulk_act", pk)


@act_of("staff_bulk_act", "pk")
@staff_page()
def staff_bulk_act_stop(request: HttpRequest, pk: int) -> HttpResponse:
    if _changeable(request, pk).stop(request.user):
        messages.success(request, _("Stopped. Whoever was not reached is as before."))
    return redirect("staff_bulk_act", pk)


def _act(pk: int) -> BulkAct:
    return get_object_or_404(BulkAct.objects.select_related("by"), pk=pk)


def _may_change(request: HttpRequest, act: BulkAct) -> bool:
    """Who did it, and administrators."""
    return (act.by == request.user or request.user.is_staff) and request.user.has_perm(kinds[act.kind].perm)


def _changeable(request: HttpRequest, pk: int) -> BulkAct:
    act = _act(pk)
    if not _may_change(request, act):
        raise PermissionDenied(_("Who did it takes it back, or an administrator."))
    return act
