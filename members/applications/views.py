"""Asking to become a member: one question a page, then a look at all answers, then sent."""

from __future__ import annotations

from functools import partial
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from members.accounts import codes
from members.applications import admission, confirmation
from members.applications.answers import Answers
from members.applications.forms import CodeForm, EmailForm, NameForm, OfficeForm, PlaceForm, Question, TermForm, WhyForm
from members.models import Jurisdiction
from members.text.numbers import key_of
from members.web import kept
from members.web.acts import act_of, page_or_post

SENT = "application_sent"


@login_not_required
@page_or_post
def name(request: HttpRequest) -> HttpResponse:
    return _ask(request, "name", NameForm)


@login_not_required
@page_or_post
def email(request: HttpRequest) -> HttpResponse:
    answers = Answers.of(request)
    if (elsewhere := _elsewhere(request, answers, "email")) or request.user.is_authenticated:
        return elsewhere or _go(answers)
    form = EmailForm(answers, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, answers, "email", form)
    answers |= form.given()
    asks = not answers.has("code") and "exit" not in request.POST
    if asks and (refused := _send_code(request, answers)):
        form.add_error("email", refused)
        return _page(request, answers, "email", form, status=429)
    return _keep(request, answers)


@login_not_required
@page_or_post
def code(request: HttpRequest) -> HttpResponse:
    answers = Answers.of(request)
    if (elsewhere := _elsewhere(request, answers, "code")) or answers.has("code"):
        return elsewhere or _go(answers)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = _refusal(request, answers["email"], form.cleaned_data["code"])
        if reason == "used":
            return redirect("apply_code")
        if not reason:
            confirmation.applicant_at(answers["email"], answers["name"])
            answers.confirm()
            return _keep(request, answers)
        form.add_error("code", REASONS[reason])
    return _page(request, answers, "code", form)


@login_not_required
@act_of("apply_code")
def code_again(request: HttpRequest) -> HttpResponse:
    answers = Answers.of(request)
    if not answers.reaches("code") or answers.has("code"):
        return _go(answers)
    if refused := _send_code(request, answers):
        messages.error(request, refused)
    else:
        messages.success(request, _("A new code is on its way. The earlier one no longer works."))
    answers.keep(request)
    return redirect("apply_code")


@login_not_required
@page_or_post
def office(request: HttpRequest) -> HttpResponse:
    return _ask(request, "office", OfficeForm, then="place", hints=OfficeForm.HINTS)


@login_not_required
@page_or_post
def place(request: HttpRequest) -> HttpResponse:
    picked = _picked(request.GET.get("jurisdiction", ""))
    initial = {"jurisdiction": picked.pk, "place": picked.label} if picked else {}
    return _ask(request, "place", PlaceForm, initial=initial)


@login_not_required
@page_or_post
def term(request: HttpRequest) -> HttpResponse:
    return _ask(request, "term", TermForm)


@login_not_required
@page_or_post
def why(request: HttpRequest) -> HttpResponse:
    return _ask(request, "why", WhyForm)


@login_not_required
@page_or_post
def check(request: HttpRequest) -> HttpResponse:
    answers = Answers.of(request)
    if elsewhere := _elsewhere(request, answers, "check"):
        return elsewhere
    if request.method != "POST" or "exit" in request.POST:
        return (
            _keep(request, answers)
            if request.method == "POST"
            else _page(request, answers, "check", jurisdiction=answers.jurisdiction)
        )
    if not ratelimit.consume(request, action="application", key=answers["email"]):
        refused = _("We got ten applications from here within an hour. Your answers are kept: send them in an hour.")
        return _page(request, answers, "check", jurisdiction=answers.jurisdiction, refused=refused, status=429)
    applicant = confirmation.applicant_at(answers["email"], answers["name"])
    if applicant.is_member:
        return render(request, "members/apply_member.html")
    admission.submit(applicant, answers["name"], **answers.fields())
    Answers.forget(request)
    request.session[SENT] = {"name": answers["name"].split()[0], "email": answers["email"]}
    return redirect("apply_sent")


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    if SENT not in request.session:
        return redirect("apply")
    return render(request, "members/apply_sent.html", request.session[SENT])


