"""For administrators: somebody's staff roles, and how they prove who they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from members.accounts import disputes, enrollment, sealed_factors
from members.applications import standing
from members.models import User
from members.sign_in.access import recently_confirmed, staff_page
from members.web import meanwhile
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at
from portal.staff.forms import AnothersAddressForm, RoleForm

APPOINT = "members.appoint"


@require_safe
@staff_page(APPOINT)
def staff_member_access(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(User, pk=pk), RoleForm())


@never_cache
@act_of("staff_member_access", "pk")
@staff_page(APPOINT)
@recently_confirmed
def staff_member_appoint(request: HttpRequest, pk: int) -> HttpResponse:
    person, form = get_object_or_404(User, pk=pk), RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, person, form)
    role, keep = form.cleaned_data["role"], form.cleaned_data["keep"]
    appoint = partial(enrollment.appoint, person, role, request.user, keep_factors=keep)
    return _with_code(request, person, appoint)


@never_cache
@act_of("staff_member_access", "pk")
@staff_page(APPOINT)
@recently_confirmed
def staff_member_forget_factors(request: HttpRequest, pk: int) -> HttpResponse:
    """The way back for a lost phone: nothing of it counts any more, and a code lets the person add another."""
    person = get_object_or_404(User, pk=pk)
    return _with_code(request, person, partial(enrollment.forget_factors, person, request.user))


@act_of("staff_member_access", "pk")
@staff_page(APPOINT)
@recently_confirmed
def staff_member_role_end(request: HttpRequest, pk: int, role: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    if person == request.user:
        raise PermissionDenied(_("Another administrator ends your roles, so that there is always one."))
    enrollment.end_role(get_object_or_404(person.appointments, pk=role), request.user)
    messages.success(request, _("That role is ended."))
    return redirect("staff_member_access", pk)


@page_or_post
@staff_page(APPOINT)
@recently_confirmed
def staff_member_email(request: HttpRequest, pk: int) -> HttpResponse:
    """For a lost mailbox: where somebody else signs in, as an administrator knows who spoke to them."""
    person = get_object_or_404(User, pk=pk)
    if person == request.user:
        return redirect("settings_email")
    form = AnothersAddressForm(request.POST or None, row=person)
    template, context = "portal/staff/member_email.html", {"person": person, "form": form, **page_at("members")}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            standing.give_email(person, given["email"], request.user, given["reason"], seen=given["seen"])
        except ChangedMeanwhile as other:
            return meanwhile.refused(request, template, context, form, other.current)
        except (ValidationError, IntegrityError):
            form.add_error("email", _("There is already an account with this email."))
        else:
            messages.success(request, _("%(name)s signs in with the new address now.") % {"name": person.name})
            return redirect("staff_member", pk)
    return meanwhile.page(request, template, context, form, person)


@act_of("staff_member_access", "pk")
@staff_page(APPOINT)
@recently_confirmed
def staff_member_email_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """It was them who took another address: the one that they left signs in no more."""
    person = get_object_or_404(User, pk=pk)
    if person == request.user:
        raise PermissionDenied(_("Another administrator settles which address is yours."))
    if disputes.settle_address(person, request.user):
        messages.success(request, _("%(name)s signs in with the new address alone now.") % {"name": person.name})
    return redirect("staff_member_access", pk)


def _with_code(request: HttpRequest, person: User, verb: Callable[[], str]) -> HttpResponse:
    """The code is shown in the answer to the post and nowhere again."""
    page = reverse("staff_member_access", args=[person.pk])

    def work() -> HttpResponse:
        code = verb()
        if code:
            context = {"person": person, "code": code, **page_at("members")}
            return render(request, "portal/staff/member_enrollment.html", context)
        messages.success(request, _("Done. %(name)s needs no enrollment code.") % {"name": person.name})
        return redirect(page)

    return once(request, work, page=page)


def _page(request: HttpRequest, person: User, form: RoleForm) -> HttpResponse:
    roles = list(person.appointments.in_force().order_by("started_on", "pk"))
    factors = list(Authenticator.objects.filter(user=person).order_by("pk"))
    for factor in factors:
        factor.is_lost = not sealed_factors.opens(factor)
    may_change = person != request.user
    context = {
        **page_at("members"),
        "person": person,
        "form": form,
        "roles": roles,
        "factors": factors,
        "is_disputed": disputes.is_open(person),
        "may_change": may_change,
        "may_keep": bool(factors and not roles),
        "may_forget": may_change and bool(roles or factors),
    }
    return render(request, "portal/staff/member_access.html", context)
