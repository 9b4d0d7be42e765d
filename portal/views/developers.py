"""The page for people who write programs."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from members.rest.pages import Pages
from members.web.pages import public_page
from portal import developers as told


@public_page
@require_safe
def developers(request: HttpRequest) -> HttpResponse:
    rates = {name: rate.partition("/")[0] for name, rate in settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"].items()}
    context = {
        "base": told.base(),
        "schema": settings.SITE_URL + reverse("api_schema"),
        "python": told.python(),
        "examples": told.EXAMPLES,
        "rates": rates,
        "rows": {"usual": Pages.default_limit, "most": Pages.max_limit},
        "tokens": settings.REST_KNOX["TOKEN_LIMIT_PER_USER"],
    }
    return render(request, "portal/developers.html", context)
