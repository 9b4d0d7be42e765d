"""`/q/<token>/`: deciding on one request to join as one person, from a mail, without signing in.

A GET changes nothing: it shows who asks, and asks once. The token is of one person and one request; it counts as long as
the person decides about that committee, and never signs anybody in.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from committees.joining import requests as joining
from committees.joining.forms import AnswerForm
from committees.models import JoinRequest
from members.mail import links
from members.models import User
from members.web.acts import page_or_post
from members.web.keyed import unlinked
from members.web.rate_limits import is_guessing


@dataclass(frozen=True)
class Opened:
    """What a valid token is about."""

    person: User
    asked: JoinRequest

    @property
    def is_open(self) -> bool:
        return JoinRequest.objects.waiting().filter(pk=self.asked.pk).exists()


@login_not_required
@csrf_exempt
@page_or_post
def request_link(request: HttpRequest, token: str) -> HttpResponse:
    opened = _open(token)
    if opened is None:
        status = 429 if is_guessing(request, "request") else 404
        return unlinked(
            render(request, "429.html" if status == 429 else "committees/request_link_gone.html", status=status)
        )
    with timezone.override(opened.person.zone):
        return unlinked(_page(request, opened))


def _page(request: HttpRequest, opened: Opened) -> HttpResponse:
    form = AnswerForm(request.POST if request.method == "POST" else None)
    said = _decide(opened, form) if request.method == "POST" and opened.is_open and form.is_valid() else ""
    context = {"asked": opened.asked, "person": opened.person, "form": form, "said": said}
    is_open = not said and opened.is_open
    context |= {"meant": request.GET.get("answer", ""), "is_open": is_open}
    status = 400 if form.errors and is_open else 410 if not (said or is_open) else 200
    return render(request, "committees/request_link.html", context, status=status)


def _decide(opened: Opened, form: AnswerForm) -> str:
    """What became of it, in a sentence."""
    answer = joining.accept if form.cleaned_data["decision"] == "accept" else joining.decline
    names = {"name": opened.asked.user.name, "committee": opened.asked.committee.name}
    try:
        answered = answer(opened.asked, opened.person, form.cleaned_data["note"])
    except ValidationError as error:
        return str(error.messages[0])
    if not answered:
        return _("%(name)s’s request was answered already.") % names
    if answer is joining.accept:
        return _("%(name)s is on %(committee)s now. They get an email.") % names
    return _("You declined %(name)s’s request. They get your note by email.") % names


def _open(token: str) -> Opened | None:
    """None for a link that is none, and for one of somebody who does not decide there any more."""
    try:
        link = links.read(links.DECIDE, token)
        person, number = link.person(), int(link.thing)
    except (links.BadLink, ValueError):
        return None
    asked = JoinRequest.objects.select_related("committee", "user").with_office().filter(pk=number).first()
    if asked is None or not joining.may_decide_from_a_mail(person, asked.committee):
        return None
    return Opened(person, asked)
