"""Who did what, newest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.models import AuditEntry
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.web.pages import page_at
from portal.staff.activity import sentences
from portal.staff.filters import ActivityFilter


@require_safe
@staff_page("members.see_activity")
def staff_activity(request: HttpRequest) -> HttpResponse:
    entries = ActivityFilter(request.GET, AuditEntry.objects.select_related("actor", "content_type"))
    page = page_of(entries.qs, ["-at", "-id"], request.GET)
    return render(
        request,
        "portal/staff/activity.html",
        {"filter": entries, "page": page, "sentences": sentences(page.rows, request.user), **page_at("activity")},
    )
