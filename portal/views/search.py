"""One box for everything, as far as one may open it: results, suggestions while somebody types, and all of one kind."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.findables.kinds import kinds
from members.text.numbers import key_of
from members.web.fragments import page_or_fragment, wants_fragment
from members.web.rate_limits import within_limit
from portal import searching
from portal.views.people import LISTS_A_MINUTE, too_many

SUGGESTIONS_A_MINUTE = 240
LEAST_TYPED = 2  # letters, before anything is suggested


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`q` is what was typed; `kind` shows all of that kind, from the row `start` on."""
    _for_members(request)
    words, kind = request.GET.get("q", "").strip()[:100], request.GET.get("kind", "")
    if words and not within_limit("search", request.user.counted_as, LISTS_A_MINUTE):
        return too_many(request)
    found = _one_kind(request, words, kind) if words and kind in kinds else _all_kinds(request, words)
    return page_or_fragment(request, "portal/search.html", {"words": words, **found})


def _all_kinds(request: HttpRequest, words: str) -> dict[str, Any]:
    found = searching.everything(words, request.user) if words else []
    return {"found": found, "alike": searching.resembling(words, request.user) if words and not found else []}


def _one_kind(request: HttpRequest, words: str, kind: str) -> dict[str, Any]:
    start = min(key_of(request.GET.get("start")), searching.FARTHEST)
    group = searching.of_a_kind(words, request.user, kind, start)
    before, after = max(0, start - searching.PAGE), start + searching.PAGE
    return {
        "found": [group] if group.things else [],
        "only": group,
        "everything_url": f"{reverse('search')}?{urlencode({'q': words})}",
        "previous_url": group.page_url(before) if start else "",
        "next_url": group.page_url(after) if group.has_more and after <= searching.FARTHEST else "",
    }


@require_safe
def search_suggestions(request: HttpRequest) -> HttpResponse:
    """Options for the list under a search box; to a browser that goes there, the page of what is found."""
    _for_members(request)
    if not wants_fragment(request):
        return redirect(f"{reverse('search')}?{request.GET.urlencode()}")
    words = request.GET.get("q", "").strip()[:100]
    if not within_limit("suggestions", request.user.counted_as, SUGGESTIONS_A_MINUTE):
        return too_many(request)
    things = searching.suggestions(words, request.user) if len(words) >= LEAST_TYPED else []
    return render(request, "portal/search/_suggestions.html", {"things": things, "words": words})


def _for_members(request: HttpRequest) -> None:
    if not request.user.has_perm("members.see_directory"):
        raise PermissionDenied(_("Search is for members."))
