"""Refused messages: staff send them again or put them aside, one or many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from members.mail_desk import failed
from members.mail_desk.views.deliveries import HANDLE, SEE, SHOWN, labeled, tabs
from members.models import Delivery
from members.models.deliveries import DeliveryQuerySet
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.text.numbers import whole
from members.web.acts import act_of
from members.web.pages import page_at

UNASKED = 25  # that many go again without a page that asks
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALL = "all"


@require_safe
@staff_page(SEE)
def staff_refused(request: HttpRequest) -> HttpResponse:
    page = page_of(Delivery.objects.refused().for_listing(), ["-pk"], request.GET, size=SHOWN)
    pages = tabs("staff_refused")
    context = {
        "page": page,
        "rows": labeled(page.rows),
        "count": next(tab["count"] for tab in pages if tab["current"]) or 0,
        "may_act": request.user.has_perm(HANDLE),
        "tabs": pages,
        **page_at("deliveries"),
    }
    return render(request, "members/staff_refused.html", context)


@act_of("staff_refused")
@staff_page(HANDLE)
def staff_refused_send(request: HttpRequest) -> HttpResponse:
    """Send the chosen ones again; asks first when they are many."""
    chosen = _chosen(request)
    count = chosen.failed().count()
    if count > UNASKED and "confirm" not in request.POST:
        context = {"count": count, "numbers": request.POST.getlist("pk"), **page_at("deliveries")}
        return render(request, "members/staff_refused_send.html", context)
    count = failed.send_again(request.user, chosen)
    if count:
        words = ngettext("%d message waits to go again.", "%d messages wait to go again.", count)
        messages.success(request, words % count)
    else:
        messages.warning(request, _("Choose messages that were refused."))
    return redirect("staff_refused")


@act_of("staff_refused")
@staff_page(HANDLE)
def staff_refused_dismiss(request: HttpRequest) -> HttpResponse:
    count, moment = failed.dismiss(request.user, _chosen(request))
    if moment is None:
        messages.warning(request, _("Choose messages that were refused."))
        return redirect("staff_refused")
    undo = reverse("staff_refused_undo", args=[(moment - EPOCH) // timedelta(microseconds=1)])
    words = ngettext("%d message is put aside.", "%d messages are put aside.", count)
    messages.success(request, words % count, extra_tags=f"undo:{undo}")
    return redirect("staff_refused")


@act_of("staff_refused")
@staff_page(HANDLE)
def staff_refused_undo(request: HttpRequest, moment: int) -> HttpResponse:
    """Take back what the same person put aside at that moment, in microseconds since 1970."""
    try:
        count = failed.bring_back(request.user, EPOCH + timedelta(microseconds=moment))
    except OverflowError as error:
        raise Http404 from error
    if count:
        messages.success(
            request, ngettext("%d message is back in the list.", "%d messages are back in the list.", count) % count
        )
    return redirect("staff_refused")


def _chosen(request: HttpRequest) -> DeliveryQuerySet:
    """By number, or with `all` every one that nobody looked after."""
    numbers = request.POST.getlist("pk")
    if ALL in numbers:
        return Delivery.objects.refused()
    return Delivery.objects.filter(pk__in=[known for number in numbers if (known := whole(number)) is not None])
