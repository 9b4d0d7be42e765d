"""The public face: issues, what is published about them, and the way into their committees."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from committees.headcounts import headcount
from committees.models import Committee, IssueArea, Membership, Publication
from events.calendar.rhythm import rhythm_of
from events.models import Meeting
from members.models import User
from members.queries.paging import page_of
from members.queries.prepared import prepared
from members.web.pages import page_at, public_page
from portal.feeds import publication_feed
from portal.linked_data import article, event
from portal.statemap import NAMES

NEWS = 4
MORE_REPORTS = 3
RELATED = 3
PAGE = 20


@public_page
@require_safe
def issue_list(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/issue_list.html", {"issues": listed_issues(request.user), **page_at("issues")})


def listed_issues(user: User) -> QuerySet[IssueArea]:
    """Each with its `steering` committees, whose quilt block it wears."""
    steering = Committee.objects.not_archived().not_confidential().steering().order_by("name")
    return IssueArea.objects.visible_to(user).prefetch_related(Prefetch("committees", steering, to_attr="steering"))


@public_page
@require_safe
def issue_detail(request: HttpRequest, slug: str) -> HttpResponse:
    issue = next(iter(_issue(request.user, slug)), None)
    if issue is None:
        raise Http404
    reports = _reports(issue.pk)
    context = {
        "issue": issue,
        "report": next(iter(reports), None),
        "more_reports": reports[1:],
        "news": _news(issue.pk),
        **page_at("issues"),
    }
    return render(request, "portal/issue_detail.html", context | _committees(issue, request.user))


@prepared
def _issue(user: User, slug: str) -> QuerySet[IssueArea]:
    return IssueArea.objects.visible_to(user).filter(slug=slug).select_related("picture")


@prepared
def _reports(issue: int) -> QuerySet[Publication]:
    """The one shown large, and more."""
    reports = Publication.objects.published().about(issue).reports()
    return reports.for_listing().in_order()[: 1 + MORE_REPORTS]


@prepared
def _news(issue: int) -> QuerySet[Publication]:
    stories = Publication.objects.published().about(issue).stories()
    return stories.for_listing().in_order()[:NEWS]


def _committees(issue: IssueArea, user: User) -> dict[str, object]:
    """The committee that steers the issue, with its people; and the issue's others."""
    committees = sorted(_of_issue(user, issue.pk), key=_steering_first)
    if not committees:
        return {}
    committee = committees[0]
    if user.is_authenticated:
        committee.know_role(user, committee.my_role)
    call = next(iter(_public_call(committee.pk)), None)
    if call:
        call.committee = committee
    return {
        "committee": committee,
        "others": committees[1:],
        "chairs": _chairs(committee.pk),
        "headcount": headcount(committee.pk),
        "call": call,
        "rhythm": _rhythm(committee, user),
        "linked_data": event(call) if call else None,
        "way_in": committee.way_in(user),
        "is_member": user.is_authenticated and user.is_member,
    }


def _rhythm(committee: Committee, user: User) -> str:
    """By the reader's clock, or by the committee's for who has none with us."""
    with timezone.override(user.timezone if user.is_authenticated else committee.timezone):
        return committee.usually if committee.series_rhythm else rhythm_of(committee.pk) or committee.usually


@prepared
def _of_issue(user: User, issue: int) -> QuerySet[Committee]:
    return Committee.objects.for_listing(user).filter(issue=issue).not_confidential()


@prepared
def _public_call(committee: int) -> QuerySet[Meeting]:
    return Meeting.objects.told().made_public().of_committee(committee).not_cancelled().upcoming()[:1]


@prepared
def _chairs(committee: int) -> QuerySet[Membership]:
    return Membership.objects.filter(committee=committee).for_listing().chairs()


def _steering_first(committee: Committee) -> tuple[bool, str]:
    return committee.kind != Committee.Kind.STEERING, committee.name


@login_not_required
@require_safe
def issue_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """For readers of feeds, who are nobody in particular: of a published issue alone."""
    issue = get_object_or_404(IssueArea.objects.published(), slug=slug)
    return publication_feed(request, issue=issue)


@public_page
@require_safe
def publication_list(request: HttpRequest, slug: str) -> HttpResponse:
    """All that is published about an issue, newest first."""
    issue = get_object_or_404(IssueArea.objects.visible_to(request.user), slug=slug)
    publications = Publication.objects.published().about(issue).for_listing()
    page = page_of(publications, ("-dated_on", "-pk"), request.GET, size=PAGE)
    return render(request, "portal/publication_list.html", {"issue": issue, "page": page, **page_at("issues")})


@public_page
@require_safe
def publication_detail(request: HttpRequest, slug: str, publication_slug: str) -> HttpResponse:
    visible = Publication.objects.visible_to(request.user).select_related("issue", "author", "picture")
    publication = visible.filter(issue__slug=slug, slug=publication_slug).first()
    if publication is None:
        moved = get_object_or_404(visible.once_at(slug, publication_slug))
        return redirect(moved, permanent=True)
    others = IssueArea.objects.visible_to(request.user).filter(touched_by=publication)
    context = {
        "publication": publication,
        "issue": publication.issue,
        "issues": [publication.issue, *others],
        "states": [NAMES.get(state, state) for state in publication.states],
        "more": Publication.objects.published().for_listing().related_to(publication)[:RELATED],
        "linked_data": article(publication),
        **page_at("issues"),
    }
    return render(request, "portal/publication_detail.html", context)
