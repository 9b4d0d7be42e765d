"""Signing in at another address: a code goes to the new one, word of it to the old one."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from members.accounts import codes, sessions
from members.accounts.messages import send_address_code, send_address_taken
from members.models import User
from members.settings.forms import NewAddressForm
from members.sign_in.access import once_settled, recently_confirmed
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.pages import page_at
from portal.address_change import ChangeForm

PURPOSE = "new-email"


@recently_confirmed
@once_settled
@page_or_post
def new_email(request: HttpRequest) -> HttpResponse:
    form = NewAddressForm(request.POST or None, user=request.user)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "account/email_change.html", form)
    if refused := _send(request, form.cleaned_data["email"]):
        form.add_error("email", refused)
        return _page(request, "account/email_change.html", form, status=429)
    return redirect("settings_email_code")


@recently_confirmed
@once_settled
@page_or_post
def new_email_code(request: HttpRequest) -> HttpResponse:
    email = codes.address_of(request.session, PURPOSE)
    if not email:
        return redirect("settings_email")
    form = ChangeForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            form.change(request, PURPOSE)
        except codes.Refused as refused:
            if refused.reason == "used":
                return redirect("settings_security")
            form.add_error("code", refused.words)
        except (ValidationError, IntegrityError):
            messages.error(request, _("That address belongs to another account by now, so nothing has changed."))
            return redirect("settings_email")
        else:
            sessions.end_others(request)
            messages.success(request, _("From now on you sign in with %(email)s.") % {"email": email})
            return redirect("settings_security")
    return _page(request, "account/email_change_code.html", form, email=email)


@recently_confirmed
@once_settled
@act_of("settings_email_code")
def new_email_again(request: HttpRequest) -> HttpResponse:
    email = codes.address_of(request.session, PURPOSE)
    if email and (refused := _send(request, email)):
        messages.error(request, refused)
    elif email:
        messages.success(request, _("A new code is on its way. The earlier one no longer works."))
    return redirect("settings_email_code")


def _send(request: HttpRequest, email: str) -> str:
    return codes.send_once(request, PURPOSE, email, partial(_mail_code, request, email))


def _mail_code(request: HttpRequest, email: str) -> None:
    usable = not User.objects.filter(email__iexact=email).exists()
    code = codes.issue(request, PURPOSE, email, usable=usable)
    if usable:
        send_address_code(email, request.user, code)
    else:
        send_address_taken(email, request.user)


def _page(request: HttpRequest, template: str, form: BaseForm, status: int = 200, **context: object) -> HttpResponse:
    context |= {"form": form, **page_at("settings", section="security")}
    return (
        render(request, template, context, status=status)
        if status != 200
        else kept.page(request, template, context, form)
    )
