"""What a request knows about its person: strength of sign-in, and the zone all times are shown in."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from members import sessions
from members.acts import page_of_form


class StandingMiddleware:
    """Mark strongly authenticated sessions, end those of people who left, and show times in the person's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        if sessions.outlived(request):
            request.user = AnonymousUser()
            return self.get_response(request)
        request.user.is_strongly_authenticated = sessions.is_strong(request)
        with timezone.override(request.user.zone):
            return self.get_response(request)


class SignedInMiddleware(LoginRequiredMiddleware):
    """Ask people to sign in first, and lead them afterwards to the page they were on, never to an address that only takes a POST."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        return redirect_to_login(page_of_form(request))
