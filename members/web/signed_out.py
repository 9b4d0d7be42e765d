"""The response to a request that needs an account and has none, or whose form is of an earlier sign-in.

A page redirects to signing in and back; a form is kept and sent afterwards (members.web.unsent); a script gets a
fragment, keeps the act in its page, and sends it after signing in (static/portal/js/signedout.js).
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from members.web import unsent
from members.web.acts import SeeOther, page_of_form

HEADER = "X-Signed-Out"
SAFE = ("GET", "HEAD", "OPTIONS")


def answer(request: HttpRequest) -> HttpResponse:
    """The response at an address that needs an account."""
    if asks_by_script(request):
        return _fragment(request)
    if request.method not in SAFE:
        unsent.keep(request, needs_account=True)
    return redirect_to_login(page_of_form(request))


def form_of_another_sign_in(request: HttpRequest) -> HttpResponse:
    """The response to a form of ours whose CSRF token is of an earlier sign-in, or whose cookie is gone."""
    needs_account = getattr(request.resolver_match.func, "login_required", True) if request.resolver_match else False
    if needs_account and not request.user.is_authenticated:
        response = answer(request)
        if "Location" in response:
            response["Location"] += _ask_for_cookies(request, "&")
        return response
    if _signs_out(request) and not request.user.is_authenticated:
        return SeeOther("/")
    if asks_by_script(request):
        return _fragment(request)
    copy = unsent.keep(request, needs_account=needs_account)
    page = page_of_form(request)
    if copy is None and not page.startswith("/account/login/"):
        messages.info(request, _("That form had waited too long to be sent. Send it once more."))
    return SeeOther(page + _ask_for_cookies(request, "&" if "?" in page else "?"))


def is_from_our_page(request: HttpRequest) -> bool:
    """Whether the browser says that the form stood on a page of this site; other sites can't forge that."""
    own = f"{request.scheme}://{request.get_host()}"
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == own
    if "Sec-Fetch-Site" in request.headers:
        return request.headers["Sec-Fetch-Site"] == "same-origin"
    return request.headers.get("Referer", "").startswith(f"{own}/")


def asks_by_script(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Dest") == "empty"


def cookies_are_off(request: HttpRequest) -> bool:
    """Whether the browser did not send back a cookie that we set."""
    return not request.COOKIES and "cookies" in request.GET


def _signs_out(request: HttpRequest) -> bool:
    return getattr(request.resolver_match, "url_name", "") == "account_logout"


def _ask_for_cookies(request: HttpRequest, mark: str) -> str:
    return mark + urlencode({"cookies": 1}) if request.method == "POST" and not request.COOKIES else ""


def _fragment(request: HttpRequest) -> HttpResponse:
    context = {"page": page_of_form(request), "act": request.method not in SAFE}
    response = render(request, "account/_signed_out.html", context, status=401)
    response.headers[HEADER] = "1"
    return response
