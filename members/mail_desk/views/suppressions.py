"""Addresses that get no more mail: the list for staff, and the one button, theirs and the person's own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.mail_desk.views.deliveries import HANDLE, SEE, tabs
from members.models import Suppression
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.web.acts import act_of
from members.web.pages import page_at

PAGE = 100


@require_safe
@staff_page(SEE)
def staff_suppressions(request: HttpRequest) -> HttpResponse:
    page = page_of(Suppression.objects.open().for_listing(), ["-pk"], request.GET, size=PAGE)
    context = {"page": page, "rows": page.rows, "tabs": tabs("staff_suppressions"), **page_at("deliveries")}
    return render(request, "members/staff_suppressions.html", context)


@act_of("staff_suppressions")
@staff_page(HANDLE)
def staff_suppression_lift(request: HttpRequest, pk: int) -> HttpResponse:
    suppression = get_object_or_404(Suppression, pk=pk)
    if suppression.lift(request.user):
        messages.success(request, _("We write to this address again. If mail comes back, it stops again."))
    else:
        messages.info(request, _("Somebody said so already: we write to this address."))
    back = request.POST.get("next", "")
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if safe else "staff_suppressions")


@act_of("settings")
def email_works(request: HttpRequest) -> HttpResponse:
    """The person says that their own address works, or that our mail is wanted after all."""
    suppression = Suppression.objects.of(request.user)
    if suppression and suppression.lift(request.user):
        messages.success(request, _("Thanks. We write to %(email)s again.") % {"email": request.user.email})
    return redirect("home")
