"""What waits for staff this morning."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from committees.models import JoinRequest
from events.models import Meeting
from members.mail_desk.statistics import standing
from members.models import Application, AuditEntry, Suppression, User
from members.sign_in.access import staff_page
from portal.staff.activity import sentences
from portal.staff.renames import renamed_lately
from portal.staff.stuck import stuck

FEW = 5


@require_safe
@staff_page()
def staff_today(request: HttpRequest) -> HttpResponse:
    user = request.user
    may_decide = user.has_perm("members.decide_application")
    waiting = standing()
    context = {
        "nav": "today",
        "now": now(),
        "may_decide": may_decide,
        "applications": Application.objects.visible_to(user).waiting().for_listing()[:FEW] if may_decide else [],
        "requests": JoinRequest.objects.waiting().select_related("user", "committee").order_by("asked_at")[:FEW],
        "requests_count": JoinRequest.objects.waiting().count(),
        "refused_count": waiting.refused,
        "held_count": waiting.held,
        "stuck": stuck(),
        "renamed": renamed_lately(),
        "stopped_count": Suppression.objects.open().count(),
        "members_count": User.objects.members().count(),
        "calls": Meeting.objects.for_listing(user).told().standing().upcoming()[:FEW],
        "activity": sentences(_latest(), user),
    }
    return render(request, "portal/staff/today.html", context)


def _latest() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.select_related("actor", "content_type").order_by("-at", "-id")[:FEW]
