"""Pages to ask an applicant, and members about an applicant, and those of the links in the mails that ask.

A GET of a link changes nothing. Its token is of one person and one question, and never signs anybody in.
"""

from __future__ import annotations

from functools import partial
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Case, IntegerField, Model, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from members.applications import admission, asking
from members.applications.decision_forms import ApplicantsAnswerForm, AskMemberForm, QuestionForm, VouchForm
from members.mail import links
from members.models import Application, ApplicationQuestion, Office, User, Voucher
from members.models.applications import AlreadyAsked
from members.models.users import UserQuerySet
from members.models.vouchers import MOST, TooMany
from members.sign_in.access import staff_page
from members.web import kept
from members.web.acts import page_or_post
from members.web.keyed import unlinked
from members.web.once import once
from members.web.pages import page_at
from members.web.rate_limits import is_guessing

DECIDE = "members.decide_application"
SHOWN = 30
T = TypeVar("T", bound=Model)


# Staff ask -----------------------------------------------------------------------------------------


@page_or_post
@staff_page(DECIDE)
def staff_application_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """A page to write the question on; it takes along the note typed on the desk."""
    application = _application(request, pk)
    if application.decided_at:
        return redirect("staff_application", pk)
    asks = "ask" in request.POST
    form = QuestionForm(request.POST) if asks else QuestionForm(initial={"words": request.POST.get("note", "")})
    if asks and form.is_valid():
        return once(request, partial(_ask, request, application, form.cleaned_data["words"]), keyless=False)
    template, context = "members/staff_application_ask.html", {"application": application, **page_at("applications")}
    if asks:
        return kept.page(request, template, context | {"form": form}, form)
    return kept.page(request, template, context | {"form": form}, form, note="asked", status=200)


def _ask(request: HttpRequest, application: Application, words: str) -> HttpResponse:
    try:
        asking.ask(application, request.user, words)
    except admission.AlreadyDecided:
        messages.warning(request, _("Somebody decided this application first."))
    except AlreadyAsked as earlier:
        who = earlier.question.asked_by or _("Somebody")
        messages.warning(request, _("%(who)s asked a question that isn’t answered yet.") % {"who": who})
    else:
        name = application.applicant.get_short_name()
        messages.success(request, _("Your question is on its way. %(name)s can answer by email.") % {"name": name})
    return redirect("staff_application", application.pk)


