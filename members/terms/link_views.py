"""`/o/<token>/`: still in this office? As one person, from a mail, without signing in.

A GET changes nothing: whatever answer a link of the mail brings, the page has a button for it, or asks for the day. The
token is of one person and one office as it was; of one that was left or is another by now it says so. It never signs
anybody in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt

from members.mail import links
from members.models import Office, User
from members.terms import offices
from members.terms.doors import what_ends
from members.terms.forms import BeginForm, LeaveForm, UntilForm
from members.terms.messages import stamp
from members.times.clock import today
from members.web.acts import page_or_post
from members.web.keyed import reader_of, unlinked
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.rate_limits import is_guessing

YES, UNTIL, LOST, MOVED = "yes", "until", "lost", "moved"
Form = UntilForm | LeaveForm | BeginForm


@dataclass(frozen=True)
class Opened:
    """What a valid token is about."""

    token: str
    person: User
    office: Office
    is_as_told: bool

    @property
    def address(self) -> str:
        return reverse("office_link", args=[self.token])

    @property
    def state(self) -> str:
        if self.office.leaves:
            return "left"
        return "open" if self.is_as_told else "changed"


@login_not_required
@csrf_exempt
@page_or_post
def office_link(request: HttpRequest, token: str) -> HttpResponse:
    opened = _open(token)
    if opened is None:
        status = 429 if is_guessing(request, "office") else 404
        return unlinked(render(request, "429.html" if status == 429 else "members/terms/link_gone.html", status=status))
    with timezone.override(opened.person.zone):
        if request.method == "POST" and opened.state == "open" and _is_meant(request, opened):
            return unlinked(once(request, partial(_answer, request, opened)))
        return _page(request, opened)


def _open(token: str) -> Opened | None:
    """None for a link that is none, of an account that was closed, or of an office that nobody has any more."""
    try:
        link = links.read(links.OFFICE, token)
        number, _dot, told = link.thing.partition(".")
        key = int(number)
    except (links.BadLink, ValueError):
        return None
    held = Office.objects.select_related("user", "jurisdiction").filter(user__in=User.objects.meant_by(link.person_id))
    office = held.filter(pk=key).first()
    if office is None or not office.user.is_active:
        return None
    return Opened(token, office.user, office, stamp(office) == told)


def _is_meant(request: HttpRequest, opened: Opened) -> bool:
    """Whether the reader says that they mean to act for the person, where somebody else is signed in."""
    meant = request.POST.get("for") or request.GET.get("for")
    return reader_of(request, opened.person) != "stranger" or meant == str(opened.person.pk)


def _answer(request: HttpRequest, opened: Opened) -> HttpResponse:
    answer = request.POST.get("answer", "")
    if answer == YES:
        return _done(request, opened, answer, partial(offices.confirm, opened.office, opened.person))
    form = _form(opened, answer, request.POST)
    if form is None:
        return _page(request, opened, status=400)
    if not form.is_valid():
        return _page(request, opened, answer=answer, form=form, status=400)
    said = form.cleaned_data
    verb: Any = {
        UNTIL: lambda: offices.confirm(opened.office, opened.person, ended_on=said["ended_on"]),
        LOST: lambda: offices.leave(opened.office, opened.person, said["on"]),
        MOVED: lambda: offices.begin(opened.person, opened.person, instead_of=opened.office, **form.words()),  # type: ignore[union-attr]
    }[answer]
    return _done(request, opened, answer, verb, form)


def _done(request: HttpRequest, opened: Opened, answer: str, verb: Any, form: Form | None = None) -> HttpResponse:
    try:
        verb()
    except ChangedMeanwhile:
        return _page(request, opened, status=409)
    except ValidationError as error:
        return _page(request, opened, answer=answer, form=form, error=error.messages[0], status=400)
    stranger = {"for": str(opened.person.pk)} if reader_of(request, opened.person) == "stranger" else {}
    return redirect(f"{opened.address}?{urlencode({'said': answer} | stranger)}")


def _form(opened: Opened, answer: str, data: Any = None) -> Form | None:
    """What an answer asks for further; None for one that asks nothing."""
    if answer == UNTIL:
        return UntilForm(data)
    if answer == LOST:
        return LeaveForm(data, row=opened.office)
    if answer == MOVED:
        return BeginForm(data, row=opened.office, initial={"started_on": today()})
    return None


def _page(
    request: HttpRequest,
    opened: Opened,
    *,
    answer: str = "",
    form: Form | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    state, said = opened.state, request.GET.get("said", "")
    if not _is_meant(request, opened):
        state, status = "asks_first", 409 if request.method == "POST" else 200
    elif state != "open" and said not in (LOST, MOVED):
        status = 410
    elif state == "open" and answer == UNTIL:
        state = YES
    elif state == "open" and said in (YES, UNTIL):
        state = said
    answer = answer or (UNTIL if state == YES else request.GET.get("answer", ""))
    context = {
        "office": opened.office,
        "person": opened.person,
        "address": opened.address,
        "state": f"said_{said}" if state == "left" and said in (LOST, MOVED) else state,
        "answer": answer if state in ("open", YES) else "",
        "form": form or _form(opened, answer),
        "ends": what_ends(opened.person, opened.office, is_own=True) if answer == LOST and state == "open" else "",
        "error": error,
        "meant": request.GET.get("for", ""),
    }
    return unlinked(render(request, "members/terms/link.html", context, status=status))
