"""What went wrong, told to a program: problem details (RFC 9457) of one shape, whatever under /api/ noticed it.

`code` is the word that a program looks at, `detail` a sentence for a person. `errors` names what was sent: a parameter of
the address or a field of the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

MEDIA_TYPE = "application/problem+json"
CODES = {400: "bad_request", 403: "permission_denied", 404: "not_found", 410: "gone", 413: "too_large", 500: "error"}


class Conflict(exceptions.APIException):
    """What was asked for can't be done as things stand; `standing` is how they stand, in members of the problem."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"
    default_detail = gettext_lazy("That can’t be done as things stand.")

    def __init__(self, detail: str | None = None, code: str | None = None, **standing: Any) -> None:
        super().__init__(detail, code)
        self.standing = standing


def is_for_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def respond_with(status: int, detail: str) -> JsonResponse:
    """For what notices a problem before or behind the views of the API."""
    return JsonResponse(_problem(status, CODES[status], detail), status=status, content_type=MEDIA_TYPE)


def nothing_here() -> str:
    return _("Nothing is at this address, or nothing that you may see.")


def answer(exception: Exception, context: dict[str, Any]) -> Response | None:
    """The exception handler of all views of the API; None for what nobody foresaw (portal.views.errors)."""
    response = exception_handler(exception, context)
    if response is not None:
        response.data = _told(exception, response.status_code)
        response.content_type = MEDIA_TYPE
    return response


def _told(exception: Exception, status: int) -> dict[str, Any]:
    if isinstance(exception, Http404):
        return _problem(status, "not_found", nothing_here())
    if isinstance(exception, PermissionDenied):
        exception = exceptions.PermissionDenied()
    assert isinstance(exception, exceptions.APIException)
    if isinstance(exception.detail, str):
        return _problem(status, str(exception.get_codes()), exception.detail, **getattr(exception, "standing", {}))
    errors = list(_errors(exception.detail))
    detail = " ".join(": ".join(filter(None, (error["name"], error["detail"]))) for error in errors)
    return _problem(status, "invalid", detail, errors=errors)


def _problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code, **more}


def _errors(detail: Any, *where: str) -> Iterator[dict[str, str | None]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _errors(inner, *where, *([] if name == api_settings.NON_FIELD_ERRORS_KEY else [str(name)]))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            yield from _errors(inner, *where, *([] if isinstance(inner, str) else [str(number)]))
    else:
        yield {"name": ".".join(where) or None, "code": detail.code, "detail": str(detail)}
