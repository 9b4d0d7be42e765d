"""A post does its work once, however often it arrives: a thumb that taps twice, a network that repeats, a tab that reloads.

A form mints a key when it is rendered (`{% once_key %}`). Person, address, key and content together name the post; the
first to store that name works, in one transaction with it, and an equal one waits and gets the same answer. Without a
key (a program, an old page) the content alone decides, for a few seconds. Other content is another post, so that a
form found again with Back and changed is never answered with what it said before.
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
    """What `work` answers; when the same post came before, what `again` makes of where that one led.

    Work that redirects is done. Where it answers with a page or a fragment, `page` (or the response’s `leads_to`) is the
    address of it; without one such an answer counts as not done (mistakes, a preview), and may come again.
    `keyless=False`: a post without a key is simply done, where the verb itself knows what happened already.
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
    """For a page that ends a thing: pressed again it leads where it led, though the thing is gone by then."""

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
    """The same for the same post, and never the same for two people or two addresses."""
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
