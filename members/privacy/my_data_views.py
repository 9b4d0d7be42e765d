"""Your data: asking for all of it, and the file, for oneself alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.models import Erasure, Export
from members.privacy.holdings import holdings
from members.sign_in.access import recently_confirmed
from members.web.acts import act_of
from members.web.fragments import page_or_fragment
from members.web.pages import page_at
from members.web.rate_limits import within_limit

A_DAY = 5  # times that one person may ask


@require_safe
def settings_my_data(request: HttpRequest) -> HttpResponse:
    export = Export.objects.own(request.user).first()
    erasure = Erasure.objects.open().filter(person=request.user).first()
    context = {"export": export, "erasure": erasure, "kinds": len(holdings), **page_at("settings", section="data")}
    return page_or_fragment(request, "members/privacy/my_data.html", context, part="progress")


@act_of("settings_my_data")
@recently_confirmed
def my_data_ask(request: HttpRequest) -> HttpResponse:
    if within_limit("my_data", request.user.pk, A_DAY, 24 * 3600):
        Export.ask_own(request.user)
    else:
        messages.warning(request, _("You asked five times today. Ask again tomorrow."))
    return redirect("settings_my_data")


@require_safe
@recently_confirmed
def my_data_file(request: HttpRequest) -> HttpResponse:
    export = Export.objects.own(request.user).first()
    if not export or not export.is_ready:
        raise Http404
    try:
        file = export.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, as_attachment=True, filename=export.file_name, content_type="application/zip")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]  # the guards take it as any other
