"""Pages about the portal itself, and what search engines may read."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from committees.models import Committee, IssueArea, Publication
from members.web.pages import page_at, public_page
from portal.feeds import publication_feed

SITEMAP_MOST = 5000
DAY = 24 * 60 * 60  # seconds
PAGES = ("home", "issue_list", "committee_list", "about", "privacy", "accessibility", "developers")


@public_page
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/about.html", page_at("about"))


@public_page
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/privacy.html", {"days": settings.SESSION_COOKIE_AGE // DAY})


@public_page
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/robots.txt", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    return publication_feed(request)


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    paths: list[tuple[str, datetime | None]] = [(reverse(name), None) for name in PAGES]
    paths += [(issue.get_absolute_url(), None) for issue in IssueArea.objects.published()]
    published = Publication.objects.published().select_related("issue")[:SITEMAP_MOST]
    paths += [(each.get_absolute_url(), each.published_at) for each in published]
    committees = Committee.objects.not_confidential().not_archived()
    paths += [(committee.get_absolute_url(), None) for committee in committees]
    addresses = [(settings.SITE_URL + path, changed) for path, changed in paths]
    return render(
        request, "portal/sitemap.xml", {"addresses": addresses}, content_type="application/xml; charset=utf-8"
    )
