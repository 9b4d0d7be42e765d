"""`/a/<token>/`: what became of one action, as its owner, from a mail, without signing in.

A GET changes nothing: it shows the action and asks. The token is of one person and one action; it counts as long as the
person owns it and is on the committee, and never signs anybody in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from events.models import ActionItem
from events.record.actions.acting import a_week_later, act
from events.record.actions.forms import ActForm
from events.record.actions.views import meanwhile_words
from members.mail import links
from members.models import User
from members.web.acts import page_or_post
from members.web.keyed import reader_of, unlinked
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.rate_limits import is_guessing

MAY = (ActForm.DONE, ActForm.REOPEN, ActForm.LATER, ActForm.MOVE, ActForm.HAND)


@dataclass(frozen=True)
class Opened:
    """What a valid token is about."""

    token: str
    person: User
    action: ActionItem

    @property
    def address(self) -> str:
        return reverse("action_link", args=[self.token])

    @property
    def state(self) -> str:
        """What there is to do: "handed" when it is somebody else’s by now, "dropped", "done" or "open"."""
        if self.action.owner_id != self.person.pk or not self.person.has_perm("events.finish_action", self.action):
            return "handed"
        if self.action.is_dropped:
            return "dropped"
        return "done" if self.action.is_done else "open"


@login_not_required
@csrf_exempt
@page_or_post
def action_link(request: HttpRequest, token: str) -> HttpResponse:
    opened = _open(token)
    if opened is None:
        status = 429 if is_guessing(request, "action") else 404
        return unlinked(
            render(request, "429.html" if status == 429 else "events/actions/link_gone.html", status=status)
        )
    with timezone.override(opened.person.zone):
        if request.method == "POST" and opened.state in ("open", "done") and _is_meant(request, opened):
            return unlinked(once(request, partial(_act, request, opened)))
        return _page(request, opened)


def _open(token: str) -> Opened | None:
    """None for a link that is none."""
    try:
        link = links.read(links.ACT, token)
        person_id, number = link.person_id, int(link.thing)
    except (links.BadLink, ValueError):
        return None
    person = User.objects.members().meant_by(person_id).first()
    actions = ActionItem.objects.with_owner_on_it().select_related("committee", "owner", "edited_by")
    action = actions.filter(pk=number).first()
    return Opened(token, person, action) if person and action else None


def _is_meant(request: HttpRequest, opened: Opened) -> bool:
    """Whether the reader says that they mean to act for the person, where somebody else is signed in."""
    meant = request.POST.get("for") or request.GET.get("for")
    return reader_of(request, opened.person) != "stranger" or meant == str(opened.person.pk)


def _act(request: HttpRequest, opened: Opened) -> HttpResponse:
    form = ActForm(request.POST, people=list(opened.action.committee.people()))
    if not form.is_valid() or form.cleaned_data["act"] not in MAY:
        return _page(request, opened, form=form, status=400)
    try:
        done = act(opened.action, opened.person, form.cleaned_data)
    except ChangedMeanwhile as other:
        return _page(request, opened, error=meanwhile_words(other.current), status=409)
    except ValidationError as error:
        return _page(request, opened, error=error.messages[0], status=400)
    stranger = f"&for={opened.person.pk}" if reader_of(request, opened.person) == "stranger" else ""
    said = form.cleaned_data["act"] if done else ""
    return redirect(f"{opened.address}?said={said}{stranger}")


def _page(
    request: HttpRequest, opened: Opened, *, form: ActForm | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    """Of what is somebody else's by now it says nothing more."""
    state = opened.state
    if state == "handed":
        said = request.GET.get("said") == ActForm.HAND
        return unlinked(render(request, "events/actions/link_handed.html", {"said": said}, status=200 if said else 410))
    if not _is_meant(request, opened):
        state, status = "asks_first", 409 if request.method == "POST" else 200
    others = opened.action.committee.people().exclude(pk=opened.person.pk)
    context = {
        "action": opened.action,
        "person": opened.person,
        "address": opened.address,
        "state": state,
        "form": form or ActForm(people=list(others), initial={"due_on": opened.action.due_on}),
        "later": a_week_later(opened.action),
        "error": error or next((errors[0] for errors in form.errors.values()), "") if form else error,
        "said": request.GET.get("said", ""),
        "meant": request.GET.get("for", ""),
    }
    if state == "dropped":
        status = 410
    return unlinked(render(request, "events/actions/link.html", context, status=status))
