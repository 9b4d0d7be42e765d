"""A POST takes effect once, however often it arrives: a double tap, a repeating network, a reloaded tab.

A form gets a key when it is rendered (`{% once_key %}`). Person, address, key and content together name the POST; the
first to store that name works, in one transaction with it, and a repetition waits and gets the same answer. Without a
key (a program, an old page) the content alone decides, for a few seconds. Other content is another POST: a form reached
with Back and changed works again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial, wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.models import Submission
from members.models.submissions import KEPT_FOR

FIELD = "once"
WITHOUT_KEY = timedelta(seconds=5)
NOT_CONTENT = ("csrfmiddlewaretoken", "typed_by", "resent")  # of the sign-in, not of what was typed


def once(
    request: HttpRequest,
    work: Callable[[], HttpResponse],
    *,
    page: str = "",
    again: Callable[[str], HttpResponse] = redirect,
    keyless: bool = True,
) -> HttpResponse:
    """The response of `work`; for a repetition, what `again` makes of the address where the first one led.

    Work that redirects has succeeded. If it answers with a page or a fragment, `page` (or the response’s `leads_to`) is
    its address; without one it counts as not done (errors, a preview) and may come again. `keyless=False`: a POST
    without a key always works, where the verb itself recognizes repetitions.
    """
    if not (keyless or request.POST.get(FIELD)) or getattr(request, "look", None):  # members.web.kept only plays it
        return work()
    token = name_of(request)
    with transaction.atomic():
        if not Submission.claim(token, KEPT_FOR if request.POST.get(FIELD) else WITHOUT_KEY):
            return again(Submission.objects.get(pk=token).answer)
        response = work()
        if answer := _answer_of(response, page):
            Submission.objects.filter(pk=token).update(answer=answer)
        else:
            Submission.objects.filter(pk=token).delete()
    return response


def leads_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator for a page that ends a thing: a repetition is redirected as the first POST was, although the thing is
    gone.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        return once(request, partial(view, request, *args, **kwargs))

    return guarded


def _answer_of(response: HttpResponse, page: str) -> str:
    if made := getattr(response, "leads_to", ""):
        return made
    if response.status_code >= 400 or getattr(response, "came_back", False):
        return ""
    return response.get("Location", "") or page


def name_of(request: HttpRequest) -> str:
    """The name of this POST: the same for a repetition, and different for other people and addresses."""
    digest = hashlib.sha256()
    for part in _parts(request):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _parts(request: HttpRequest) -> Iterator[bytes]:
    yield str(request.user.pk or request.session.session_key or "").encode()
    yield request.get_full_path().encode()
    for name, values in sorted(request.POST.lists()):
        if name not in NOT_CONTENT:
            yield from (part.encode(errors="replace") for part in (name, *values))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            yield from (name.encode(), (file.name or "").encode(errors="replace"))
            yield from file.chunks()
            file.seek(0)
