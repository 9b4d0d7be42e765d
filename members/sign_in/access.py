"""The guards of pages: the staff desk, and what must not be done from a device left open."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

from members.accounts import disputes, sessions
from members.web import kept, unsent
from members.web.acts import page_of_form

UNSETTLED = _(
    "Somebody said that a change of your email was not you. Until staff settle it, how you sign in stays as it is."
)
View = Callable[..., HttpResponse]


def staff_page(perm: str = "members.use_staff_desk") -> Callable[[View], View]:
    """Let in staff who hold `perm` and signed in with a second factor or a passkey.

    Others learn nothing (404); staff who signed in by code alone learn how to add the second step (403).
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated or not request.user.is_staff_member:
                raise Http404
            if not request.user.may_act_as_staff:
                return one_more_step(request)
            if not request.user.has_perm(perm):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


def recently_confirmed(view: View) -> View:
    """Ask people to prove again who they are, unless they did in the last quarter of an hour."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return ask_for_proof(request) or view(request, *args, **kwargs)

    return guarded


def once_settled(view: View) -> View:
    """Refuse to change how the account signs in while an address of it waits for an administrator: two people may sign in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not disputes.is_open(request.user):
            return view(request, *args, **kwargs)
        messages.error(request, UNSETTLED)
        return redirect("settings_security")

    return guarded


def ask_for_proof(request: HttpRequest) -> HttpResponse | None:
    """The way to the page that asks who one is, None for who proved it lately. What was posted goes on afterwards."""
    if sessions.is_recent(request):
        return None
    if request.method == "POST":
        unsent.keep(request, needs_account=True, proof=unsent.RECENT)
    address = f"{reverse('account_reauthenticate')}?{urlencode({'next': page_of_form(request)})}"
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", False) else kept.came_back(redirect(address))


def one_more_step(request: HttpRequest) -> HttpResponse:
    """403 for staff whose session is not strong (any more); what was posted goes on afterwards."""
    if request.method == "POST":
        unsent.keep(request, needs_account=True, proof=unsent.STRONG)
    context = {"query": urlencode({"next": page_of_form(request)}), "has_factor": sessions.has_factor(request.user)}
    return render(request, "members/second_step_needed.html", context, status=403)
