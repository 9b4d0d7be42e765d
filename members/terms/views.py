"""Your office: what members hold, held, and say about it themselves."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.models import Office
from members.terms import doors, offices
from members.terms.listed import listed
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at


@require_safe
def settings_office(request: HttpRequest) -> HttpResponse:
    held, earlier = listed(request.user)
    context = {"held": held, "earlier": earlier, **page_at("settings", section="office")}
    return render(request, "members/terms/settings_office.html", context)


@act_of("settings_office")
def settings_office_right(request: HttpRequest, pk: int) -> HttpResponse:
    """It is right as it stands. Of a term that is over it says that another one began."""
    return once(request, partial(_confirm, request, _own(request, pk)))


def _confirm(request: HttpRequest, office: Office) -> HttpResponse:
    try:
        offices.confirm(office, request.user, seen=request.POST.get("seen", ""))
    except ChangedMeanwhile:
        messages.warning(request, _("This office changed in the meantime. Look again."))
    else:
        messages.success(request, _("Thank you. We ask again in a year."))
    return redirect("settings_office")


@page_or_post
def settings_office_correct(request: HttpRequest, pk: int) -> HttpResponse:
    return doors.correct(request, _door(request), _own(request, pk))


@page_or_post
def settings_office_leave(request: HttpRequest, pk: int) -> HttpResponse:
    return doors.leave(request, _door(request), _own(request, pk))


@page_or_post
def settings_office_other(request: HttpRequest, pk: int) -> HttpResponse:
    """Another office instead of this one."""
    return doors.begin(request, _door(request), _own(request, pk))


@page_or_post
def settings_office_add(request: HttpRequest) -> HttpResponse:
    if not request.user.is_member:
        raise PermissionDenied(_("Who isn’t a member says it in an application."))
    return doors.begin(request, _door(request), None)


def _own(request: HttpRequest, pk: int) -> Office:
    """An office of the reader that is not over. Raises Http404."""
    return get_object_or_404(request.user.offices.lasting().select_related("jurisdiction", "user"), pk=pk)


def _door(request: HttpRequest) -> doors.Door:
    page = page_at("settings", back=reverse("settings_office"), label=_("Your office"))
    return doors.Door(request.user, request.user, "layouts/member.html", reverse("settings_office"), page)
