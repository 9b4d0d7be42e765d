"""The agenda builder: every act is a form and works without script; htmx swaps the builder, drag is a shortcut."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.messages.constants import DEFAULT_TAGS
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from events.agenda.forms import AgendaItemForm, LineForm, papers_for
from events.agenda.left_over import left_over
from events.agenda.publishing import publication_state
from events.agenda.quick_add import parse
from events.messages.agenda_changes import counted
from events.models import ActionItem, AgendaItem, Meeting, RunningItem
from events.models.agendas import Plan, running
from events.views.finding import find_meeting
from members.mail.bulk.undo import bar_for
from members.models import User
from members.text.numbers import key_of, whole
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.fragments import wants_fragment
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at
from members.web.plain_forms import in_plain_words

CONFLICT = "changed meanwhile"
LAST_TIME, LEFT_OVER = gettext_lazy("Actions from last time"), 20


@require_safe
def meeting_agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """The builder; `?item=<pk>` opens one item's details, `?item=new` an empty form."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    return _builder(
        request,
        meeting,
        item=_chosen(meeting, request.GET.get("item", "")),
        new=request.GET.get("item") == "new",
        bar=bar_for(request.user, meeting.about),
    )


def _chosen(meeting: Meeting, key: str) -> AgendaItem | None:
    return meeting.agenda_items.filter(pk=key_of(key)).first()


def _builder(
    request: HttpRequest,
    meeting: Meeting,
    *,
    item: AgendaItem | None = None,
    new: bool = False,
    **more: Any,
) -> HttpResponse:
    people = list(meeting.invitees())
    form = more.pop("form", None) or (
        AgendaItemForm(
            instance=item,
            initial={"seen": item.version if item else ""},
            people=people,
            papers=papers_for(request.user, meeting),
        )
        if item or new
        else None
    )
    line_form = more.pop("line_form", None) or LineForm()
    came_back = {"at": _address(request, meeting, new=new), **more.pop("came_back", {})}
    forms = [line_form, form] if form else [line_form]
    if request.method != "POST" and kept.bring_back(request, *forms) == CONFLICT:
        more["current"] = item
    rows = running(meeting.agenda_items.in_order().prefetch_related("papers"), meeting.starts_at)
    context = {
        **page_at("committees", back=meeting),
        "meeting": meeting,
        "committee": meeting.committee,
        "rows": rows,
        "plan": Plan(rows, meeting.duration),
        "item": item,
        "form": form,
        "line": line_form,
        "people": people,
        "source": None if rows else _last_with_agenda(request.user, meeting),
        **_left_over(request.user, meeting, rows),
        **_published(meeting),
        **more,
    }
    template = "events/_agenda_builder.html" if wants_fragment(request) else "events/meeting_agenda.html"
    status = 200 if request.htmx else came_back.pop("status", 422)  # htmx swaps no 4xx
    return kept.page(request, template, context, *forms, status=status, **came_back)


def _address(request: HttpRequest, meeting: Meeting, *, new: bool) -> str:
    """Of the builder with what came back: an item's details have one of their own."""
    if request.resolver_match and request.resolver_match.url_name == "agenda_item_edit":
        return request.path
    return reverse("meeting_agenda", args=[meeting.slug]) + ("?item=new" if new else "")


def _published(meeting: Meeting) -> dict[str, Any]:
    """What was published of the agenda, and the changes since; {} for a call that is over or canceled.

    `state` is that of a call they are not told of, `tells` the words of the page's first button, if that tells something.
    """
    if meeting.is_cancelled or meeting.is_over:
        return {}
    found = publication_state(meeting)
    has_items = bool(found.now["items"])
    if meeting.is_told:
        tells = _("Publish the agenda") if found.changes and has_items else ""
        return {"publication": found, "news": counted(found.changes), "tells": tells}
    asks = _("Invite with the agenda") if has_items else _("Tell the committee")
    return {
        "state": "draft" if meeting.is_draft else "waits",
        "publication": found,
        "tells": asks if meeting.is_draft else "",
    }


def _manages_host(by: User, meeting: Meeting) -> bool:
    """What the host has from other calls is not for co-chairs of a committee that shares this one."""
    return by.has_perm("events.schedule_meeting", meeting.committee)


def _left_over(by: User, meeting: Meeting, rows: list[RunningItem]) -> dict[str, Any]:
    """For who builds the agenda of a call ahead: what the last call did not reach, the committee’s open actions, and
    whether an item for these is offered.
    """
    if meeting.is_cancelled or meeting.is_over or not _manages_host(by, meeting):
        return {}
    actions = ActionItem.objects.open().filter(committee=meeting.committee_id).with_owner_on_it()
    found = list(actions.select_related("owner").soonest_first()[:LEFT_OVER])
    title = str(LAST_TIME)
    return {
        "unreached": left_over(meeting),
        "left_over": found,
        "last_time": title,
        "offers_actions": all(row.item.title != title for row in rows),
    }


def _last_with_agenda(by: User, meeting: Meeting) -> Meeting | None:
    if not _manages_host(by, meeting):
        return None
    calls = Meeting.objects.with_agenda().filter(committee=meeting.committee_id)
    return calls.exclude(pk=meeting.pk).order_by("-starts_at").first()


