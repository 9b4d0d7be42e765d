"""Addresses that take a POST: pages that are sent to themselves, and acts, each with the page its form stands on.

Somebody who opens an act (from the history, after signing in, by reloading) is led to that page.
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
    """Take only POST; a GET goes on to `page`, whose address is made from the arguments `names` of this one."""

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
    """The page that shows at `path`: itself, or where the form of an act stands; "" for no address of ours."""
    try:
        found = resolve(urlsplit(path).path)
    except Resolver404:
        return ""
    page_of = getattr(found.func, PAGE, None)
    return page_of(found.kwargs) if page_of else path


def page_of_form(request: HttpRequest) -> str:
    """The page from which this request came: the one that shows there, else the one this address belongs to."""
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return page_behind(request.get_full_path()) or request.get_full_path()
    return page_behind(came_from(request)) or page_behind(request.get_full_path()) or "/"


def came_from(request: HttpRequest) -> str:
    """The path, with its query, of the page of ours that asked; "" when the browser does not say."""
    said = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    if said.netloc != request.get_host() or not said.path.startswith("/"):
        return ""
    return f"{said.path}?{said.query}" if said.query else said.path
