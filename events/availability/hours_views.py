"""The settings page of one's hours for calls, and the page of one council night."""

from __future__ import annotations

from datetime import time
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from events.availability.council import guesses, words_of
from events.availability.hours_forms import OF_THE_MONTH, HoursForm, NightForm
from members.models import CallHours, CouncilNight
from members.text.numbers import key_of
from members.web import kept, saving
from members.web.acts import page_or_post
from members.web.once import once
from members.web.pages import page_at
from members.web.plain_forms import in_plain_words

AT = page_at("settings", section="hours")


@page_or_post
def settings_hours(request: HttpRequest) -> HttpResponse:
    """On which days from when to when one can usually take a call, and when one's council meets."""
    if not request.user.is_member:
        raise Http404
    if "forget" in request.POST:
        CallHours.forget(request.user)
        messages.success(request, _("Your hours are forgotten."))
        return redirect("settings_hours")
    form = HoursForm(request.POST or None, user=request.user)
    if answer := saving.answered(request, form, _("Your hours are saved."), "settings_hours"):
        return answer
    nights = list(request.user.council_nights.all())
    context = {
        **AT,
        "form": form,
        "nights": [(night, words_of(night)) for night in nights],
        "guesses": guesses(request.user, nights),
        "may_add": len(nights) < CouncilNight.MOST,
    }
    return kept.page(request, "events/settings_hours.html", context, form)


@page_or_post
def council_night(request: HttpRequest) -> HttpResponse:
    """A night to add, or with `?night=` one to change or remove; a guess fills the form."""
    if not request.user.is_member:
        raise Http404
    night = _chosen(request)
    if night and "remove" in request.POST:
        night.remove()
        messages.success(request, _("Removed."))
        return redirect("settings_hours")
    initial = {} if night else _guessed(request)
    form = NightForm(request.POST or None, user=request.user, night=night, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, partial(_save, request, form), keyless=False)
        except ValidationError as error:
            form.add_error(None, in_plain_words(error).messages)
    context = {**AT, "form": form, "night": night, "words": words_of(night) if night else ""}
    return kept.page(request, "events/council_night.html", context, form)


def _save(request: HttpRequest, form: NightForm) -> HttpResponse:
    night = form.save()
    messages.success(request, _("Saved: %(night)s.") % {"night": words_of(night)})
    return redirect("settings_hours")


def _chosen(request: HttpRequest) -> CouncilNight | None:
    if "night" not in request.GET:
        return None
    return get_object_or_404(CouncilNight, pk=key_of(request.GET["night"]), user=request.user)


def _guessed(request: HttpRequest) -> dict[str, Any]:
    """What a link with a guess fills in; anything else fills nothing."""
    asked = request.GET
    try:
        hour, minute = (int(part) for part in asked.get("begins", "").split(":"))
        weeks = [int(week) for week in asked.get("weeks", "").split(",") if week]
        return {
            "weekday": int(asked.get("weekday", "")),
            "weeks": weeks,
            "rhythm": OF_THE_MONTH,
            "begins": time(hour, minute),
        }
    except ValueError:
        return {}
