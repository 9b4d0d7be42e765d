"""Somebody else took a thing away while a form about it was open: a sentence, and all that was typed.

Views find a thing and then do something with it. Between the two another request may remove it: the verb finds no row,
and what reaches the middleware is the row's DoesNotExist.
"""

import logging
from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found

from members.rest import problems
from members.web.kept import NOT_KEPT

GetResponse = Callable[[HttpRequest], HttpResponse]
STEERING = (*NOT_KEPT, "key", "fingerprint", "seen", "version", "next", "timezone")
SHORT = 12  # letters: what is shorter and one word is a choice, or typed again in a moment
logger = logging.getLogger(__name__)


class GoneMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ObjectDoesNotExist) or request.method in ("GET", "HEAD"):
            return None
        logger.warning("Gone while it was worked on: %s", request.path, exc_info=exception)
        if problems.is_for_program(request):
            return problems.respond_with(410, _("Somebody took it away meanwhile. Nothing was done."))
        return gone(request, status=410)


def gone(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, "gone.html", {"typed": _typed(request)}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Unseen and gone are the same here: a form that was posted gives back what it said, whatever stood there."""
    if problems.is_for_program(request):
        return problems.respond_with(404, problems.nothing_here())
    if request.method == "POST" and _typed(request):
        return gone(request, status=404)
    return page_not_found(request, exception)


def _typed(request: HttpRequest) -> list[str]:
    """The words of a person among what was posted; none of a body that can't be read."""
    try:
        posted = request.POST.lists()
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        return []
    return [
        value
        for name, values in posted
        if name.rpartition("-")[2] not in STEERING
        for value in values
        if len(value) > SHORT or " " in value.strip()
    ]
