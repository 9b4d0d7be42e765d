"""The page of the agenda builder, as every act on it leaves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.messages.constants import DEFAULT_TAGS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.agenda.forms import AgendaItemForm, LineForm, TemplateForm, papers_for
from events.agenda.left_over import left_over
from events.agenda.publishing import publication_state
from events.messages.agenda_changes import counted
from events.models import ActionItem, AgendaItem, AgendaTemplate, Meeting, Proposal, RunningItem
from events.models.agendas import Plan, running
from members.models import User
from members.web import kept
from members.web.fragments import wants_fragment
from members.web.once import once
from members.web.pages import page_at

CONFLICT = "changed meanwhile"
LAST_TIME, LEFT_OVER = gettext_lazy("Actions from last time"), 20


def build(
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
    template_form = more.pop("template_form", None) or TemplateForm(prefix="template")
    forms = [line_form, template_form, form] if form else [line_form, template_form]
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
        "source": None if rows else last_with_agenda(request.user, meeting),
        "template_form": template_form,
        **_templates(request.user, meeting),
        "proposals": list(Proposal.objects.waiting().filter(meeting=meeting)),
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


def manages_host(by: User, meeting: Meeting) -> bool:
    """What the host has from other calls is not for co-chairs of a committee that shares this one."""
    return by.has_perm("events.schedule_meeting", meeting.committee)


def _left_over(by: User, meeting: Meeting, rows: list[RunningItem]) -> dict[str, Any]:
    """For who builds the agenda of a call ahead: what the last call did not reach, the committee’s open actions, and
    whether an item for these is offered.
    """
    if meeting.is_cancelled or meeting.is_over or not manages_host(by, meeting):
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


def _templates(by: User, meeting: Meeting) -> dict[str, Any]:
    if not manages_host(by, meeting):
        return {}
    return {"keeps_templates": True, "templates": list(AgendaTemplate.objects.kept_by(meeting.committee_id))}


def last_with_agenda(by: User, meeting: Meeting) -> Meeting | None:
    if not manages_host(by, meeting):
        return None
    calls = Meeting.objects.with_agenda().filter(committee=meeting.committee_id)
    return calls.exclude(pk=meeting.pk).order_by("-starts_at").first()


def after(
    request: HttpRequest,
    meeting: Meeting,
    said: str = "",
    undo: str = "",
    *,
    goes_on: bool = False,
    level: int = messages.SUCCESS,
) -> HttpResponse:
    """The builder as it is now (htmx), or back to its page. `undo`: the address that takes it back; `goes_on`: the field
    for the next line takes the focus.
    """
    if request.htmx:
        toast: dict[str, Any] = {"toast": said, "tone": DEFAULT_TAGS[level]} if said else {}
        if undo:
            toast["undo_action"] = undo
        return build(request, meeting, goes_on=goes_on, **toast)
    if said:
        messages.add_message(request, level, said, extra_tags=f"undo:{undo}" if undo else "")
    return redirect("meeting_agenda", meeting.slug)


def act_once(request: HttpRequest, meeting: Meeting, work: Callable[[], HttpResponse]) -> HttpResponse:
    page = reverse("meeting_agenda", args=[meeting.slug])
    return once(request, work, page=page, again=lambda _page: after(request, meeting))
