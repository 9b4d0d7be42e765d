"""Templates of agendas: kept from a call, and what the next ones start from. Acts on the builder, for who manages the host."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.agenda.builder import act_once, after, build, manages_host
from events.agenda.forms import TemplateForm
from events.models import AgendaTemplate, Meeting
from events.views.finding import find_meeting
from members.web.acts import act_of
from members.web.plain_forms import in_plain_words


def _of_host(request: HttpRequest, slug: str) -> Meeting:
    meeting = find_meeting(request, slug, "events.run_meeting")
    if not manages_host(request.user, meeting):
        raise PermissionDenied
    return meeting


def _found(request: HttpRequest, slug: str, pk: int) -> tuple[Meeting, AgendaTemplate]:
    meeting = _of_host(request, slug)
    return meeting, get_object_or_404(AgendaTemplate, pk=pk, committee=meeting.committee_id)


@act_of("meeting_agenda", "slug")
def agenda_template_save(request: HttpRequest, slug: str) -> HttpResponse:
    """Under a name that one has it is written over."""
    meeting = _of_host(request, slug)
    form = TemplateForm(request.POST, prefix="template")
    if form.is_valid():
        try:
            template = AgendaTemplate.save_from(meeting, form.cleaned_data["name"], request.user)
            return after(request, meeting, _("“%s” is kept.") % template.name)
        except ValidationError as error:
            form.add_error("name", in_plain_words(error).messages)
    return build(request, meeting, template_form=form)


@act_of("meeting_agenda", "slug")
def agenda_template_start(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting, template = _found(request, slug, pk)
    return act_once(request, meeting, partial(_start, request, meeting, template))


def _start(request: HttpRequest, meeting: Meeting, template: AgendaTemplate) -> HttpResponse:
    count = template.start(meeting, request.user)
    if not count:
        return after(request, meeting, _("The agenda has begun already."), level=messages.INFO)
    said = ngettext("%(n)s item is on the agenda.", "%(n)s items are on the agenda.", count) % {"n": count}
    return after(request, meeting, said)


@act_of("meeting_agenda", "slug")
def agenda_template_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting, template = _found(request, slug, pk)
    template.forget(request.user)
    undo = reverse("agenda_template_back", args=[meeting.slug, template.pk])
    return after(request, meeting, _("“%s” is gone.") % template.name, undo)


@act_of("meeting_agenda", "slug")
def agenda_template_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting, template = _found(request, slug, pk)
    if template.bring_back(request.user):
        return after(request, meeting, _("“%s” is back.") % template.name)
    return after(request, meeting, _("Another template is called “%s” by now.") % template.name, level=messages.WARNING)
