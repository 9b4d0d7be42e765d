"""What a request knows about its person: strength of sign-in, and the zone all times are shown in."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from members.accounts import sessions
from members.session_store import SessionStore, may_begin
from members.web import signed_out, unsent
from members.web.acts import SeeOther, page_of_form


class VisitorSessionMiddleware(SessionMiddleware):
    """As Django's, but a network begins so many sessions of people who are not signed in, and no more."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = request.session
        begins = session.modified and not session.session_key and not session.is_empty() and session.is_visitors  # type: ignore[attr-defined]
        if begins and not may_begin(request):
            only_messages = set(session.keys()) == {SessionStorage.session_key}  # "You're signed out."
            request.session = SessionStore()
            if not only_messages:
                response = render(request, "429.html", status=429)
        return super().process_response(request, response)


class StandingMiddleware:
    """Mark strongly authenticated sessions, end those of people who left, and show times in the person's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        sessions.save_open(request, response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
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

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponse:  # type: ignore[override]
        return signed_out.answer(request)


def _is_done(request: HttpRequest, response: HttpResponse) -> bool:
    """A post of somebody signed in that led on, and did not come back with mistakes."""
    led_on = 300 <= response.status_code < 400 and not getattr(response, "came_back", False)
    return request.method == "POST" and led_on and request.user.is_authenticated


class UnsentMiddleware:
    """What was sent while nobody was signed in is sent once, and stays when it was refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        sending = getattr(request, "sending_late", None)
        if sending and (response.status_code in (403, 404, 429) or response.status_code >= 500):
            unsent.put_back(request, sending)
        if _is_done(request, response):
            unsent.forget_done(request)
        unsent.save_cookie(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.method != "POST" or unsent.COOKIE not in request.COOKIES or unsent.RESENT not in request.POST:
            return None
        request.sending_late = unsent.claim(request)  # type: ignore[attr-defined]
        if request.sending_late:  # type: ignore[attr-defined]
            return None
        messages.info(request, _("That was sent already, so it isn’t sent again."))
        return SeeOther(page_of_form(request))
