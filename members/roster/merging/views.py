"""At the staff desk: which accounts may be one person's, two of them side by side, and what was merged."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from members.models import AuditEntry, Merge, PossibleDuplicate, User
from members.queries.paging import page_of
from members.roster.merging import comparing
from members.roster.merging.forms import MergeForm
from members.roster.merging.merging import NotMerged, Wish, mark, merge, refuse
from members.roster.merging.undoing import left_behind, undo, why_not
from members.sign_in.access import recently_confirmed, staff_page
from members.text.numbers import key_of
from members.web import kept as came_back
from members.web.acts import act_of, page_or_post
from members.web.once import once
from members.web.pages import page_at

RIGHT = "members.merge_people"
MOST_FOUND = 20


@require_safe
@staff_page(RIGHT)
def staff_duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs to look at; with `person` those of one, and others to compare them with, found by `q`."""
    pairs = PossibleDuplicate.objects.waiting()
    person = User.objects.in_use().filter(pk=key_of(request.GET.get("person"))).first()
    words = request.GET.get("q", "").strip()[:200]
    if person:
        pairs = pairs.with_person(person.pk)
    context = {
        "page": page_of(pairs.for_listing(), ("-found_at", "-pk"), request.GET),
        "person": person,
        "words": words,
        "found": _found(person, words) if person and words else [],
        "merges": Merge.objects.for_listing()[:5],
        **page_at("members"),
    }
    return render(request, "members/merging/list.html", context)


def _found(person: User, words: str) -> list[User]:
    """Others in use by whole address, or by name, office and place."""
    others = User.objects.in_use().exclude(pk=person.pk)
    named = others.at_address(words) if "@" in words else others.matching(words)
    return list(named.for_listing()[:MOST_FOUND])


@page_or_post
@staff_page(RIGHT)
def staff_duplicate(request: HttpRequest, kept: int, merged: int) -> HttpResponse:
    """Two accounts side by side: what is chosen, what follows, and the button. `kept` is the one that stays."""
    pair = _pair(kept, merged)
    if request.method == "POST":
        return _confirmed_merge(request, *pair)
    return _compare(request, *pair)


@recently_confirmed
def _confirmed_merge(request: HttpRequest, kept: User, merged: User) -> HttpResponse:
    return once(request, partial(_merge, request, kept, merged))


def _merge(request: HttpRequest, kept: User, merged: User) -> HttpResponse:
    form = _form(kept, merged, request.POST)
    if not form.is_valid():
        return _compare(request, kept, merged, form)
    try:
        done = merge(Wish(kept.pk, merged.pk, form.chosen, form.cleaned_data["seen"]), request.user)
    except NotMerged as refused:
        form.add_error(None, str(refused.words))
        return _compare(request, *_pair(kept.pk, merged.pk), form)
    messages.success(request, _("The two accounts are one."), extra_tags=f"undo:{_undo_address(done)}")
    return redirect("staff_merge", done.pk)


def _undo_address(done: Merge) -> str:
    return reverse("staff_merge_undo", args=[done.pk])


@act_of("staff_duplicate", "kept", "merged")
@staff_page("members.see_contact_details")
def staff_duplicate_contact(request: HttpRequest, kept: int, merged: int) -> HttpResponse:
    """Show what both keep private, this once; that it was looked at is written down first."""
    pair = _pair(kept, merged)
    AuditEntry.record_all(request.user, "revealed contact data", [(each, {}, {}) for each in pair])
    return _compare(request, *pair, revealed=True)


@act_of("staff_duplicate", "kept", "merged")
@staff_page(RIGHT)
def staff_duplicate_apart(request: HttpRequest, kept: int, merged: int) -> HttpResponse:
    one, other = _pair(kept, merged)
    if PossibleDuplicate.of(kept, merged).set_apart(request.user):
        words = _("%(one)s and %(other)s are two people. They aren’t shown here again.")
        back = reverse("staff_duplicate_together", args=[kept, merged])
        messages.success(request, words % {"one": one.name, "other": other.name}, extra_tags=f"undo:{back}")
    return redirect("staff_duplicates")


