"""Mail that needs somebody: staff answer it, or say that it is done. (Handing it on: portal/staff/views/mail.py.)"""

from __future__ import annotations

from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.correspondence import waiting
from members.fields import WordsField
from members.mail_desk.views.deliveries import CONTACT
from members.models import InboundMail
from members.sign_in.access import staff_page
from members.web import kept, plain_forms
from members.web.acts import act_of, page_or_post
from members.web.once import once
from members.web.pages import page_at


class AnswerForm(plain_forms.Form):
    words = WordsField(
        label=gettext_lazy("Your answer"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": gettext_lazy("Write an answer. They get it by email.")},
    )


def waiting_mail(pk: int) -> InboundMail:
    return get_object_or_404(InboundMail.objects.select_related("person", "answers").defer("raw"), pk=pk)


def somebody_was_faster(request: HttpRequest, mail: InboundMail) -> HttpResponse:
    messages.info(request, _("It waits for nobody any more."))
    return redirect("staff_inbound_mail", mail.pk)


@page_or_post
@staff_page(CONTACT)
def staff_inbound_answer(request: HttpRequest, pk: int) -> HttpResponse:
    mail = waiting_mail(pk)
    if mail.state != InboundMail.State.WAITING:
        return somebody_was_faster(request, mail)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_answer, request, mail, form.cleaned_data["words"]), keyless=False)
    words = {"title": _("Answer an email"), "act": _("Send the answer")}
    context = {"mail": mail, "form": form, **words, **page_at("deliveries")}
    return kept.page(request, "members/staff_inbound_answer.html", context, form)


def _answer(request: HttpRequest, mail: InboundMail, words: str) -> HttpResponse:
    if not waiting.answer(mail, request.user, words):
        return somebody_was_faster(request, mail)
    messages.success(request, _("Your answer is on its way to them. What they write back waits here again."))
    return redirect("staff_inbound_mail", mail.pk)


@act_of("staff_inbound_mail", "pk")
@staff_page(CONTACT)
def staff_inbound_done(request: HttpRequest, pk: int) -> HttpResponse:
    mail = waiting_mail(pk)
    if not mail.settle(request.user, InboundMail.Settled.DONE):
        return somebody_was_faster(request, mail)
    undo = reverse("staff_inbound_back", args=[mail.pk])
    messages.success(request, _("It is done."), extra_tags=f"undo:{undo}")
    return redirect("staff_inbound_mail", mail.pk)


@act_of("staff_inbound_mail", "pk")
@staff_page(CONTACT)
def staff_inbound_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one back that was looked after: it waits again."""
    mail = waiting_mail(pk)
    if mail.put_back(request.user):
        messages.success(request, _("It waits again."))
    else:
        messages.info(request, _("Nobody has looked after it."))
    return redirect("staff_inbound_mail", mail.pk)
