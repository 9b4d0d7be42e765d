"""What a request knows about its person: strength of sign-in, and the zone all times are shown in."""

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class StandingMiddleware:
    """Mark strongly authenticated sessions and show times in the person's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.user.is_strongly_authenticated = any(record.get("method") == "mfa" for record in get_authentication_records(request))
        with timezone.override(request.user.zone):
            return self.get_response(request)
