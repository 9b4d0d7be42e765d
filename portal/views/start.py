"""The start page for those who are not signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from committees.models import IssueArea, Publication


def start(request: HttpRequest) -> HttpResponse:
    """`portal.views.home` gives `/` to this when nobody is signed in."""
    issues = IssueArea.objects.visible_to(request.user)
    news = Publication.objects.published().select_related("issue").order_by("-featured", "-dated_on", "-pk")[:3]
    return render(request, "portal/start.html", {"issues": issues, "news": news})
