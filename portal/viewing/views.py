"""Beginning to see the portal as one member does, and stopping."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from members.models import User
from members.sign_in.access import recently_confirmed, staff_page
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.pages import page_at
from portal.viewing import looking
from portal.viewing.forms import LookForm


@page_or_post
@staff_page("members.decide_application")
@recently_confirmed
def staff_look_as(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks why, and tells that the member will read it."""
    person = get_object_or_404(User.objects.visible_to(request.user).with_standing(), pk=pk)
    if not request.user.has_perm("members.look_as", person):
        raise PermissionDenied(
            _("You see the portal as members do who hold no staff role. Of others of staff an administrator does.")
        )
    form = LookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        looking.begin(request, person, form.cleaned_data["reason"])
        return redirect("home")
    return kept.page(request, "portal/viewing/begin.html", {"person": person, "form": form, **page_at("members")}, form)


@act_of("home")
def staff_look_stop(request: HttpRequest) -> HttpResponse:
    """Back to one's own eyes, on the page of whoever it was."""
    person = looking.stop(request)
    if person is None:
        return redirect("home")
    messages.success(request, _("You see the portal with your own eyes again."))
    return redirect("staff_member", person.pk)
