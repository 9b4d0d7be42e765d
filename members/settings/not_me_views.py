"""`/n/<token>/`: somebody says that a change to how they sign in was not them, from the mail about it, without signing in.

A GET shows what will happen. POST signs the person out everywhere, ends the tokens of programs, holds the change
(members.accounts.disputes) and tells administrators, once a mail.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from members.accounts import disputes
from members.accounts.messages import SecurityNews
from members.mail import links
from members.models import Delivery, User
from members.web.acts import page_or_post
from members.web.keyed import unlinked
from members.web.rate_limits import is_guessing


@login_not_required
@csrf_exempt
@page_or_post
def not_me_link(request: HttpRequest, token: str) -> HttpResponse:
    found = _open(token)
    if found is None:
        status = 429 if is_guessing(request, "not_me") else 404
        return unlinked(render(request, "429.html" if status == 429 else "members/not_me_gone.html", status=status))
    person, news = found
    with timezone.override(person.zone):
        if request.method == "POST":
            disputes.deny(person, news)
        return unlinked(
            render(
                request,
                "members/not_me.html",
                {"news": news, "said": request.method == "POST", "holds": disputes.holds(news)},
            )
        )


def _open(token: str) -> tuple[User, Delivery] | None:
    try:
        link = links.read(links.NOT_ME, token)
        person, number = link.person(), int(link.thing)
    except (links.BadLink, ValueError):
        return None
    news = Delivery.objects.filter(pk=number, kind=SecurityNews.kind, facts__whose=link.person_id).first()
    return (person, news) if news else None
