"""The membership desk's queue: who asks to become a member, what we could check, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.applications import admission, evidence
from members.applications.decision_forms import DeclineForm, NoteForm
from members.models import Application
from members.places.forms import SettlePlaceForm
from members.places.governments import look_up
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.times import formats
from members.web import kept, meanwhile
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import ChangedMeanwhile
from members.web.once import once
from members.web.pages import page_at

DECIDE = "members.decide_application"
SHOWN = 50


@dataclass(frozen=True)
class Listed:
    """A line of the queue: the application, since when it waits or was decided, and the badge that says how it stands."""

    application: Application
    at: datetime
    tone: str
    words: str
    icon: str = ""


def _as_asked(application: Application) -> Listed:
    return Listed(application, application.asked_at, "", _("Asked"), "clock")  # type: ignore[attr-defined]  # asked()


def _as_decided(application: Application) -> Listed:
    tone, icon = ("good", "") if application.is_approved else ("", "x")
    return Listed(application, application.decided_at, tone, application.get_decision_display(), icon)  # type: ignore[arg-type]  # decided, so at some time


@require_safe
@staff_page(DECIDE)
def staff_applications(request: HttpRequest) -> HttpResponse:
    if request.GET.get("tab") == "decided":
        page = page_of(
            Application.objects.visible_to(request.user).decided().for_listing(),
            ["-decided_at", "pk"],
            request.GET,
            size=SHOWN,
        )
        words = "" if page.rows else _("Nothing decided yet. Approved and declined applications are kept here.")
        context = {
            "tab": "decided",
            "paged": page,
            "listed": list(map(_as_decided, page.rows)),
            "words": words,
            **_counts(),
            **page_at("applications"),
        }
        return render(request, "members/staff_applications.html", context)
    if request.GET.get("tab") == "waiting":
        asked = Application.objects.visible_to(request.user).asked().for_listing()
        page = page_of(asked, ["-asked_at", "pk"], request.GET, size=SHOWN)
        words = (
            "" if page.rows else _("Nobody has a question to answer. Applicants whom you ask something are kept here.")
        )
        context = {
            "tab": "waiting",
            "paged": page,
            "listed": list(map(_as_asked, page.rows)),
            "words": words,
            **_counts(),
            **page_at("applications"),
        }
        return render(request, "members/staff_applications.html", context)
    queue = _queue(request)
    return render(request, "members/staff_applications.html", _desk(queue, queue[0] if queue else None))


@require_safe
@staff_page(DECIDE)
def staff_application(request: HttpRequest, pk: int) -> HttpResponse:
    return _shown(request, _application(request, pk))


@act_of("staff_application", "pk")
@staff_page(DECIDE)
def staff_application_approve(request: HttpRequest, pk: int) -> HttpResponse:
    application = _application(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _shown(request, application, form)
    sentence = _("%(name)s is a member now. The welcome is on its way.")
    decide = partial(_decide, request, application, admission.approve, form.cleaned_data["note"], sentence)
    return once(request, decide, keyless=False)


@page_or_post
@staff_page(DECIDE)
def staff_application_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """A page that asks once more; it takes along the note typed on the desk."""
    application = _application(request, pk)
    if application.decided_at:
        return redirect("staff_application", pk)
    confirmed = "confirm" in request.POST
    form = DeclineForm(request.POST) if confirmed else DeclineForm(initial={"note": request.POST.get("note", "")})
    if confirmed and form.is_valid():
        sentence = _("You declined %(name)s’s application. They get your note.")
        decide = partial(_decide, request, application, admission.decline, form.cleaned_data["note"], sentence)
        return once(request, decide, keyless=False)
    context = {"application": application, "form": form, **page_at("applications")}
    if confirmed:
        return kept.page(request, "members/staff_application_decline.html", context, form)
    # The question is a page of its own too: Back and reload show it again.
    return kept.page(request, "members/staff_application_decline.html", context, form, note="asked", status=200)


@page_or_post
@staff_page(DECIDE)
def staff_application_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which government the applicant meant, with those first that what was typed may mean."""
    application = _application(request, pk)
    if application.decided_at:
        return _decided_already(request, application)
    form = SettlePlaceForm(
        request.POST if request.method == "POST" else None, initial={"place": _place_of(application)}, row=application
    )
    template, context = (
        "members/staff_application_place.html",
        {"application": application, "form": form, **page_at("applications")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            settled = admission.settle_place(
                application, form.cleaned_data["jurisdiction"], request.user, seen=form.cleaned_data["seen"]
            )
        except ChangedMeanwhile as other:
            return meanwhile.refused(request, template, context, form, other.current)
        except admission.AlreadyDecided as earlier:
            return _decided_already(request, earlier.application)
        messages.success(request, _("Saved: %(place)s") % {"place": settled.where})
        return redirect("staff_application", pk)
    kept.bring_back(request, form)
    form.places = form.places or ([] if form.is_bound else look_up(application.place))
    return meanwhile.page(request, template, context, form, application)


def _decided_already(request: HttpRequest, application: Application) -> HttpResponse:
    messages.warning(request, _earlier(application))
    return redirect("staff_application", application.pk)


def _place_of(application: Application) -> str:
    return application.jurisdiction.label if application.jurisdiction else application.place


def _decide(request: HttpRequest, application: Application, verb: Callable, note: str, sentence: str) -> HttpResponse:
    try:
        verb(application, request.user, note)
    except admission.PlaceUnsettled:
        messages.warning(request, _("Choose the government before you approve."))
        return redirect("staff_application_place", application.pk)
    except admission.AlreadyDecided as earlier:
        return _decided_already(request, earlier.application)
    messages.success(request, sentence % {"name": application.applicant.name})
    following = Application.objects.visible_to(request.user).to_decide().first()
    return redirect("staff_application", following.pk) if following else redirect("staff_applications")


def _earlier(application: Application) -> str:
    if application.decision == Application.Decision.LAPSED:
        return _("This application ended %(when)s, without an answer to our question.") % {
            "when": formats.listed(application.decided_at)  # type: ignore[arg-type]  # decided, so at some time
        }
    words = (
        _("%(who)s approved this application first, %(when)s.")
        if application.is_approved
        else _("%(who)s declined this application first, %(when)s.")
    )
    return words % {"who": application.decided_by or _("Somebody"), "when": formats.listed(application.decided_at)}  # type: ignore[arg-type]  # decided, so at some time


def _application(request: HttpRequest, pk: int) -> Application:
    return get_object_or_404(Application.objects.visible_to(request.user).for_listing(), pk=pk)


def _queue(request: HttpRequest) -> list[Application]:
    """The oldest ones, and who comes after the list ends is counted in the head of the page."""
    return list(Application.objects.visible_to(request.user).to_decide().for_listing()[:SHOWN])


def _shown(request: HttpRequest, application: Application, form: NoteForm | None = None) -> HttpResponse:
    form = form or NoteForm()
    context = _desk(_queue(request), application) | {"form": form, "alone": True}
    at = reverse("staff_application", args=[application.pk])
    return kept.page(request, "members/staff_applications.html", context, form, at=at)


def _counts() -> dict[str, int]:
    return {"asked_count": Application.objects.asked().order_by().count()}


def _desk(queue: list[Application], application: Application | None) -> dict:
    found = evidence.evidence_for([*queue, *([application] if application else [])])
    places = [each.pk for each in queue]
    place = places.index(application.pk) if application and application.pk in places else None
    return {
        **page_at("applications"),
        **_counts(),
        "questions": list(application.questions.select_related("asked_by").order_by("asked_at")) if application else [],
        "listed": [Listed(each, each.submitted_at, *found[each.pk].badge) for each in queue],
        "words": _("Oldest first: we promise an answer in 3 working days.") if queue else _("Nobody is waiting."),
        "application": application,
        "evidence": found[application.pk] if application else None,
        "form": NoteForm(),
        "number": None if place is None else place + 1,
        "previous": queue[place - 1] if place else None,
        "following": queue[place + 1] if place is not None and place + 1 < len(queue) else None,
    }
