"""The list of a committee's actions, each with its page."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from committees.models import Committee
from events.models import ActionItem, Meeting
from events.models.actions import NO_DAY
from events.record.actions.acting import act
from events.record.actions.forms import ActForm, ActionForm
from events.record.finding import KEEPING, of_committee
from events.views.finding import next_path
from members.queries.paging import page_of
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at
from members.web.plain_forms import in_plain_words

OPEN, LATE, DONE = "open", "late", "done"
SHOWN = ((OPEN, gettext_lazy("Open")), (LATE, gettext_lazy("Late")), (DONE, gettext_lazy("Done")))
CONFLICT = "changed meanwhile"
FINISHING = "events.finish_action"


@require_safe
@of_committee()
def committee_actions(request: HttpRequest, committee: Committee) -> HttpResponse:
    """`?show=late` and `?show=done` narrow it."""
    asked = request.GET.get("show", "")
    shown = asked if asked in (LATE, DONE) else OPEN
    actions = ActionItem.objects.for_listing(request.user).filter(committee=committee)
    page = page_of(_that_are(actions, shown), _order(shown), request.GET, anchors=_with_order(ActionItem.objects.all()))
    may_keep = request.user.has_perm(KEEPING, committee)
    for action in page.rows:
        action.may_act = may_keep or action.owner_id == request.user.pk
    context = {
        **page_at("committees", back=committee),
        "committee": committee,
        "shown": shown,
        "kinds": _counted(committee, shown),
        "page": page,
        "may_keep": may_keep,
        "without_owner": _without_owner(committee) if may_keep else 0,
        "here": request.get_full_path(),
    }
    return render(request, "events/actions/list.html", context)


def _with_order(actions: Any) -> Any:
    """`order_on`: the day, a far one for those without."""
    return actions.annotate(order_on=NO_DAY)


def _that_are(actions: Any, shown: str) -> Any:
    if shown == DONE:
        return _with_order(actions.done())
    return _with_order(actions.late(timezone.localdate()) if shown == LATE else actions.open())


def _order(shown: str) -> tuple[str, ...]:
    return ("-done_at", "-pk") if shown == DONE else ("order_on", "pk")


def _counted(committee: Committee, shown: str) -> list[dict[str, Any]]:
    counts = committee.actions.numbers(timezone.localdate())
    return [{"name": name, "label": label, "count": counts[name], "current": name == shown} for name, label in SHOWN]


def _without_owner(committee: Committee) -> int:
    actions: QuerySet[ActionItem] = committee.actions.open().without_owner()
    return actions.count()


@page_or_post
@of_committee(KEEPING)
def action_new(request: HttpRequest, committee: Committee) -> HttpResponse:
    """`?call=<slug>` says where it was promised."""
    meeting = Meeting.objects.of_committee(committee.pk).filter(slug=request.GET.get("call", "")).first()
    form = ActionForm(request.POST or None, instance=ActionItem(committee=committee), people=list(committee.people()))
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, partial(_assign, request, committee, meeting, form))
        except ValidationError as error:
            form._update_errors(in_plain_words(error))
    kept.bring_back(request, form)
    return kept.page(request, "events/actions/new.html", _context(committee) | {"form": form}, form)


def _assign(request: HttpRequest, committee: Committee, meeting: Meeting | None, form: ActionForm) -> HttpResponse:
    ActionItem.assign(committee, request.user, key=uuid.uuid4(), meeting=meeting, **form.words)
    messages.success(request, _("Written down."))
    return redirect("committee_actions", committee.slug)


@page_or_post
@of_committee()
def action_detail(request: HttpRequest, committee: Committee, pk: int) -> HttpResponse:
    """Its page; its owner and those who keep the list change it there."""
    action = _find(request, committee, pk)
    may_act = request.user.has_perm(FINISHING, action)
    if request.method == "POST" and not may_act:
        raise PermissionDenied
    people = list(committee.people()) if may_act else []
    form = ActionForm(
        request.POST or None,
        instance=_find(request, committee, pk),
        initial={"seen": action.version},
        people=[*people, *([action.owner] if action.owner and action.owner not in people else [])],
    )
    context = _context(committee) | {
        "action": action,
        "may_act": may_act,
        "may_keep": request.user.has_perm(KEEPING, committee),
        "here": request.path,
    }
    context["form"] = form
    if request.method == "POST" and form.is_valid():
        try:
            return _edit(request, action, form)
        except ChangedMeanwhile as other:
            changed = {"seen": str(other.current.version)}
            context["current"] = other.current
            return kept.page(
                request, "events/actions/detail.html", context, form, status=409, note=CONFLICT, changed=changed
            )
        except ValidationError as error:
            form._update_errors(in_plain_words(error))
    if request.method != "POST" and kept.bring_back(request, form) == CONFLICT:
        context["current"] = ActionItem.objects.select_related("owner", "edited_by").get(pk=pk)
    return kept.page(request, "events/actions/detail.html", context, form)


def _edit(request: HttpRequest, action: ActionItem, form: ActionForm) -> HttpResponse:
    action.edit(request.user, seen=form.cleaned_data["seen"], **form.words)
    messages.success(request, _("Saved."))
    return redirect("committee_actions", action.committee.slug)


@act_of("action_detail", "slug", "pk")
@of_committee()
def action_act(request: HttpRequest, committee: Committee, pk: int) -> HttpResponse:
    """One tap: done, undo, a week later, another day, handed on, off the list."""
    action = _find(request, committee, pk)
    perm = KEEPING if _posted(request).get("act") in (ActForm.DROP, ActForm.RESTORE) else FINISHING
    if not request.user.has_perm(perm, committee if perm == KEEPING else action):
        raise PermissionDenied
    return once(request, partial(_act, request, action))


def _posted(request: HttpRequest) -> QueryDict:
    """Undo posts to an address that says the act."""
    posted = request.GET.copy()
    posted.update(request.POST)
    return posted


def _act(request: HttpRequest, action: ActionItem) -> HttpResponse:
    page = next_path(request, reverse("action_detail", args=[action.committee.slug, action.pk]))
    form = ActForm(_posted(request), people=list(action.committee.people()))
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect(page)
    try:
        done = act(action, request.user, form.cleaned_data)
    except ChangedMeanwhile as other:
        messages.warning(request, meanwhile_words(other.current))
        return redirect(page)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(page)
    undo = f"{request.path}?{urlencode({'act': done.undo, 'next': page})}"
    messages.success(request, done.said, extra_tags=f"undo:{undo}" if done.undo else "")
    return redirect(page)


def meanwhile_words(current: ActionItem) -> str:
    name = current.edited_by.name if current.edited_by else _("Somebody")
    return _("%(name)s changed this action while you had it open. Look at it, then choose again.") % {"name": name}


def _find(request: HttpRequest, committee: Committee, pk: int) -> ActionItem:
    actions = ActionItem.objects.visible_to(request.user).filter(committee=committee).with_owner_on_it()
    action = get_object_or_404(actions.select_related("owner", "meeting", "done_by", "made_by"), pk=pk)
    action.committee = committee  # which knows the reader's role
    return action


def _context(committee: Committee) -> dict[str, Any]:
    back = reverse("committee_actions", args=[committee.slug])
    return {**page_at("committees", back=back, label=_("Actions")), "committee": committee}
