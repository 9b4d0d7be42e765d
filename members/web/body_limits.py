"""The largest request body: 64 KB, and more where a view says so.

It is checked before a body is received (portal/web_worker.py) and before anything reads it (portal/middleware.py),
since the portal may run behind other servers too.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.urls import Resolver404, resolve

FORM = 64 * 1024  # bytes
LONG_TEXT = 512 * 1024  # pages of text, in a script whose letters take nine bytes each in a form
UPLOAD = 32 * 1024 * 1024  # more than a paper may have, so that the page itself can say that it is too large
MAIL = (
    56 * 1024 * 1024
)  # Postmark posts the most: 35 MB of attachments, a third more in base64, and 5 MB each of text and HTML
TOO_LARGE = "X_BODY_TOO_LARGE"  # the header by which the server says that it left a body out


View = TypeVar("View", bound=Callable[..., Any])


def takes_body(most: int) -> Callable[[View], View]:
    """Decorator: let a view take bodies of up to `most` bytes."""

    def mark(view: View) -> View:
        view.max_body = most  # type: ignore[attr-defined]
        return view

    return mark


def body_limit(path: str) -> int:
    """The largest body in bytes that this address takes."""
    try:
        match = resolve(path)
    except Resolver404:
        return FORM
    if "anymail" in match.namespaces:
        return MAIL  # with its attachments, posted by the provider
    if "admin" in match.namespaces:
        return LONG_TEXT
    return int(getattr(match.func, "max_body", FORM))