@act_of("staff_duplicate", "kept", "merged")
@staff_page(RIGHT)
def staff_duplicate_together(request: HttpRequest, kept: int, merged: int) -> HttpResponse:
    """Undo of the act before."""
    _pair(kept, merged)
    PossibleDuplicate.of(kept, merged).suspect_again(request.user)
    return redirect("staff_duplicate", kept, merged)


@require_safe
@staff_page(RIGHT)
def staff_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """What was merged, by whom, and Undo; of one that was taken back, what stayed and why."""
    done = _merge_row(pk)
    context = {
        "merge": done,
        "why_not": why_not(done),
        "left": list(left_behind(done)) if done.is_undone else [],
        "count": done.rows.count(),
        **page_at("members"),
    }
    return render(request, "members/merging/merge.html", context)


@act_of("staff_merge", "pk")
@staff_page(RIGHT)
@recently_confirmed
def staff_merge_undo(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        left = undo(_merge_row(pk), request.user)
    except NotMerged as refused:
        messages.warning(request, str(refused.words))
        return redirect("staff_merge", pk)
    messages.success(request, _("They are two people again."))
    if left:
        words = ngettext("%(n)s row stays, as it changed since.", "%(n)s rows stay, as they changed since.", left)
        messages.warning(request, words % {"n": left})
    return redirect("staff_merge", pk)


def _merge_row(pk: int) -> Merge:
    return get_object_or_404(Merge.objects.for_listing(), pk=pk)


def _pair(kept: int, merged: int) -> tuple[User, User]:
    people = User.objects.in_use().select_related("profile").in_bulk([kept, merged])
    if len(people) < 2:
        raise Http404
    return people[kept], people[merged]


def _form(kept: User, merged: User, posted: Any = None, *, revealed: bool = False) -> MergeForm:
    rows = comparing.compared(kept, merged, revealed=revealed)
    return MergeForm(posted, compared=rows, seen=mark(kept, merged))


def _compare(
    request: HttpRequest,
    kept: User,
    merged: User,
    form: MergeForm | None = None,
    *,
    revealed: bool = False,
) -> HttpResponse:
    form = form or _form(kept, merged, revealed=revealed)
    rows = list(comparing.compared(kept, merged, revealed=revealed))
    asked = [field for field in form if not field.is_hidden]
    pair = PossibleDuplicate.objects.of_pair(kept.pk, merged.pk).first()
    context = {
        "kept": kept,
        "merged": merged,
        "sides": [
            _side(kept, [(row, row.kept) for row in rows], stays=True),
            _side(merged, [(row, row.merged) for row in rows], stays=False),
        ],
        "form": form,
        "asked": asked,
        "consequences": comparing.consequences(kept, merged),
        "refusal": _refusal(kept, merged, request.user),
        "pair": pair,
        "revealed": revealed,
        "may_reveal": request.user.has_perm("members.see_contact_details"),
        **page_at("members"),
    }
    changed = {"seen": mark(kept, merged)}
    return came_back.page(request, "members/merging/compare.html", context, form, changed=changed)


def _side(person: User, rows: list[tuple[comparing.Compared, str]], *, stays: bool) -> dict[str, Any]:
    return {
        "person": person,
        "stays": stays,
        "rows": rows,
        "offices": person.offices.select_related("jurisdiction").order_by("-started_on", "pk"),
        "numbers": comparing.numbers(person),
    }


def _refusal(kept: User, merged: User, by: User) -> str:
    """Why the button is not there, "" when it is."""
    try:
        refuse(kept, merged, by)
    except NotMerged as refused:
        return str(refused.words)
    except PermissionDenied as refused:
        return str(refused)
    return ""


def address_of(person: User) -> str:
    """Where to look for the same person’s other account."""
    return f"{reverse('staff_duplicates')}?{urlencode({'person': person.pk})}"
