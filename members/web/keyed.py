"""Pages whose address is the key to them, such as those of signed links in mails."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from members.models import User


def unlinked(response: HttpResponse) -> HttpResponse:
    """No other site and no search engine is told of the address."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def reader_of(request: HttpRequest, person: User) -> str:
    """Who reads the page of this person's link: "own", "stranger" when somebody else is signed in (the mail was
    forwarded, or the device is shared), or "nobody".
    """
    if not request.user.is_authenticated:
        return "nobody"
    return "own" if request.user.pk == person.pk else "stranger"
