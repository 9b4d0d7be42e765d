"""The public face: issues, what is published about them, and the way into their committees."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from committees.headcounts import headcount
from committees.models import Committee, IssueArea, Membership, Publication
from events.models import Meeting
from members.models import User
from members.queries.paging import page_of
from members.queries.prepared import prepared

NEWS = 4
PAGE = 20


@login_not_required
@require_safe
def issue_list(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/issue_list.html", {"issues": listed_issues(request.user), "nav": "issues"})


def listed_issues(user: User) -> QuerySet[IssueArea]:
    """Each with its `steering` committees, whose quilt block it wears."""
    steering = Committee.objects.standing().filter(confidential=False, kind=Committee.Kind.STEERING).order_by("name")
    return IssueArea.objects.visible_to(user).prefetch_related(Prefetch("committees", steering, to_attr="steering"))


@login_not_required
@require_safe
def issue_detail(request: HttpRequest, slug: str) -> HttpResponse:
    issue = next(iter(_issue(request.user, slug)), None)
    if issue is None:
        raise Http404
    report = next(iter(_reports(issue.pk)), None)
    news = _news(issue.pk, report.pk if report else None)
    for publication in (report, *news) if report else news:
        publication.issue = issue
    context = {"issue": issue, "report": report, "news": news, "nav": "issues"}
    return render(request, "portal/issue_detail.html", context | _committees(issue, request.user))


@prepared
def _issue(user: User, slug: str) -> QuerySet[IssueArea]:
    return IssueArea.objects.visible_to(user).filter(slug=slug)


@prepared
def _reports(issue: int) -> QuerySet[Publication]:
    reports = Publication.objects.published().filter(issue=issue, type=Publication.Type.REPORT)
    return reports.order_by("-featured", "-dated_on", "-pk")[:1]


@prepared
def _news(issue: int, report: int | None) -> QuerySet[Publication]:
    return (
        Publication.objects.published()
        .filter(issue=issue)
        .exclude(pk=report)  # type: ignore[misc]
        .order_by("-featured", "-dated_on", "-pk")[:NEWS]
    )


def _committees(issue: IssueArea, user: User) -> dict[str, object]:
    """The committee that steers the issue, with its people; and the issue's others."""
    committees = sorted(_of_issue(user, issue.pk), key=_steering_first)
    if not committees:
        return {}
    committee = committees[0]
    if user.is_authenticated:
        committee.know_role(user, committee.my_role)
    call = next(iter(_public_call(committee.pk)), None)
    return {
        "committee": committee,
        "others": committees[1:],
        "chairs": _chairs(committee.pk),
        "headcount": headcount(committee.pk),
        "call": call,
        "way_in": committee.way_in(user),
    }


@prepared
def _of_issue(user: User, issue: int) -> QuerySet[Committee]:
    return Committee.objects.for_listing(user).filter(issue=issue, confidential=False)


@prepared
def _public_call(committee: int) -> QuerySet[Meeting]:
    return Meeting.objects.told().filter(committee=committee, public=True).standing().upcoming()[:1]


@prepared
def _chairs(committee: int) -> QuerySet[Membership]:
    return Membership.objects.filter(committee=committee).for_listing().chairs()


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
    return render(
        request,
        "portal/publication_detail.html",
        {"publication": publication, "issue": publication.issue, "more": more, "nav": "issues"},
    )
