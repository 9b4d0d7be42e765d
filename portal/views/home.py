"""`/`: the public start page, where an application stands, or a member's home."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.mail import links
from members.models import Application, User
from members.web.pages import page_at, public_page
from portal.home import home_for
from portal.views.start import start

FIRST_DAYS = timedelta(days=3)


@public_page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not user.is_authenticated:
        return start(request)
    if not user.is_member and not user.is_staff_member:
        return _applicant(request, user)
    page = home_for(user)
    context = {
        **page_at("home"),
        "page": page,
        "greeting": greeting(user, timezone.localtime()) if page.next_call or not _is_new(user) else _welcome(user),
        "now": timezone.now().replace(second=0, microsecond=0),  # its words are the same for a minute
        "waiting_count": len(page.waiting),
    }
    if not page.email_stopped:
        context["email_stopped"] = None  # which nobody has to ask again
    return render(request, "portal/home.html", context)


def _is_new(user: User) -> bool:
    return user.admitted_at is not None and user.admitted_at > timezone.now() - FIRST_DAYS


def _welcome(user: User) -> str:
    return _("Welcome, %(name)s") % {"name": user.get_short_name()}


def greeting(user: User, local: datetime) -> str:
    """By the clock where the person is."""
    if 4 <= local.hour < 12:
        words = _("Good morning, %(name)s")
    elif 12 <= local.hour < 18:
        words = _("Good afternoon, %(name)s")
    else:
        words = _("Good evening, %(name)s")
    return words % {"name": user.get_short_name()}


def _applicant(request: HttpRequest, user: User) -> HttpResponse:
    """Somebody with an account who is no member: where the application stands, and the one next step."""
    application = (
        Application.objects.filter(applicant=user)
        .select_related("jurisdiction", "decided_by")
        .order_by("-submitted_at")
        .first()
    )
    question = application.questions.waiting().first() if application else None
    key = links.make(links.APPLICATION_ANSWER, user.pk, question.pk) if question else ""
    context = {**page_at("home"), "application": application, "question": question, "answer_key": key}
    return render(request, "portal/home_applicant.html", context)
