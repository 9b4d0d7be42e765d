"""A page, or the part of it that a script swaps: one address answers both.

htmx asks for a part, except when it restores a page from the history (`HX-History-Restore-Request`,
https://htmx.org/docs/#history) or follows a boosted link: then it swaps the whole body. Caches are told with `Vary`
what the answer depends on.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

DEPENDS_ON = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request")


def wants_fragment(request: HttpRequest) -> bool:
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not (htmx.boosted or htmx.history_restore_request)


def page_or_fragment(
    request: HttpRequest, template: str, context: dict[str, Any], part: str = "results"
) -> HttpResponse:
    """`template`, or its partial `part` when a script asks for that."""
    response = render(request, f"{template}#{part}" if wants_fragment(request) else template, context)
    patch_vary_headers(response, DEPENDS_ON)
    return response