@page_or_post
@staff_page(DECIDE)
def staff_application_vouch(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask members near the applicant whether they know them."""
    application = _application(request, pk)
    if application.decided_at:
        return redirect("staff_application", pk)
    if application.jurisdiction is None:
        messages.warning(request, _("Choose the government first: members of the same state are asked."))
        return redirect("staff_application_place", pk)
    vouchers = list(application.vouchers.select_related("member").order_by("asked_at", "pk"))
    near = _near(application).exclude(pk__in=[each.member_id for each in vouchers])
    form = AskMemberForm(request.POST if request.method == "POST" else None, near=near)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_ask_member, request, application, form.cleaned_data["member"]))
    words = request.GET.get("q", "")[:100].strip()
    found = near.matching(words) if words else near
    context = {
        "application": application,
        "form": form,
        "words": words,
        "vouchers": vouchers,
        "people": found[:SHOWN] if len(vouchers) < MOST else [],
        "is_full": len(vouchers) >= MOST,
        **page_at("applications"),
    }
    return kept.page(request, "members/staff_application_vouch.html", context, form)


def _ask_member(request: HttpRequest, application: Application, member: User) -> HttpResponse:
    try:
        asking.ask_member(application, request.user, member)
    except admission.AlreadyDecided:
        messages.warning(request, _("Somebody decided this application first."))
        return redirect("staff_application", application.pk)
    except TooMany:
        messages.warning(request, _("No more than %(most)d members are asked about one application.") % {"most": MOST})
    else:
        messages.success(request, _("%(name)s is asked by email.") % {"name": member.name})
    return redirect("staff_application_vouch", application.pk)


def _near(application: Application) -> UserQuerySet:
    """Members who hold an office in the same state, those of the same place first, each with the office in words."""
    place = application.jurisdiction
    there = Office.objects.current().filter(jurisdiction=place).values("user")
    near = User.objects.members().in_state(place.state if place else "").exclude(pk=application.applicant_id)
    order = Case(When(pk__in=there, then=Value(0)), default=Value(1), output_field=IntegerField())
    return near.for_listing().order_by(order, "name", "pk")


def _application(request: HttpRequest, pk: int) -> Application:
    return get_object_or_404(Application.objects.visible_to(request.user).for_listing(), pk=pk)


# The links in the mails ----------------------------------------------------------------------------


@login_not_required
@csrf_exempt
@page_or_post
def application_answer(request: HttpRequest, token: str) -> HttpResponse:
    """`/w/<token>/`: the applicant answers, and may correct the answer until somebody decides."""
    question = _opened(links.APPLICATION_ANSWER, token, ApplicationQuestion, "application__applicant")
    if question is None or question.application.applicant != links.read(links.APPLICATION_ANSWER, token).person():
        return _gone(request)
    with timezone.override(question.application.applicant.zone):
        return unlinked(_answered(request, question, reverse("application_answer", args=[token])))


def _answered(request: HttpRequest, question: ApplicationQuestion, address: str) -> HttpResponse:
    form = ApplicantsAnswerForm(request.POST or None, initial={"answer": question.answer})
    is_over = question.application.decided_at is not None
    if request.method == "POST" and not is_over and form.is_valid():
        said = question.say(form.cleaned_data["answer"])
        return redirect(f"{address}?said=1" if said else address)  # where it says what happened meanwhile
    context = {
        "question": question,
        "person": question.application.applicant,
        "form": form,
        "is_over": is_over,
        "said": bool(question.answered_at) and "said" in request.GET,
    }
    return _link_page(request, "members/application_answer.html", context, form, is_over)


@login_not_required
@csrf_exempt
@page_or_post
def vouch_link(request: HttpRequest, token: str) -> HttpResponse:
    """`/k/<token>/`: a member says whether they know somebody who applied, and may correct that until it is decided."""
    voucher = _opened(links.VOUCH, token, Voucher, "application__applicant", "application__jurisdiction", "member")
    if voucher is None or not voucher.member.is_member:
        return _gone(request)
    with timezone.override(voucher.member.zone):
        return unlinked(_vouched(request, voucher, reverse("vouch_link", args=[token])))


def _vouched(request: HttpRequest, voucher: Voucher, address: str) -> HttpResponse:
    form = VouchForm(request.POST or None, initial={"words": voucher.words})
    knows = request.POST.get("answer", "")
    is_over = voucher.application.decided_at is not None
    if knows in ("yes", "no") and not is_over and form.is_valid():
        said = voucher.say(knows=knows == "yes", words=form.cleaned_data["words"])
        return redirect(f"{address}?said=1" if said else address)  # where it says what happened meanwhile
    context = {
        "voucher": voucher,
        "application": voucher.application,
        "applicant": voucher.application.applicant,
        "person": voucher.member,
        "form": form,
        "is_over": is_over,
        "meant": request.GET.get("answer", ""),
        "said": voucher.said_at is not None and "said" in request.GET,
    }
    return _link_page(request, "members/vouch.html", context, form, is_over)


def _link_page(request: HttpRequest, template: str, context: dict[str, Any], form: Any, is_over: bool) -> HttpResponse:
    if is_over:
        return render(request, template, context, status=410)
    return kept.page(request, template, context, form)


def _opened(purpose: str, token: str, model: type[T], *related: str) -> T | None:
    """What the token is about; None for one that is none, or of an account that was closed."""
    try:
        link = links.read(purpose, token)
        link.person()
        return model._default_manager.select_related(*related).filter(pk=int(link.thing)).first()
    except (links.BadLink, ValueError):
        return None


def _gone(request: HttpRequest) -> HttpResponse:
    status = 429 if is_guessing(request, "question") else 404
    template = "429.html" if status == 429 else "members/application_link_gone.html"
    return unlinked(render(request, template, status=status))
