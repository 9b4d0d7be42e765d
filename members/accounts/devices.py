"""Browsers that signed in before: a signed cookie names the account, and signs nobody in.

Codes asked for in such a browser are counted for it alone, so strangers who ask in somebody's name lock nobody out.
"""

from __future__ import annotations

import secrets
from ipaddress import ip_network

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from members.models import User
from members.text.networks import line_of, parse

COOKIE = "__Host-device" if settings.HTTPS else "device"
SALT = "members.devices"
LASTS = 400 * 24 * 60 * 60  # seconds; browsers keep none for longer
MOST_PEOPLE = 5


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Note in the browser that `user` signed in there."""
    device, people = _read(request)
    people = [user.pk, *(pk for pk in people if pk != user.pk)][:MOST_PEOPLE]
    response.set_cookie(
        COOKIE,
        signing.dumps([device or secrets.token_urlsafe(12), people], salt=SALT),
        max_age=LASTS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def trusted_for(request: HttpRequest, email: str) -> str:
    """The name of this browser when whoever signs in at `email` did so here before, otherwise ""."""
    device, people = _read(request)
    return device if people and User.objects.filter(pk__in=people, email__iexact=email).exists() else ""


def network_of(request: HttpRequest) -> str:
    """The network address of a request: the IPv4 address, or the /64 in IPv6, which is one household."""
    return line_of(get_adapter().get_client_ip(request))


def networks_of(request: HttpRequest) -> dict[str, str]:
    """The networks within which somebody can easily change addresses: a /24 of IPv4; the /64 of a line in IPv6, and a
    customer's /48.
    """
    address = get_adapter().get_client_ip(request)
    parsed = parse(address)
    if parsed is None:
        return {"network": address[:60]}
    sizes = {"network": 24} if parsed.version == 4 else {"network": 64, "site": 48}
    return {name: str(ip_network(f"{parsed}/{size}", strict=False)) for name, size in sizes.items()}


def _read(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        device, people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError):
        return "", []
    return device, people
