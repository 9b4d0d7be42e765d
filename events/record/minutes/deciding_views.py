"""The pages on which minutes are approved by hand, and amended later."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from events.models import Minutes, MinutesRevision
from events.models.minutes import AmendedMeanwhile
from events.record.minutes import writing
from events.record.minutes.drafting import Document
from events.record.minutes.finding import KEEP, Found, back_to_minutes, context_of, find
from events.record.minutes.forms import AmendForm, ApproveForm
from events.record.minutes.writing import Conflict
from events.record.minutes.writing_views import conflicts_of, shown_conflicts
from members.web import kept
from members.web.acts import page_or_post
from members.web.body_limits import LONG_TEXT, takes_body
from members.web.meanwhile import NOTE
from members.web.once import once
from members.web.plain_forms import in_plain_words


@page_or_post
def meeting_minutes_approve(request: HttpRequest, slug: str) -> HttpResponse:
    """Write down that the committee approved them."""
    found = find(request, slug, KEEP)
    minutes = found.begun()
    page = reverse("meeting_minutes", args=[slug])
    if not minutes.takes_comments:
        words = _("They are approved already.") if minutes.is_approved else _("Send them to the committee first.")
        messages.info(request, words)
        return redirect(page)
    form = ApproveForm(
        request.POST if request.method == "POST" else None,
        initial={"audience": minutes.audience},
        confidential=found.meeting.committee.confidential,
    )
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_approve, request, minutes, form.cleaned_data["audience"], page))
    context = context_of(
        found,
        form=form,
        objections=list(minutes.objections.standing().select_related("member")),
        open_comments=minutes.comments.open().count(),
        **back_to_minutes(found),
    )
    return kept.page(request, "events/minutes/approve.html", context, form)


def _approve(request: HttpRequest, minutes: Minutes, audience: str, page: str) -> HttpResponse:
    if writing.approve(minutes, request.user, audience=audience):
        messages.success(request, _("The minutes are approved and filed."))
    else:
        messages.info(request, _("They are approved already."))
    return redirect(page)


@takes_body(LONG_TEXT)
@page_or_post
def meeting_minutes_amend(request: HttpRequest, slug: str) -> HttpResponse:
    """A further revision of approved minutes, with the reason; what was approved stays to be read."""
    found = find(request, slug, KEEP)
    minutes = found.begun()
    standing = minutes.standing()
    if not minutes.is_approved or standing is None:
        messages.info(request, _("These minutes aren’t approved yet. Change them instead."))
        return redirect("meeting_minutes", slug)
    document = Document.of_revision(standing)
    form = AmendForm(
        request.POST if request.method == "POST" else None, document=document, initial={"number": standing.number}
    )
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_amend, request, found, form, standing))
    conflicts: list[Conflict] = []
    if request.method != "POST" and kept.bring_back(request, form) == NOTE:
        conflicts = conflicts_of(form, document)
    return _amend_page(request, found, form, standing, conflicts)


def _amend(request: HttpRequest, found: Found, form: AmendForm, standing: MinutesRevision) -> HttpResponse:
    seen, reason = form.cleaned_data["number"] or standing.number, form.cleaned_data["reason"]
    try:
        writing.amend(found.begun(), request.user, form.typed, seen=seen, reason=reason)
    except AmendedMeanwhile as conflict:
        changed = form.follow(conflict)
        conflicts = conflicts_of(form, Document.of_revision(conflict.current))
        return _amend_page(request, found, form, conflict.current, conflicts, status=409, note=NOTE, changed=changed)
    except ValidationError as error:
        form.add_error(None, in_plain_words(ValidationError(error.messages)).messages)
        return _amend_page(request, found, form, standing, [])
    messages.success(request, _("Amended. What was approved before stays under “Changes”."))
    return redirect("meeting_minutes", found.meeting.slug)


def _amend_page(
    request: HttpRequest,
    found: Found,
    form: AmendForm,
    standing: MinutesRevision,
    conflicts: list[Conflict],
    **came_back: Any,
) -> HttpResponse:
    context = context_of(
        found,
        form=form,
        document=Document.of_revision(standing),
        conflicts=shown_conflicts(conflicts),
        **back_to_minutes(found),
    )
    return kept.page(request, "events/minutes/amend.html", context, form, **came_back)
