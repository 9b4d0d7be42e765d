"""Asking to be erased, and keeping everything instead: for oneself in Settings, and for staff on somebody's behalf."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import Erasure, User
from members.models.erasures import WAITS, refuse_last, refuse_merged
from members.privacy import erasing
from members.privacy.holdings import holdings
from members.sign_in.access import recently_confirmed, staff_page
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.once import once
from members.web.pages import page_at


@page_or_post
@recently_confirmed
def my_data_erase(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return once(request, partial(_ask, request, request.user, "settings_my_data"))
    back = page_at("settings", back=reverse("settings_my_data"), label=_("Your data"))
    return kept.page(request, "members/privacy/erase.html", context_of(request.user, request.user) | back)


@act_of("settings_my_data")
def my_data_keep(request: HttpRequest) -> HttpResponse:
    """Without a proof: keeping takes nothing from anybody."""
    if Erasure.keep(request.user, request.user):
        messages.success(request, _("Everything stays as it is."))
    return redirect("settings_my_data")


@page_or_post
@staff_page("members.decide_application")
@recently_confirmed
def staff_member_erase(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if request.method == "POST":
        return once(request, partial(_ask, request, person, "staff_member_erase", pk))
    context = context_of(person, request.user) | page_at("members")
    return kept.page(request, "members/privacy/staff_erase.html", context)


@act_of("staff_member_erase", "pk")
@staff_page("members.decide_application")
def staff_member_keep(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if Erasure.keep(person, request.user):
        messages.success(request, _("Nothing of %(name)s is erased.") % {"name": person.name})
    return redirect("staff_member", pk)


def context_of(person: User, reader: User) -> dict[str, Any]:
    """What goes, what stays and why, and how it stands."""
    kept_rows = [(each.rows(person).count(), each.keeps) for each in holdings.values() if each.keeps]
    return {
        "person": person,
        "erasure": Erasure.objects.open().filter(person=person).first(),
        "refused": refuse_last(person),
        "stays": [(number, words) for number, words in kept_rows if number],
        "days": WAITS.days,
        "backup_days": settings.BACKUPS_KEPT_DAYS,
        "is_own": person == reader,
    }


def _ask(request: HttpRequest, person: User, page: str, *args: Any) -> HttpResponse:
    erasing.ask(person, request.user)
    return redirect(page, *args)


def _person(request: HttpRequest, pk: int) -> User:
    person = get_object_or_404(User.objects.select_related("profile"), pk=pk)
    if not request.user.has_perm("members.decide_standing", person) or person.is_erased:
        raise PermissionDenied(_("Nobody erases themselves here, and whoever is staff is an administrator’s to erase."))
    refuse_merged(person)
    return person
