"""Asking a member how to reach them, and answering that."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.models import ContactRequest, User
from members.models.contact_requests import Refused
from members.privacy.forms import AnswerForm, AskForm
from members.privacy.messages import tell_answer, tell_asked
from members.queries.paging import page_of
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.once import once
from members.web.pages import page_at


@page_or_post
def contact_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """One line why; the other person hears of it by email, and chooses what to show."""
    _for_members(request)
    owner = get_object_or_404(User.objects.members().select_related("profile"), pk=pk)
    if owner == request.user:
        return redirect("person", pk)
    if request.method == "POST":
        return once(request, lambda: _ask_page(request, owner, AskForm(request.POST)))
    return _ask_page(request, owner, AskForm())


def _ask_page(request: HttpRequest, owner: User, form: AskForm) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            asked, is_new = ContactRequest.ask(request.user, owner, form.cleaned_data["message"])
        except Refused as refused:
            form.add_error(None, _why_not(refused, owner))
        else:
            if is_new:
                tell_asked(asked)
            messages.success(request, _("%(name)s gets your question by email.") % {"name": owner.name})
            return redirect("person", owner.pk)
    context = {
        "person": owner,
        "form": form,
        **page_at("people", back=reverse("person", args=[owner.pk]), label=owner.name),
    }
    return kept.page(request, "members/contact/ask.html", context, form)


def _why_not(refused: Refused, owner: User) -> str:
    if refused.reason == "rest":
        return _("%(name)s said no lately. You meet on calls.") % {"name": owner.name}
    return _("You asked many people today. Ask again tomorrow: what you typed stays here.")


@require_safe
def contact_requests(request: HttpRequest) -> HttpResponse:
    """Who asked me, and whom I asked."""
    _for_members(request)
    asked = ContactRequest.objects.open_to(request.user).select_related("asker", "owner")
    page = page_of(asked.order_by("-asked_at", "-pk"), ("-asked_at", "-pk"), request.GET)
    context = {"page": page, **page_at("settings", back=reverse("settings_privacy"), label=_("Privacy"))}
    return render(request, "members/contact/requests.html", context)


@page_or_post
def contact_request(request: HttpRequest, pk: int) -> HttpResponse:
    """For whoever is asked: the form of the answer, and what stands. For whoever asked: what is shown to them."""
    _for_members(request)
    asked = _find(request, pk)
    if request.method == "POST" and asked.owner == request.user:
        return once(request, lambda: _answer(request, asked))
    return _request_page(request, asked, AnswerForm(asked=asked))


def _answer(request: HttpRequest, asked: ContactRequest) -> HttpResponse:
    form = AnswerForm(request.POST, asked=asked)
    if not form.is_valid():
        return _request_page(request, asked, form)
    shown = form.shown
    if asked.answer(email=shown.get("email", False), phone=shown.get("phone", False)) and shown:
        tell_answer(asked)
    return redirect("contact_request", asked.pk)


def _request_page(request: HttpRequest, asked: ContactRequest, form: AnswerForm) -> HttpResponse:
    is_mine = asked.owner == request.user
    state = asked.state
    context = {
        "asked": asked,
        "is_mine": is_mine,
        "state": state,
        "contact": {} if is_mine else asked.contact,
        "form": form,
        **page_at("settings", back=reverse("contact_requests"), label=_("Asking for contact")),
    }
    return kept.page(
        request, "members/contact/request.html", context, *([form] if is_mine and state == "waiting" else [])
    )


@act_of("contact_request", "pk")
def contact_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    _for_members(request)
    asked = _find(request, pk)
    if asked.owner != request.user:
        raise PermissionDenied
    if asked.take_back():
        messages.success(request, _("%(name)s doesn’t see it any more.") % {"name": asked.asker.name})
    return redirect("contact_request", pk)


def _find(request: HttpRequest, pk: int) -> ContactRequest:
    """Of one’s own alone: staff have a page for contact data, and a log of who looked."""
    asked = ContactRequest.objects.open_to(request.user).select_related("asker", "owner__profile")
    return get_object_or_404(asked, pk=pk)


def _for_members(request: HttpRequest) -> None:
    if not request.user.has_perm("members.ask_for_contact"):
        raise PermissionDenied(_("This is for members."))
