"""The one place where looking through a member's eyes is kept from acting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.rest import problems
from members.text.addresses import masked
from portal.viewing import looking
from portal.viewing.looking import Looking
from portal.viewing.pages import SHOWN

READS = ("GET", "HEAD")


class ViewingMiddleware:
    """Shows pages as the member sees them. Everything but reading is refused, and so are pages that are only theirs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not looking.stands_in(request) or _stops(request):
            return self.get_response(request)
        found = looking.looking(request)
        if found is None:
            return self._over(request)
        if _begins_again(request, found):
            return redirect("home")
        _look_as(request, found)
        if request.method not in READS:
            return refused(request, _("You see the portal as somebody else does, so you can’t do anything here."))
        with timezone.override(found.person.zone):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else ""
        if not (request.user.is_authenticated and request.user.looked_as_by) or name in SHOWN:
            return None
        return refused(request, _("This page is only for the person whose eyes you look through."))

    def _over(self, request: HttpRequest) -> HttpResponse:
        """The first request afterwards: a page is one's own again, and what a page looked at sends is not done."""
        looking.end(request)
        words = _("You see the portal with your own eyes again: looking through somebody else’s has ended.")
        if request.method not in READS:
            return refused(request, words)
        if not problems.is_for_program(request):
            messages.info(request, words)
        return self.get_response(request)


def _stops(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path_info == reverse("staff_look_stop")


def _begins_again(request: HttpRequest, found: Looking) -> bool:
    """A second press on the button that began it."""
    return request.method == "POST" and request.path_info == reverse("staff_look_as", args=[found.person.pk])


def _look_as(request: HttpRequest, found: Looking) -> None:
    """The person with no more than a member's strength, and without the address that only staff with a reason see."""
    person, staff = found.person, request.user
    person.looked_as_by, person.looked_as_until = staff, found.until
    person.email = masked(person.email)
    request.user = person


def refused(request: HttpRequest, words: str) -> HttpResponse:
    """`words` say why. A page that isn't shown, or an act that wasn't done."""
    if problems.is_for_program(request):
        return problems.respond_with(403, words)
    return render(
        request, "portal/viewing/refused.html", {"words": words, "is_page": request.method in READS}, status=403
    )
