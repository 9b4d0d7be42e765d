"""Looking a government up by name: a list for the field somebody types in, and a plain search page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.accounts import devices
from members.places.governments import look_up
from members.web.rate_limits import within_limit

MOST_ON_PAGE = 60
MOST_A_MINUTE = 300  # from one network: a room full of people who type


@login_not_required
@require_safe
def jurisdiction_search(request: HttpRequest) -> HttpResponse:
    """`q` is what was typed; `prefer` a kind to put first."""
    text = request.GET.get("q", "").replace("\0", "")[:200].strip()
    prefer = request.GET.get("prefer", "")
    if text and not within_limit("places", devices.network_of(request), MOST_A_MINUTE):
        response = render(request, "429.html", status=429)
        response["Retry-After"] = "60"
        return response
    if request.htmx:
        return render(request, "members/_jurisdiction_options.html", {"places": look_up(text, prefer), "text": text})
    places = look_up(text, prefer, MOST_ON_PAGE + 1)
    return render(
        request,
        "members/jurisdiction_search.html",
        {"places": places[:MOST_ON_PAGE], "more": len(places) > MOST_ON_PAGE, "text": text},
    )
