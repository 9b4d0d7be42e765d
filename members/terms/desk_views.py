"""Offices at the staff desk: corrected, ended, followed by another one, and checked."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import Office, User
from members.sign_in.access import staff_page
from members.terms import doors, offices
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at

PERM = "members.decide_application"


@page_or_post
@staff_page(PERM)
def staff_office_correct(request: HttpRequest, pk: int, office: int) -> HttpResponse:
    door = _door(request, pk)
    return doors.correct(request, door, _office(door, office))


@page_or_post
@staff_page(PERM)
def staff_office_leave(request: HttpRequest, pk: int, office: int) -> HttpResponse:
    door = _door(request, pk)
    return doors.leave(request, door, _office(door, office))


@page_or_post
@staff_page(PERM)
def staff_office_other(request: HttpRequest, pk: int, office: int) -> HttpResponse:
    """Another office instead of this one."""
    door = _door(request, pk)
    return doors.begin(request, door, _office(door, office))


@page_or_post
@staff_page(PERM)
def staff_office_add(request: HttpRequest, pk: int) -> HttpResponse:
    return doors.begin(request, _door(request, pk), None)


@act_of("staff_member", "pk")
@staff_page(PERM)
def staff_office_right(request: HttpRequest, pk: int, office: int) -> HttpResponse:
    """Still in office, as somebody heard; and what the person said of it is right, as staff see."""
    door = _door(request, pk)
    return once(request, partial(_confirm, request, door, _office(door, office)))


def _confirm(request: HttpRequest, door: doors.Door, office: Office) -> HttpResponse:
    try:
        saved = offices.confirm(office, door.by, seen=request.POST.get("seen", ""))
    except ChangedMeanwhile:
        messages.warning(request, _("This office changed in the meantime. Look again."))
    else:
        if door.by.pk != door.person.pk:
            offices.check(saved, door.by)
        messages.success(request, _("%(title)s is right, as of today.") % {"title": saved.title})
    return redirect(door.back)


def _door(request: HttpRequest, pk: int) -> doors.Door:
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    back = reverse("staff_member", args=[pk])
    return doors.Door(person, request.user, "layouts/staff.html", back, page_at("members"))


def _office(door: doors.Door, pk: int) -> Office:
    return get_object_or_404(door.person.offices.select_related("jurisdiction", "user"), pk=pk)
