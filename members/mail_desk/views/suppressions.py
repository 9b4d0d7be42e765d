"""Addresses that get no more mail: the list for staff, and the one button, theirs and the person's own."""

from __future__ import annotations

from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from members.mail_desk import suppressed_lists
from members.mail_desk.views.deliveries import CONTACT, HANDLE, SEE, tabs
from members.models import AuditEntry, Suppression
from members.queries.paging import page_of
from members.sign_in.access import recently_confirmed, staff_page
from members.web import kept, plain_forms
from members.web.acts import act_of, page_or_post
from members.web.body_limits import LONG_TEXT, takes_body
from members.web.once import once
from members.web.pages import page_at
from members.web.tables import csv_file

PAGE = 100


@require_safe
@staff_page(SEE)
def staff_suppressions(request: HttpRequest) -> HttpResponse:
    page = page_of(Suppression.objects.open().for_listing(), ["-pk"], request.GET, size=PAGE)
    context = {"page": page, "rows": page.rows, "tabs": tabs("staff_suppressions"), **page_at("deliveries")}
    context["may_take"] = request.user.has_perm(CONTACT)
    return render(request, "members/staff_suppressions.html", context)


@act_of("staff_suppressions")
@staff_page(CONTACT)
@recently_confirmed
def staff_suppressions_file(request: HttpRequest) -> HttpResponse:
    """All of them with their addresses, as a file; the log says so."""
    AuditEntry.record(request.user, "took addresses without mail", request.user)
    return csv_file("addresses-without-mail.csv", suppressed_lists.HEAD, suppressed_lists.rows())


@takes_body(LONG_TEXT)
@page_or_post
@staff_page(CONTACT)
def staff_suppressions_import(request: HttpRequest) -> HttpResponse:
    """The file first, then what it would do; `lines` are the addresses of which that page told."""
    if request.method == "POST" and "lines" in request.POST:
        return once(request, partial(_stop_all, request))
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    context = {"form": form, **page_at("deliveries")}
    if request.method == "POST" and form.is_valid():
        return render(request, "members/mail_desk/list_read.html", context | {"reading": form.cleaned_data["file"]})
    return kept.page(request, "members/mail_desk/list_new.html", context, form)


def _stop_all(request: HttpRequest) -> HttpResponse:
    stopped = suppressed_lists.stop_all(request.POST["lines"], request.user)
    words = ngettext("Mail to %(n)s address is stopped.", "Mail to %(n)s addresses is stopped.", stopped)
    messages.success(request, words % {"n": stopped})
    return redirect("staff_suppressions")


class ListForm(plain_forms.Form):
    """A list of addresses that get no mail elsewhere; the clean value of `file` is what it would do."""

    asks = {"file": gettext_lazy("Choose the list")}

    file = forms.FileField(
        label=gettext_lazy("List"),
        help_text=gettext_lazy(
            "CSV with a column for the address and one for the reason (bounce, complaint, refused); a day if there is one."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
    )

    def clean_file(self) -> suppressed_lists.Reading:
        return suppressed_lists.read(self.cleaned_data["file"].read())


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
