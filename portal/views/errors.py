"""Pages for what went wrong; each says what happens next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from members.rest import problems
from members.web import signed_out


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of ours goes on; what another site sent in somebody's name ends here."""
    if signed_out.is_from_our_page(request):
        return signed_out.form_of_another_sign_in(request)
    return render(request, "403_csrf.html", {"no_cookies": not request.COOKIES}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if problems.is_for_program(request):
        return problems.respond_with(400, _("The request can’t be read."))
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if problems.is_for_program(request):
        return problems.respond_with(403, _("You may not do this."))
    return defaults.permission_denied(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if problems.is_for_program(request):
        return problems.respond_with(500, _("The fault is ours, and we have been told."))
    return defaults.server_error(request)
