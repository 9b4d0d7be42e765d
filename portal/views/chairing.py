"""The pages from which co-chairs run their committee: what waits, how it is doing, what a successor needs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from committees.models import Committee
from committees.views.finding import find_committee
from committees.views.refusing import refuse
from members.times.clock import today
from members.web.pages import page_at
from portal.chairing.handover import pack_of
from portal.chairing.handover_pdf import pdf_of
from portal.chairing.handover_sections import sections_of
from portal.chairing.health import health_of
from portal.chairing.waiting import waiting_on_chairs

ACTS = (  # what co-chairs do, each with its page
    ("calendar-plus", "meeting_schedule", _("Schedule a call")),
    ("repeat", "series_new", _("Put calls on that repeat")),
    ("calendar-search", "find_a_time", _("Find a time")),
    ("vote", "poll_list", _("Ask which time works")),
    ("square-check", "committee_actions", _("Action items")),
    ("users", "manage_people", _("People and roles")),
    ("user-plus", "committee_requests", _("Requests to join")),
    ("chart-column", "committee_attendance", _("Who came to calls")),
    ("activity", "committee_health", _("How the committee is doing")),
    ("arrow-right-left", "committee_handover", _("Hand-over pack")),
    ("megaphone", "announcement_new", _("Announce something")),
    ("upload", "document_upload", _("Add a document")),
    ("settings", "committee_edit", _("Description, quorum and reminders")),
)
ASKING = 3  # named at once


@require_safe
def committee_manage(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits, who asks to join, and what co-chairs can do."""
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.manage_committee", committee):
        return refuse(request, committee)
    context = _page(committee) | {
        "waiting": waiting_on_chairs(committee),
        "acts": [(sign, reverse(name, args=[slug]), words) for sign, name, words in ACTS],
        "asking": committee.requests.for_listing()[:ASKING],
    }
    return render(request, "portal/committee_manage.html", context)


@require_safe
def committee_health(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.manage_committee", committee):
        return refuse(request, committee)
    return render(request, "portal/committee_health.html", _page(committee) | {"health": health_of(committee)})


@require_safe
def committee_handover(request: HttpRequest, slug: str) -> HttpResponse:
    """For whoever chairs the committee from today on: a page that also prints."""
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.manage_committee", committee):
        return refuse(request, committee)
    context = _page(committee) | {"sections": sections_of(pack_of(committee, request.user)), "today": today()}
    return render(request, "portal/committee_handover.html", context)


@require_safe
def committee_handover_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.manage_committee", committee):
        return refuse(request, committee)
    response = HttpResponse(pdf_of(pack_of(committee, request.user)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="hand-over-{committee.slug}.pdf"'
    return response


def _page(committee: Committee) -> dict[str, object]:
    return {"committee": committee, **page_at("committees", back=committee)}
