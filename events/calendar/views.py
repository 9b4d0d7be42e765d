"""The calendar feed and the settings page about it."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import Committee
from events.calendar import feeds, web_links
from events.calendar.forms import CalendarForm
from events.models import CalendarFeed
from members.web import kept, saving
from members.web.acts import page_or_post
from members.web.once import once
from members.web.pages import page_at
from members.web.rate_limits import is_guessing


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """A member's calls as a calendar: the address alone lets in, and an unchanged calendar is answered without making it."""
    found = feeds.owner(token)
    if found is None:
        if is_guessing(request, "feed"):
            return render(request, "429.html", status=429)
        raise Http404
    person, number = found
    if request.method == "GET":
        feeds.note_reading(person, number, request.headers.get("User-Agent", ""))
    version = feeds.version(person)
    etag, changed_at = f'"{version}"', feeds.changed_at(person, version)
    response = get_conditional_response(request, etag, changed_at)
    if response is None:
        response = HttpResponse(feeds.calendar(person), content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="calls.ics"'
    response["ETag"], response["Last-Modified"] = etag, http_date(changed_at)
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@page_or_post
def settings_calendar(request: HttpRequest) -> HttpResponse:
    """How calls come into the calendar; the address of the feed, ways to add it, and who read it last."""
    person = request.user
    if not person.is_member:
        raise Http404
    form = CalendarForm(request.POST or None, user=person)
    if answer := saving.answered(request, form, _("Your calendar choices are saved."), "settings_calendar"):
        return answer
    number = feeds.number_of(person)
    address = feeds.address(person, number)
    context = {
        **page_at("settings", section="calendar"),
        "form": form,
        "way": CalendarFeed.of(person).way,
        "address": address,
        "webcal": feeds.webcal(address),
        "subscribe": web_links.subscribing(address),
        "reading": feeds.last_reading(person, number),
        "has_committees": Committee.objects.of(person).exists(),
    }
    return kept.page(request, "events/settings_calendar.html", context, form)


@page_or_post
def settings_calendar_new(request: HttpRequest) -> HttpResponse:
    """Another address instead of the one that holds, after a page that says what happens."""
    if not request.user.is_member:
        raise Http404
    if request.method != "POST":
        return render(request, "events/settings_calendar_new.html", page_at("settings", section="calendar"))
    return once(request, partial(_renew, request), keyless=False)


def _renew(request: HttpRequest) -> HttpResponse:
    CalendarFeed.renew(request.user)
    messages.success(request, _("You have a new address. The old one stopped working."))
    return redirect("settings_calendar")
