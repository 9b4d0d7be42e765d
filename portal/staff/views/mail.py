"""Handing on email that needs somebody: to a colleague, or to the co-chairs of a committee."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from members.correspondence import waiting
from members.mail_desk.views.deliveries import CONTACT
from members.mail_desk.views.waiting import somebody_was_faster, waiting_mail
from members.models import InboundMail
from members.sign_in.access import staff_page
from members.web import kept
from members.web.acts import page_or_post
from members.web.once import once
from members.web.pages import page_at
from portal.staff.forms import HandOnForm


@page_or_post
@staff_page(CONTACT)
def staff_inbound_hand_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Its words go to them by email, without an address, and what they write back goes to whoever wrote it."""
    mail = waiting_mail(pk)
    if mail.state != InboundMail.State.WAITING:
        return somebody_was_faster(request, mail)
    form = HandOnForm(request.POST if request.method == "POST" else None, by=request.user)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_hand_on, request, mail, form), keyless=False)
    words = {"title": _("Hand on an email"), "act": _("Hand it on")}
    context = {"mail": mail, "form": form, **words, **page_at("deliveries")}
    return kept.page(request, "portal/staff/inbound_hand_on.html", context, form)


def _hand_on(request: HttpRequest, mail: InboundMail, form: HandOnForm) -> HttpResponse:
    if not waiting.hand_on(mail, request.user, form.people(), scope=form.scope()):
        return somebody_was_faster(request, mail)
    messages.success(request, _("It is on its way to %(name)s.") % {"name": form.name()})
    return redirect("staff_inbound_mail", mail.pk)
