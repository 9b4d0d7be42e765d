"""Where a page stands: its place in the navigation, and the way back from it. Pages for the public."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse


class HasPage(Protocol):
    def get_absolute_url(self) -> str: ...


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator: a page that opens without an account.

    For a visitor without a session it says nothing of anybody, so that a browser may keep it and go back to it at once
    (`no-cache`, RFC 9111 5.2.2.4: a reload still asks); every other page is `no-store`.
    """

    @login_not_required
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        nobodys = not request.COOKIES and not response.cookies
        if nobodys and "CSRF_COOKIE" not in request.META and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response

    return opened


def page_at(nav: str, *, section: str = "", back: HasPage | str = "", label: str = "") -> dict[str, Any]:
    """The part of a context that layouts read.

    `nav` and `section` are places of portal/navigation.py. `back` is the object to go back to, or an address with
    `label`.
    """
    context = {"nav": nav}
    if section:
        context["section"] = section
    if back:
        address = back if isinstance(back, str) else back.get_absolute_url()
        context |= {"back_url": address, "back_label": label or ("" if isinstance(back, str) else str(back))}
    return context
