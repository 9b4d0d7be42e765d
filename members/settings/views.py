"""What people set about themselves: details, notifications, privacy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.settings.forms import DetailsForm, PrivacyForm
from members.settings.looks import looks_at
from members.web import kept, saving
from members.web.acts import page_or_post
from members.web.pages import page_at


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    return redirect("settings_details")


@page_or_post
def details(request: HttpRequest) -> HttpResponse:
    form = DetailsForm(request.POST or None, instance=request.user)
    if form.errors:
        request.user.refresh_from_db()  # the page around the form shows what is saved
    if answer := saving.answered(request, form, _("Your details are saved."), "settings_details"):
        return answer
    context = {"form": form, **page_at("settings", section="details")}
    return kept.page(request, "members/settings_details.html", context, form)


@page_or_post
def privacy(request: HttpRequest) -> HttpResponse:
    form = PrivacyForm(request.POST or None, instance=request.user.profile)
    if answer := saving.answered(request, form, _("Your privacy choices are saved."), "settings_privacy"):
        return answer
    context = {"form": form, "looks": looks_at(request.user), **page_at("settings", section="privacy")}
    return kept.page(request, "members/settings_privacy.html", context, form)
