"""One box for everything: people, calls, documents and committees, as far as one may see them."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.web.fragments import page_or_fragment
from members.web.rate_limits import within_limit
from portal import searching
from portal.views.people import LISTS_A_MINUTE, too_many


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("members.see_directory"):
        raise PermissionDenied(_("Search is for members."))
    words = request.GET.get("q", "").strip()[:100]
    if words and not within_limit("search", request.user.pk, LISTS_A_MINUTE):
        return too_many(request)
    found = searching.everything(words, request.user) if words else None
    context = {"words": words, "found": found, "alike": searching.resembling(words) if words and not found else []}
    return page_or_fragment(request, "portal/search.html", context)
