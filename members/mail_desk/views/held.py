"""What waits for staff after a restore from a backup: how much, and whether it goes."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from members.mail.outgoing import restore_hold
from members.mail.outgoing.planning import sweep
from members.mail.scopes import scope_names
from members.mail_desk.views.deliveries import HANDLE, SEE, kind_label, tabs
from members.models import Delivery, Pipeline
from members.sign_in.access import recently_confirmed, staff_page
from members.web.acts import page_or_post
from members.web.pages import page_at

SEND, DROP = "send", "drop"


@require_safe
@staff_page(SEE)
def staff_held(request: HttpRequest) -> HttpResponse:
    pipeline = Pipeline.objects.select_related("decided_by").first()
    counts = list(
        restore_hold.held().order_by("kind", "scope").values_list("kind", "scope").annotate(count=Count("pk"))
    )
    names = scope_names(scope for _kind, scope, _count in counts)
    context = {
        "pipeline": pipeline,
        "rows": [
            (kind_label(kind, Delivery.State.QUEUED), names.get(scope, ""), count) for kind, scope, count in counts
        ],
        "count": sum(count for _kind, _scope, count in counts),
        "may_act": request.user.has_perm(HANDLE),
        "tabs": tabs("staff_held"),
        **page_at("deliveries"),
    }
    return render(request, "members/staff_held.html", context)


@page_or_post
@staff_page(HANDLE)
@recently_confirmed
def staff_held_decide(request: HttpRequest) -> HttpResponse:
    """`to` is "send" or "drop"; `before` names the restore that was asked about."""
    to = request.POST.get("to") or request.GET.get("to", "")
    if to not in (SEND, DROP):
        raise Http404
    if request.method == "POST":
        return _decide(request, to)
    before = restore_hold.held_before()
    if before is None:
        return redirect("staff_held")
    context = {"to": to, "before": before.isoformat(), "count": restore_hold.held().count(), **page_at("deliveries")}
    return render(request, "members/staff_held_decide.html", context)


def _decide(request: HttpRequest, to: str) -> HttpResponse:
    try:
        before = parse_datetime(request.POST.get("before", ""))
    except ValueError:
        before = None
    if before is None or before.tzinfo is None:
        raise Http404
    if to == SEND:
        count = restore_hold.let_go(request.user, before)
    else:
        sweep()  # what was due before and is not stored yet would come later, as if nobody had decided
        count = restore_hold.drop(request.user, before)
    if count is None:
        messages.warning(request, _("It was decided in the meantime."))
    elif to == SEND:
        messages.success(request, ngettext("%d message goes now.", "%d messages go now.", count) % count)
    else:
        messages.success(
            request, ngettext("%d message will not be sent.", "%d messages will not be sent.", count) % count
        )
    return redirect("staff_held")
