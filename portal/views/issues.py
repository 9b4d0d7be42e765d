"""The public face: issues, what is published about them, and the way into their committees."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from committees.models import Committee, IssueArea, Publication
from events.models import Meeting
from members.paging import page_of
from members.models import User

NEWS = 4
PAGE = 20


@login_not_required
@require_safe
def issue_list(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/issue_list.html", {"issues": IssueArea.objects.visible_to(request.user), "nav": "issues"})


@login_not_required
@require_safe
def issue_detail(request: HttpRequest, slug: str) -> HttpResponse:
    issue = get_object_or_404(IssueArea.objects.visible_to(request.user), slug=slug)
    publications = issue.publications.published()
    report = publications.filter(type=Publication.Type.REPORT).order_by("-featured", "-dated_on", "-pk").first()
    news = publications.exclude(pk=report.pk if report else None).order_by("-featured", "-dated_on", "-pk")[:NEWS]
    context = {"issue": issue, "report": report, "news": news, "nav": "issues"}
    return render(request, "portal/issue_detail.html", context | _committees(issue, request.user))


def _committees(issue: IssueArea, user: User) -> dict[str, object]:
    """The committee that steers the issue, with its people; and the issue's others."""
    committees = sorted(Committee.objects.for_listing(user).filter(issue=issue, confidential=False), key=_steering_first)
    if not committees:
        return {"committees": []}
    committee = committees[0]
    if user.is_authenticated:
        committee.know_role(user, committee.my_role)
    states = committee.memberships.by_state(user)
    call = Meeting.objects.filter(committee=committee, public=True).standing().upcoming().first()
    return {
        "committees": committees,
        "committee": committee,
        "others": committees[1:],
        "chairs": list(committee.memberships.for_listing().chairs()),
        "state_count": len(states),
        "call": call,
        "role": committee.role_of(user),
    }


def _steering_first(committee: Committee) -> tuple[bool, str]:
    return committee.kind != Committee.Kind.STEERING, committee.name


@login_not_required
@require_safe
def publication_list(request: HttpRequest, slug: str) -> HttpResponse:
    """All that is published about an issue, newest first."""
    issue = get_object_or_404(IssueArea.objects.visible_to(request.user), slug=slug)
    publications = issue.publications.published()
    page = page_of(publications, ("-dated_on", "-pk"), request.GET, size=PAGE)
    return render(request, "portal/publication_list.html", {"issue": issue, "page": page, "nav": "issues"})


@login_not_required
@require_safe
def publication_detail(request: HttpRequest, slug: str, publication_slug: str) -> HttpResponse:
    publications = Publication.objects.visible_to(request.user).select_related("issue", "author")
    publication = get_object_or_404(publications, issue__slug=slug, slug=publication_slug)
    more = publication.issue.publications.published().exclude(pk=publication.pk).order_by("-dated_on", "-pk")[:3]
    return render(request, "portal/publication_detail.html", {"publication": publication, "issue": publication.issue, "more": more, "nav": "issues"})
