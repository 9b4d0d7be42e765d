"""What every response carries, a way on from each address, and a limit for what every request brings."""

import re
from collections.abc import Callable
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _

from members.rest import problems
from members.web.body_limits import FORM, TOO_LARGE, body_limit

GetResponse = Callable[[HttpRequest], HttpResponse]


class HeadersMiddleware:
    """Private by default: no shared cache keeps a page, no other origin embeds one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        patch_vary_headers(response, ["Cookie", "HX-Request"])
        return response


class WayOnMiddleware:
    """An address that takes no such method says so on a page with a way on, instead of an empty one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page


# What proxies and tunnels write into a request that they pass on. RFC 7239, RFC 9110 7.6.3, and what the large ones add.
PASSED_ON = re.compile(
    r"HTTP_(FORWARDED|VIA|X_FORWARDED(_.+)?|X_ORIGINAL_.+|X_REAL_IP|X_(CLUSTER_)?CLIENT_IP|TRUE_CLIENT_IP|CF_.+|CDN_LOOP"
    r"|FASTLY_.+|FLY_.+|X_ENVOY_.+|X_AMZN_.+|TAILSCALE_.+|X_ARR_.+|X_PROXY.*)"
)


class AtHomeMiddleware:
    """For DEMO and DEBUG, which show everything to whoever asks: only somebody at this machine does, through nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        through = next((name for name in request.META if PASSED_ON.fullmatch(name)), "")
        if through:
            words = _(
                "The demo is only for the machine that it runs on, and this came through a proxy (%(header)s)."
            ) % {"header": through.removeprefix("HTTP_").replace("_", "-").title()}
        elif not _is_loopback(request.META.get("REMOTE_ADDR", "")):
            words = _("The demo is only for the machine that it runs on, and this came from another.")
        else:
            return self.get_response(request)
        return HttpResponse(f"{words}\n", status=403, content_type="text/plain; charset=utf-8")


def _is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:  # none: a socket in a file, which a proxy reaches
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


class BodyLimitMiddleware:
    """Refuses a body that its address doesn't take, before a byte of it is read (RFC 9110, 15.5.14)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if f"HTTP_{TOO_LARGE}" in request.META or _is_too_long(request):
            return _too_large(request)
        return self.get_response(request)


def _is_too_long(request: HttpRequest) -> bool:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return False
    return length > FORM and length > body_limit(request.path_info)


def _too_large(request: HttpRequest) -> HttpResponse:
    if problems.is_for_program(request):
        return problems.respond_with(413, _("The body of this request is larger than this address takes."))
    return render(request, "413.html", status=413)