def go_on(answers: Answers) -> HttpResponse:
    """From a page of an app above, which keeps an answer of its own."""
    return _go(answers)


def _picked(number: str) -> Jurisdiction | None:
    """The place chosen on the search page."""
    return Jurisdiction.objects.filter(pk=key_of(number)).first()


def _ask(
    request: HttpRequest,
    question: str,
    form_class: type[Question],
    *,
    then: str = "",
    initial: dict | None = None,
    **context: Any,
) -> HttpResponse:
    answers = Answers.of(request)
    form = form_class(answers, request.POST if request.method == "POST" else None, initial=initial or {})
    is_answered = request.method == "POST" and form.is_valid()
    if is_answered:
        answers |= form.given()
    if elsewhere := _elsewhere(request, answers, question):
        return elsewhere
    if is_answered:
        return _keep(request, answers, then)
    if "exit" in request.POST:
        return _keep(request, answers)
    return _page(request, answers, question, form, **context)


def _elsewhere(request: HttpRequest, answers: Answers, question: str) -> HttpResponse | None:
    """Where to go instead: members have nothing to ask for, and an earlier question may be open."""
    if request.user.is_authenticated and request.user.is_member:
        return render(request, "members/apply_member.html")
    if answers.reaches(question):
        return None
    if request.method == "POST" and answers.missing == "code":
        _confirm_again(request, answers)
    return _go(answers)


def _confirm_again(request: HttpRequest, answers: Answers) -> None:
    """The page waited longer than what it carries proves the address: its words stay, and a new code goes out."""
    answers.keep(request)
    if refused := _send_code(request, answers):
        messages.error(request, refused)
    else:
        messages.info(request, _("Your answers are kept. That was a while ago, so we sent you a code once more."))


def _keep(request: HttpRequest, answers: Answers, then: str = "") -> HttpResponse:
    answers.keep(request)
    if "exit" in request.POST:
        messages.success(request, _("Your answers are kept in this browser. Choose “Become a member” to go on."))
        return redirect("home")
    return redirect(f"apply_{then}") if then else _go(answers)


def _go(answers: Answers) -> HttpResponse:
    """To the first open question, or to the look at all answers."""
    missing = answers.missing or "check"
    return redirect("apply" if missing == "name" else f"apply_{missing}")


def _page(
    request: HttpRequest, answers: Answers, question: str, form: Any = None, *, status: int = 200, **context: Any
) -> HttpResponse:
    screens = _screens(request)
    context |= {
        "answers": answers,
        "form": form,
        "question": question,
        "step": screens.index(question) + 1,
        "steps": len(screens),
        "back": _before(request, question),
    }
    template = f"members/apply_{question}.html"
    if form is None or status != 200:
        return render(request, template, context, status=status)
    if form.errors:
        answers.keep(request)  # also those that only the page carried
    return kept.page(request, template, context, form)


def _screens(request: HttpRequest) -> list[str]:
    """What this person sees one after another: who is signed in has proved the address."""
    proved = ("email", "code") if request.user.is_authenticated else ()
    return [each for each in (*Answers.QUESTIONS, "check") if each not in proved]


def _before(request: HttpRequest, question: str) -> str:
    order = [each for each in _screens(request) if each != "code"]
    place = order.index("email" if question == "code" else question)
    earlier = "email" if question == "code" else order[place - 1] if place else ""
    return {"": "", "name": "apply"}.get(earlier, f"apply_{earlier}")


def _send_code(request: HttpRequest, answers: Answers) -> str:
    """Why no code was sent, "" when one was."""
    email = answers["email"]
    send = partial(confirmation.send_code, request, email)
    return codes.send_once(request, confirmation.PURPOSE, email, send, limit="application_code")


def _refusal(request: HttpRequest, email: str, code: str) -> str:
    """Why the code is not accepted, "" when it is."""
    try:
        confirmation.check_code(request, email, code)
    except codes.Refused as refused:
        return refused.reason
    return ""


REASONS = {
    "wrong": gettext_lazy("That code doesn’t match. Check the newest email from us."),
    "expired": gettext_lazy("That code is too old: it works for 15 minutes. Send a new one."),
    "tries": gettext_lazy("Too many tries. Send a new code."),
}
