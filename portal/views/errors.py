"""Pages for what went wrong; each says what happens next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from members.web import signed_out


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of ours goes on; what another site sent in somebody's name ends here."""
    if signed_out.is_from_our_page(request):
        return signed_out.form_of_another_sign_in(request)
    return render(request, "403_csrf.html", {"no_cookies": not request.COOKIES}, status=403)
