"""Views that take a POST: pages that post to themselves, and acts, each with the page that its form stands on.

A GET of an act (from the history, after signing in, by reloading) is redirected to that page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]
PAGE = "page_of_act"

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


class SeeOther(HttpResponseRedirect):
    status_code = 303


def act_of(page: str, *names: str) -> Callable[[View], View]:
    """Decorator: allow only POST; a GET is redirected to `page`, reversed with the arguments `names` of this address."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            if request.method in ("GET", "HEAD"):
                return SeeOther(page_of(kwargs))
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])

        def page_of(kwargs: dict[str, Any]) -> str:
            return reverse(page, kwargs={name: kwargs[name] for name in names})

        setattr(guarded, PAGE, page_of)
        return guarded

    return decorate


def page_behind(path: str) -> str:
    """The page to show for `path`: itself, or the page of its form if it is an act; "" for an address that is not ours."""
    try:
        found = resolve(urlsplit(path).path)
    except Resolver404:
        return ""
    page_of = getattr(found.func, PAGE, None)
    return page_of(found.kwargs) if page_of else path


def page_of_form(request: HttpRequest) -> str:
    """The page this request came from: by its headers, else the page that this address belongs to."""
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return page_behind(request.get_full_path()) or request.get_full_path()
    return page_behind(came_from(request)) or page_behind(request.get_full_path()) or "/"


def came_from(request: HttpRequest) -> str:
    """Path and query of the page of ours that sent the request; "" when the browser does not say."""
    said = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    if said.netloc != request.get_host() or not said.path.startswith("/"):
        return ""
    return f"{said.path}?{said.query}" if said.query else said.path
