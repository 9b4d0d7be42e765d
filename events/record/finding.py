"""The committee whose register or list an address names: unseen is 404, and who is not on it is told how to come in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from committees.views.finding import find_committee
from committees.views.refusing import refuse

KEEPING = "events.keep_register"


def of_committee(perm: str = "") -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorator: the view gets the committee for the address's `slug`, if its reader is on it and has `perm`."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def found(request: HttpRequest, slug: str, **rest: Any) -> HttpResponse:
            committee = find_committee(request, slug)
            if not request.user.has_perm("committees.see_committee_people", committee):
                return refuse(request, committee)
            if perm and not request.user.has_perm(perm, committee):
                raise PermissionDenied
            return view(request, committee, **rest)

        return found

    return decorate
