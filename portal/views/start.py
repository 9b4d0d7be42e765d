"""The start page for those who are not signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from committees.models import Publication
from portal.views.issues import listed_issues


def start(request: HttpRequest) -> HttpResponse:
    """`portal.views.home` gives `/` to this when nobody is signed in."""
    news = Publication.objects.published().for_listing().in_order()[:3]
    return render(request, "portal/start.html", {"issues": listed_issues(request.user), "news": news})
