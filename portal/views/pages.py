"""Pages about the portal itself, and what search engines may read."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from committees.models import Committee, IssueArea, Publication

SITEMAP_MOST = 5000


@login_not_required
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/about.html", {"nav": "about"})


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/privacy.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/robots.txt", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    paths = [reverse(name) for name in ("home", "issue_list", "committee_list", "about", "privacy", "accessibility")]
    paths += [issue.get_absolute_url() for issue in IssueArea.objects.exclude(published_at=None)]
    paths += [
        publication.get_absolute_url()
        for publication in Publication.objects.published().select_related("issue")[:SITEMAP_MOST]
    ]
    paths += [committee.get_absolute_url() for committee in Committee.objects.filter(confidential=False).standing()]
    addresses = [settings.SITE_URL + path for path in paths]
    return render(
        request, "portal/sitemap.xml", {"addresses": addresses}, content_type="application/xml; charset=utf-8"
    )
