"""Settings that save by themselves: a script posts the form after each change, and the answer says the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django_htmx.http import HttpResponseClientRefresh

SEEN_EVERYWHERE = frozenset(["color_scheme", "single_key_shortcuts"])  # what the page around the form follows


def answered(
    request: HttpRequest, form: Any, words: Any, at: str, fresh: Callable[[], BaseForm] | None = None
) -> HttpResponse | None:
    """Save what was posted, and the response to it: what a script shows, or back to the page `at` for who pressed the button.

    None when the page is to be shown: to look at it, or with the mistakes of who pressed the button. `fresh` makes a new
    form of what is stored, where the form carries what it showed.
    """
    if request.method != "POST":
        return None
    by_itself = bool(getattr(request, "htmx", False))
    if form.is_valid():
        form.save()
        if not by_itself:
            messages.success(request, words)
            return redirect(at)
    return _said(request, form, words, fresh and fresh()) if by_itself else None


def _said(request: HttpRequest, form: BaseForm, words: Any, fresh: BaseForm | None) -> HttpResponse:
    if not form.errors and SEEN_EVERYWHERE.intersection(form.changed_data):
        messages.success(request, words)
        return HttpResponseClientRefresh()
    context = {"form": form, "fresh": fresh, "now": now(), "wrong": [field for field in form if field.errors]}
    return render(request, "components/said.html", context)
