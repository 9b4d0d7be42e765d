"""The agenda builder: every act is a form and works without script; htmx swaps the builder, drag is a shortcut."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from events.agenda.builder import CONFLICT, act_once, after, build, last_with_agenda, manages_host
from events.agenda.forms import AgendaItemForm, LineForm, papers_for
from events.agenda.left_over import left_over
from events.agenda.quick_add import parse
from events.models import AgendaItem, Meeting
from events.views.finding import find_meeting
from members.mail.bulk.undo import bar_for
from members.text.numbers import key_of, whole
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import ChangedMeanwhile
from members.web.plain_forms import in_plain_words


@require_safe
def meeting_agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """The builder; `?item=<pk>` opens one item's details, `?item=new` an empty form."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    return build(
        request,
        meeting,
        item=_chosen(meeting, request.GET.get("item", "")),
        new=request.GET.get("item") == "new",
        bar=bar_for(request.user, meeting.about),
    )


def _chosen(meeting: Meeting, key: str) -> AgendaItem | None:
    return meeting.agenda_items.filter(pk=key_of(key)).first()


# Adding and editing --------------------------------------------------------------------------------


@act_of("meeting_agenda", "slug")
def agenda_item_add(request: HttpRequest, slug: str) -> HttpResponse:
    """One line ("Wage theft update 15m @Maria"), or the full form."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    add = _add_line if "line" in request.POST else _add_form
    return act_once(request, meeting, partial(add, request, meeting))


def _add_line(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = LineForm(request.POST)
    if form.is_valid():
        try:
            AgendaItem.add(meeting, request.user, **parse(form.cleaned_data["line"], list(meeting.invitees())))
            return after(request, meeting, goes_on=True)
        except ValidationError as error:
            form.add_error("line", in_plain_words(ValidationError(error)).messages)
    return build(request, meeting, line_form=form, goes_on=True)


def _add_form(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = AgendaItemForm(request.POST, people=list(meeting.invitees()), papers=papers_for(request.user, meeting))
    if form.is_valid():
        try:
            AgendaItem.add(meeting, request.user, **form.words)
            return after(request, meeting, _("Added."))
        except ValidationError as error:
            form.add_error(None, in_plain_words(error).messages)
    return build(request, meeting, form=form, new=True)


@page_or_post
def agenda_item_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = find_meeting(request, slug, "events.run_meeting")
    item = get_object_or_404(AgendaItem.with_removed.filter(meeting=meeting), pk=pk)
    if request.method != "POST":
        return build(request, meeting, item=item)
    form = AgendaItemForm(
        request.POST,
        instance=AgendaItem(meeting=meeting),
        people=list(meeting.invitees()),
        papers=papers_for(request.user, meeting),
    )
    if not form.is_valid():
        return build(request, meeting, item=item, form=form)
    return act_once(request, meeting, partial(_edit, request, meeting, item, form))


def _edit(request: HttpRequest, meeting: Meeting, item: AgendaItem, form: AgendaItemForm) -> HttpResponse:
    try:
        item.edit(request.user, seen=form.cleaned_data["seen"], **form.words)
    except ChangedMeanwhile as conflict:
        form.data = _with(form.data, seen=conflict.current.version)
        came_back = {"status": 409, "note": CONFLICT, "changed": {"seen": str(conflict.current.version)}}
        return build(request, meeting, item=item, form=form, current=conflict.current, came_back=came_back)
    return after(request, meeting, _("Saved."))


def _with(data: Any, **values: Any) -> Any:
    """The posted values with some replaced, so that the form shows everything the person typed."""
    copy = data.copy()
    for name, value in values.items():
        copy[name] = str(value)
    return copy


# Small acts ----------------------------------------------------------------------------------------


def _item(request: HttpRequest, slug: str, pk: int) -> tuple[Meeting, AgendaItem]:
    meeting = find_meeting(request, slug, "events.run_meeting")
    return meeting, get_object_or_404(AgendaItem.with_removed.filter(meeting=meeting), pk=pk)


@act_of("meeting_agenda", "slug")
def agenda_item_shift(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """`to`: up, down, or the place counted from 0."""
    meeting, item = _item(request, slug, pk)
    to = request.POST.get("to", "")
    if to in ("up", "down"):
        item.shift(request.user, -1 if to == "up" else 1)
    elif (place := whole(to)) is not None and place < 1000:
        item.place(request.user, place)
    return after(request, meeting, _off(item) if item.removed_at else "")


def _off(item: AgendaItem) -> str:
    return _("“%s” was taken off the agenda meanwhile.") % item.title


@act_of("meeting_agenda", "slug")
def agenda_item_minutes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """`change`: less or more, in steps of five."""
    meeting, item = _item(request, slug, pk)
    stretched = item.stretch(request.user, {"less": -1, "more": 1}.get(request.POST.get("change", ""), 0))
    return after(request, meeting, "" if stretched else _off(item))


@act_of("meeting_agenda", "slug")
def agenda_item_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting, item = _item(request, slug, pk)
    item.remove(request.user)
    undo = reverse("agenda_item_restore", args=[meeting.slug, item.pk])
    return after(request, meeting, _("“%s” is off the agenda.") % item.title, undo)


@act_of("meeting_agenda", "slug")
def agenda_item_restore(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting, item = _item(request, slug, pk)
    item.restore(request.user)
    return after(request, meeting, _("“%s” is back.") % item.title)


@act_of("meeting_agenda", "slug")
def agenda_carry(request: HttpRequest, slug: str) -> HttpResponse:
    """Put on what the last call did not reach: the `item`s that were ticked."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    return act_once(request, meeting, partial(_carry, request, meeting))


def _carry(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    ticked = {key_of(key) for key in request.POST.getlist("item")}
    unreached = left_over(meeting) if manages_host(request.user, meeting) else []
    chosen = [item for item in unreached if item.pk in ticked]
    count = AgendaItem.carry_over(chosen, meeting, request.user)
    if not count:
        return after(request, meeting, _("Tick what is to go on the agenda."), level=messages.INFO)
    said = ngettext("%(n)s item is on the agenda.", "%(n)s items are on the agenda.", count) % {"n": count}
    return after(request, meeting, said)


@act_of("meeting_agenda", "slug")
def agenda_copy(request: HttpRequest, slug: str) -> HttpResponse:
    """Start from the last call that has an agenda."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    return act_once(request, meeting, partial(_copy, request, meeting))


def _copy(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    source = last_with_agenda(request.user, meeting)
    count = AgendaItem.copy_all(source, meeting, request.user) if source and not meeting.agenda_items.exists() else 0
    return after(request, meeting, ngettext("%(n)s item copied.", "%(n)s items copied.", count) % {"n": count})
