"""Settings that save by themselves: a script posts the form after each change, and the answer says the result."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django_htmx.http import HttpResponseClientRefresh

SEEN_EVERYWHERE = frozenset(["color_scheme", "single_key_shortcuts"])  # what the page around the form follows


def by_itself(request: HttpRequest) -> bool:
    """Whether a script posted the form, and nobody pressed the button."""
    return request.method == "POST" and bool(getattr(request, "htmx", False))


def answer(request: HttpRequest, form: BaseForm, words: Any, fresh: BaseForm | None = None) -> HttpResponse:
    """The response to such a POST: saved, or the errors. `fresh` is a new form of what is stored, if it carries what it
    showed.
    """
    if not form.errors and SEEN_EVERYWHERE.intersection(form.changed_data):
        messages.success(request, words)
        return HttpResponseClientRefresh()
    context = {"form": form, "fresh": fresh, "now": now(), "wrong": [field for field in form if field.errors]}
    return render(request, "components/said.html", context)
