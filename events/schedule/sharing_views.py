"""The committees of a call: who takes part beside the host. Adding one has two steps, as everything that sends mail."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committees.models import Committee
from events.models import Meeting
from events.schedule import sharing
from events.views.finding import find_meeting
from members.mail.bulk.sending import Preview
from members.mail_desk.views.sendings import in_two_steps, send_words, sent_words
from members.web import kept, plain_forms
from members.web.acts import act_of, page_or_post
from members.web.once import once
from members.web.pages import page_at

SENDING = "events/meeting_committees_sending.html"


class ShareForm(plain_forms.Form):
    asks = {"committee": gettext_lazy("Choose the committee that takes part")}

    committee = forms.ModelChoiceField(
        label=gettext_lazy("Committee"), queryset=Committee.objects.none(), to_field_name="slug"
    )

    def __init__(self, *args: Any, meeting: Meeting, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["committee"].queryset = sharing.offered(meeting, by)  # type: ignore[attr-defined]


@page_or_post
def meeting_committees(request: HttpRequest, slug: str) -> HttpResponse:
    """Which committees take part; another one is chosen here."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    form = ShareForm(request.POST or None, meeting=meeting, by=request.user)
    if request.method == "POST" and form.is_valid() and "back" not in request.POST:
        try:
            return once(request, partial(_share, request, meeting, form.cleaned_data["committee"]), keyless=False)
        except ValidationError as error:
            form.add_error(None, error)
    kept.bring_back(request, form)
    context = {
        **_page(meeting),
        "form": form,
        "host": meeting.committee,
        "beside": meeting.sharing(),
        "may_change": not (meeting.is_cancelled or meeting.is_over),
        "offers": form.fields["committee"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return kept.page(request, "events/meeting_committees.html", context, form)


def _share(request: HttpRequest, meeting: Meeting, committee: Committee) -> HttpResponse:
    def act(tell: bool) -> Any:
        return sharing.share(meeting, committee, request.user, tell=tell)

    context = {**_page(meeting), "beside": committee}
    sent = in_two_steps(request, act, SENDING, context, _words)
    if isinstance(sent, HttpResponse):
        return sent
    said = _("%(name)s takes part.") % {"name": committee.name}
    messages.success(request, f"{said} {sent_words(sent)}" if sent.people else said)
    return redirect("meeting_committees", meeting.slug)


@act_of("meeting_committees", "slug")
def meeting_committee_part(request: HttpRequest, slug: str, committee: str) -> HttpResponse:
    """It takes part no more; pressed twice it is the same."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    beside = get_object_or_404(Committee.objects.visible_to(request.user), slug=committee)
    try:
        if sharing.part(meeting, beside, request.user):
            messages.success(request, _("%(name)s takes part no more.") % {"name": beside.name})
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("meeting_committees", slug)


def _page(meeting: Meeting) -> dict[str, Any]:
    return {**page_at("calls", back=meeting), "meeting": meeting, "committee": meeting.committee}


def _words(preview: Preview) -> dict[str, Any]:
    return {"send_words": send_words(preview)}
