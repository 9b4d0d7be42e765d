"""What waits for staff this morning."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from committees.models import JoinRequest
from events.models import Meeting
from members.mail_desk.statistics import backlog
from members.mail_desk.views.deliveries import CONTACT
from members.models import Application, AuditEntry, InboundMail, PossibleDuplicate, Suppression, User
from members.sign_in.access import staff_page
from members.web.pages import page_at
from portal.staff import today
from portal.staff.activity import sentences
from portal.staff.jobs import jobs
from portal.staff.radar import how_many_over
from portal.staff.renames import renamed_lately
from portal.staff.stuck import stuck

FEW = 5


@require_safe
@staff_page()
def staff_today(request: HttpRequest) -> HttpResponse:
    user, waiting = request.user, backlog()
    decides = user.has_perm("members.decide_application")
    applications = list(Application.objects.visible_to(user).to_decide().for_listing()[:FEW]) if decides else []
    applications_count = Application.objects.to_decide().count() if decides else 0
    requests = list(JoinRequest.objects.waiting().select_related("user", "committee").order_by("asked_at")[:FEW])
    calls = Meeting.objects.for_listing(user).told().not_cancelled().upcoming()[:FEW]
    counts = [
        today.requests_count(JoinRequest.objects.waiting().count(), next(iter(requests), None)),
        today.refused_count(waiting.refused),
        *_mail_waiting(user),
        *today.stopped_count(Suppression.objects.open().count()),
        *today.terms_count(how_many_over().count()),
        *_duplicates(user),
        today.members_count(User.objects.members().count()),
    ]
    sections = [today.requests(requests), *today.new_names(renamed_lately()), today.calls(calls)]
    if decides:
        counts.insert(0, today.applications_count(applications_count, next(iter(applications), None)))
        sections.insert(0, today.applications(applications))
    context = {
        **page_at("today"),
        "now": now(),
        "applications_count": applications_count,
        "held_count": waiting.held,
        "stuck": [*stuck(), *jobs(user)],
        "counts": counts,
        "sections": sections,
        "activity": sentences(_latest(), user),
    }
    return render(request, "portal/staff/today.html", context)


def _mail_waiting(user: User) -> Iterator[today.Count]:
    """Who wrote what is for those who may see contact details."""
    if user.has_perm(CONTACT):
        oldest = InboundMail.objects.waiting().counted().defer("raw").order_by("pk").first()
        yield from today.mail_count(oldest.among if oldest else 0, oldest)


def _duplicates(user: User) -> Iterator[today.Count]:
    if user.has_perm("members.merge_people"):
        yield from today.duplicates_count(PossibleDuplicate.objects.waiting().count())


def _latest() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.select_related("actor", "content_type").order_by("-at", "-id")[:FEW]