def _after(
    request: HttpRequest,
    meeting: Meeting,
    said: str = "",
    undo: AgendaItem | None = None,
    *,
    goes_on: bool = False,
    level: int = messages.SUCCESS,
) -> HttpResponse:
    """The builder as it is now (htmx), or back to its page. `goes_on`: the field for the next line takes the focus."""
    if request.htmx:
        toast: dict[str, Any] = {"toast": said, "tone": DEFAULT_TAGS[level]} if said else {}
        if undo:
            toast["undo_action"] = reverse("agenda_item_restore", args=[meeting.slug, undo.pk])
        return _builder(request, meeting, goes_on=goes_on, **toast)
    if said:
        messages.add_message(request, level, said)
    return redirect("meeting_agenda", meeting.slug)


# Adding and editing --------------------------------------------------------------------------------


@act_of("meeting_agenda", "slug")
def agenda_item_add(request: HttpRequest, slug: str) -> HttpResponse:
    """One line ("Wage theft update 15m @Maria"), or the full form."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    add = _add_line if "line" in request.POST else _add_form
    return _once(request, meeting, partial(add, request, meeting))


def _once(request: HttpRequest, meeting: Meeting, work: Callable[[], HttpResponse]) -> HttpResponse:
    page = reverse("meeting_agenda", args=[meeting.slug])
    return once(request, work, page=page, again=lambda _page: _after(request, meeting))


def _add_line(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = LineForm(request.POST)
    if form.is_valid():
        try:
            AgendaItem.add(meeting, request.user, **parse(form.cleaned_data["line"], list(meeting.invitees())))
            return _after(request, meeting, goes_on=True)
        except ValidationError as error:
            form.add_error("line", in_plain_words(ValidationError(error)).messages)
    return _builder(request, meeting, line_form=form, goes_on=True)


def _add_form(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = AgendaItemForm(request.POST, people=list(meeting.invitees()), papers=papers_for(request.user, meeting))
    if form.is_valid():
        try:
            AgendaItem.add(meeting, request.user, **form.words)
            return _after(request, meeting, _("Added."))
        except ValidationError as error:
            form.add_error(None, in_plain_words(error).messages)
    return _builder(request, meeting, form=form, new=True)


@page_or_post
def agenda_item_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = find_meeting(request, slug, "events.run_meeting")
    item = get_object_or_404(AgendaItem.with_removed.filter(meeting=meeting), pk=pk)
    if request.method != "POST":
        return _builder(request, meeting, item=item)
    form = AgendaItemForm(
        request.POST,
        instance=AgendaItem(meeting=meeting),
        people=list(meeting.invitees()),
        papers=papers_for(request.user, meeting),
    )
    if not form.is_valid():
        return _builder(request, meeting, item=item, form=form)
    return _once(request, meeting, partial(_edit, request, meeting, item, form))


def _edit(request: HttpRequest, meeting: Meeting, item: AgendaItem, form: AgendaItemForm) -> HttpResponse:
    try:
        item.edit(request.user, seen=form.cleaned_data["seen"], **form.words)
    except ChangedMeanwhile as conflict:
        form.data = _with(form.data, seen=conflict.current.version)
        came_back = {"status": 409, "note": CONFLICT, "changed": {"seen": str(conflict.current.version)}}
        return _builder(request, meeting, item=item, form=form, current=conflict.current, came_back=came_back)
    return _after(request, meeting, _("Saved."))


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
    return _after(request, meeting, _off(item) if item.removed_at else "")


def _off(item: AgendaItem) -> str:
    return _("“%s” was taken off the agenda meanwhile.") % item.title


@act_of("meeting_agenda", "slug")
def agenda_item_minutes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """`change`: less or more, in steps of five."""
    meeting, item = _item(request, slug, pk)
    stretched = item.stretch(request.user, {"less": -1, "more": 1}.get(request.POST.get("change", ""), 0))
    return _after(request, meeting, "" if stretched else _off(item))


@act_of("meeting_agenda", "slug")
def agenda_item_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting, item = _item(request, slug, pk)
    item.remove(request.user)
    return _after(request, meeting, _("“%s” is off the agenda.") % item.title, undo=item)


@act_of("meeting_agenda", "slug")
def agenda_item_restore(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting, item = _item(request, slug, pk)
    item.restore(request.user)
    return _after(request, meeting, _("“%s” is back.") % item.title)


@act_of("meeting_agenda", "slug")
def agenda_carry(request: HttpRequest, slug: str) -> HttpResponse:
    """Put on what the last call did not reach: the `item`s that were ticked."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    return _once(request, meeting, partial(_carry, request, meeting))


def _carry(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    ticked = {key_of(key) for key in request.POST.getlist("item")}
    unreached = left_over(meeting) if _manages_host(request.user, meeting) else []
    chosen = [item for item in unreached if item.pk in ticked]
    count = AgendaItem.carry_over(chosen, meeting, request.user)
    if not count:
        return _after(request, meeting, _("Tick what is to go on the agenda."), level=messages.INFO)
    said = ngettext("%(n)s item is on the agenda.", "%(n)s items are on the agenda.", count) % {"n": count}
    return _after(request, meeting, said)


@act_of("meeting_agenda", "slug")
def agenda_copy(request: HttpRequest, slug: str) -> HttpResponse:
    """Start from the last call that has an agenda."""
    meeting = find_meeting(request, slug, "events.run_meeting")
    return _once(request, meeting, partial(_copy, request, meeting))


def _copy(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    source = _last_with_agenda(request.user, meeting)
    count = AgendaItem.copy_all(source, meeting, request.user) if source and not meeting.agenda_items.exists() else 0
    return _after(request, meeting, ngettext("%(n)s item copied.", "%(n)s items copied.", count) % {"n": count})
