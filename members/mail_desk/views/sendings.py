"""Looking at a message to many before it goes, taking it back, and telling it after all.

Pages that send have two steps at one address: the form posts and leads to the preview, which carries all that was typed
and posts it again the fingerprint of what was seen.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import reselect, retarget, trigger_client_event

from members.mail.bulk import undo
from members.mail.bulk.sending import Preview, PreviewOutdated, preview_act, send, tell_again
from members.mail.kinds import registry
from members.models import BulkSend
from members.sign_in.access import ask_for_proof
from members.web import kept
from members.web.acts import act_of
from members.web.once import once
from members.web.pages import page_at

STEERING = ("csrfmiddlewaretoken", "fingerprint", "key", "send", "quiet", "back")  # fields of the preview page itself
CHANGED = "changed"


# For the pages that send ---------------------------------------------------------------------------


def in_two_steps(
    request: HttpRequest,
    act: Callable[[bool], Any],
    template: str,
    context: dict[str, Any],
    words: Callable[[Preview], dict[str, Any]],
) -> HttpResponse | Preview:
    """The page with the preview; or, when it was seen and still holds, the act and what it told.

    `act(tell)` loads what it changes, and tells nobody when `tell` is false. What it raises is passed on. Nothing to tell
    needs no preview. `words(preview)` are those of the buttons: see components/sending_form.html.
    """
    if "quiet" in request.POST:
        return Preview(outcome=act(False))
    telling = partial(act, True)
    if "fingerprint" not in request.POST:
        preview = preview_act(telling, request.user)
        if preview.tells_anybody or kept.is_look(request):
            return show_preview(request, template, preview, context | words(preview))
    try:
        return send(telling, request.user, fingerprint=request.POST.get("fingerprint", ""))
    except PreviewOutdated as other:
        return show_preview(request, template, other.preview, context | words(other.preview), changed=True)


def proof_for(request: HttpRequest, kind: str) -> HttpResponse | None:
    """Where to prove who one is before a message of this kind goes; None where that needs no proof, or there is one."""
    return ask_for_proof(request) if registry[kind].to_everybody else None


def key_of(request: HttpRequest) -> uuid.UUID | None:
    """Of the preview page that was posted, the same however often it is."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def show_preview(
    request: HttpRequest,
    template: str,
    preview: Preview,
    context: dict[str, Any],
    *,
    changed: bool = False,
    at: str = "",
) -> HttpResponse:
    """The page with `components/sending_preview.html` and `components/sending_form.html`; `changed`: it is other than shown before."""
    changed = changed or kept.note_of_look(request) == CHANGED
    context = context | {"preview": preview, "carried": carried(request), "key": _key(request), "changed": changed}
    show = partial(_preview_page, request, template, context)
    return kept.look(request, show, at=at, note=CHANGED if changed else "", without=STEERING)


def _preview_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    status = 409 if context["changed"] and not kept.is_look(request) else 200
    response = render(request, template, context, status=status)
    hashes = [sample.style_hash for sample in context["preview"].samples]
    response._csp_update = {"style-src": hashes}  # type: ignore[attr-defined]  # as csp.decorators.csp_update does
    return response


def _key(request: HttpRequest) -> uuid.UUID:
    """The same as often as a preview is looked at, so that it sends once."""
    token = kept.token_of_look(request)
    return uuid.uuid5(uuid.NAMESPACE_OID, token) if token else uuid.uuid4()


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """All that was typed, for the next step."""
    return [(name, value) for name, values in request.POST.lists() if name not in STEERING for value in values]


def send_words(preview: Preview) -> str:
    return ngettext("Send to %(n)s person", "Send to %(n)s people", preview.people) % {"n": preview.people}


# Undo ------------------------------------------------------------------------------------------------


ASKED_EVERY = 4  # seconds, as the bar says
SPOKEN_AT = 10


@require_safe
def sending_bar(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, asked for again and again while it counts; near its end it is spoken once, and then it is another bar."""
    sending = _find(request, pk)
    if not request.htmx:
        return redirect(registry[sending.kind].page_of(sending))
    bar = undo.bar_of(request.user, sending)
    response = render(request, "components/sending_bar.html", {"bar": bar, "went": bar is None, "sending": sending})
    if not bar or not bar.seconds:
        return reselect(retarget(response, "#sending-bar"), "unset")
    if SPOKEN_AT - ASKED_EVERY < bar.seconds <= SPOKEN_AT:
        words = ngettext("%(n)s second left to undo", "%(n)s seconds left to undo", bar.seconds) % {"n": bar.seconds}
        return trigger_client_event(response, "portal:say", {"value": words})
    return response


@act_of("sending_bar", "pk")
def sending_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop what has not left; clicked twice it says the same."""
    sending = _find(request, pk)
    notice = registry[sending.kind]
    outcome = undo.undo(sending, request.user)
    words = undo.said(outcome, notice, sending)
    (messages.success if outcome.stopped else messages.warning)(request, words)
    return redirect(notice.page_of(sending))


@act_of("sending_bar", "pk")
def sending_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell it after all: first who gets it now, then, the fingerprint of that, send."""
    sending = _find(request, pk)
    page = registry[sending.kind].page_of(sending)
    if not sending.is_stopped:
        return redirect(page)

    if "fingerprint" in request.POST and (asked := proof_for(request, sending.kind)):
        return asked

    def act(tell: bool) -> None:
        if tell:
            tell_again(sending, request.user)

    context = {**page_at("committees", back=page), "sending": sending}
    template = "members/sending_again.html"
    show = partial(in_two_steps, request, act, template, context, lambda preview: {"send_words": send_words(preview)})
    return once(request, partial(_told, request, show, page), keyless=False)


def _told(request: HttpRequest, show: Callable[[], HttpResponse | Preview], page: str) -> HttpResponse:
    sent = show()
    if isinstance(sent, HttpResponse):
        return sent
    messages.success(request, sent_words(sent))
    return redirect(page)


def sent_words(sent: Preview) -> str:
    if not sent.people:
        return _("Nobody needed to be told.")
    if sent.held:
        return ngettext(
            "%(n)s person gets an email in a minute.", "%(n)s people get an email in a minute.", sent.people
        ) % {"n": sent.people}
    return ngettext("%(n)s person gets an email.", "%(n)s people get an email.", sent.people) % {"n": sent.people}


def _find(request: HttpRequest, pk: int) -> BulkSend:
    """Raises Http404, also for those who may not take it back: whom something goes to is not for everybody."""
    sending = get_object_or_404(BulkSend.objects.select_related("sent_by"), pk=pk)
    if not request.user.is_authenticated or not undo.may_undo(request.user, sending):
        raise Http404
    return sending
