"""The pages on which an office is changed, as its person opens them in Settings and staff at the desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from members.models import Office, User
from members.terms import offices
from members.terms.forms import BeginForm, CorrectForm, LeaveForm
from members.times import formats
from members.times.clock import today
from members.web import kept, meanwhile
from members.web.meanwhile import ChangedMeanwhile

TEMPLATE = "members/terms/office_form.html"


@dataclass(frozen=True)
class Door:
    """Whose offices, who changes them, and the page to return to."""

    person: User
    by: User
    layout: str
    back: str
    page: dict[str, Any] = field(default_factory=dict)

    @property
    def is_own(self) -> bool:
        return self.by.pk == self.person.pk


def correct(request: HttpRequest, door: Door, office: Office) -> HttpResponse:
    form = CorrectForm(request.POST if request.method == "POST" else None, row=office)
    context = _context(door, form, _("Correct this office"), _("Save"), office)
    context["lead"] = (
        _("For what was never right: a word, a place, a day. If you hold another office now, say that instead.")
        if door.is_own
        else _("For what was never right: a word, a place, a day.")
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = offices.correct(office, door.by, **form.words())
        except ChangedMeanwhile as other:
            return meanwhile.refused(request, TEMPLATE, context, form, other.current)
        messages.success(request, _saved(door, saved))
        return redirect(door.back)
    return meanwhile.page(request, TEMPLATE, context, form, office)


def begin(request: HttpRequest, door: Door, instead_of: Office | None) -> HttpResponse:
    initial = {"started_on": today()}
    form = BeginForm(request.POST if request.method == "POST" else None, row=instead_of, initial=initial)
    title = _("Another office instead") if instead_of else _("Add an office")
    context = _context(door, form, title, _("Save"), instead_of)
    if instead_of:
        context["lead"] = _("The office until then ends on the first day of the new one, and stays on record.")
    if request.method == "POST" and form.is_valid():
        try:
            saved = offices.begin(door.person, door.by, instead_of=instead_of, **form.words())
        except ChangedMeanwhile as other:
            return meanwhile.refused(request, TEMPLATE, context, form, other.current)
        messages.success(request, _saved(door, saved))
        return redirect(door.back)
    return kept.page(request, TEMPLATE, context, form)


def leave(request: HttpRequest, door: Door, office: Office) -> HttpResponse:
    form = LeaveForm(request.POST if request.method == "POST" else None, row=office)
    context = _context(door, form, _("Out of office"), _("Save"), office)
    context["lead"] = what_ends(door.person, office, is_own=door.is_own)
    if request.method == "POST" and form.is_valid():
        try:
            left = offices.leave(office, door.by, form.cleaned_data["on"], seen=form.cleaned_data["seen"])
        except ChangedMeanwhile as other:
            return meanwhile.refused(request, TEMPLATE, context, form, other.current)
        except ValidationError as error:
            form.add_error("on", error.messages[0])
        else:
            messages.success(request, left_words(left))
            return redirect(door.back if User.objects.active().filter(pk=door.by.pk).exists() else "home")
    return meanwhile.page(request, TEMPLATE, context, form, office)


def what_ends(person: User, office: Office, *, is_own: bool) -> str:
    """What follows from leaving this office."""
    if person.offices.exclude(pk=office.pk).filter(leaves=False).exists():
        return _("The office stays on record. The membership goes on with the other one.")
    if person.appointments.in_force().exists():
        return _("The office stays on record.")
    if is_own:
        return _("On that day your membership ends: you leave your committees and get no more mail about calls.")
    return _("On that day the membership ends: committees, calls and mail end with it. What was said and done stays.")


def left_words(office: Office) -> str:
    words = {"title": office.title, "day": formats.date_only(office.ended_on)}  # type: ignore[arg-type]  # left, so on a day
    return _("%(title)s: out of office from %(day)s.") % words


def _saved(door: Door, office: Office) -> str:
    if office.unchecked_since and door.is_own:
        return _("Saved. Staff look at it, because it is another place.")
    return _("Saved: %(office)s") % {"office": f"{office.title}, {office.jurisdiction.label}"}


def _context(door: Door, form: Any, title: str, button: str, office: Office | None) -> dict[str, Any]:
    return {"door": door, "form": form, "title": title, "button": button, "office": office, "lead": "", **door.page}
