"""What a page asks about its session, and throwing away what waits to be sent."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.sign_in.views import next_of
from members.web import unsent
from members.web.acts import act_of


@login_not_required
@require_safe
def standing(request: HttpRequest) -> JsonResponse:
    """For scripts of our own pages: who is signed in now, and the token that a form needs now."""
    return JsonResponse({"account": unsent.mark_of(request.user), "token": get_token(request)})


@login_not_required
@act_of("home")
def forget(request: HttpRequest) -> HttpResponse:
    """Only what this visitor may see is thrown away."""
    chosen = request.POST.get("copy", "")
    gone = [each for each in unsent.found(request) if each.key == chosen and each.is_open_to(request.user)]
    unsent.forget(request, gone)
    if gone:
        messages.success(request, _("Thrown away. Nothing was sent."))
    return redirect(next_of(request) or "home")
