"""Joining a committee before being a member: the application names the committee."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from committees.joining.forms import WantedForm
from committees.models import Committee
from members.applications.answers import Answers
from members.applications.views import go_on
from members.web import kept
from members.web.acts import page_or_post


@login_not_required
@page_or_post
def apply_committee(request: HttpRequest) -> HttpResponse:
    """Keep the committee with the answers of the application; members are redirected to its page."""
    asked = request.GET.get("committee", "")
    if request.user.is_authenticated and request.user.is_member:
        known = Committee.objects.that_take_new_people().filter(slug=asked).exists()
        return redirect("committee_join", slug=asked) if known else redirect("committee_list")
    answers = Answers.of(request)
    form = WantedForm(
        request.POST if request.method == "POST" else None, initial={"committee": answers.get("wanted", "")}
    )
    if asked in form.names:
        form.initial["committee"] = asked
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["committee"]
        answers.want(wanted, form.names.get(wanted, ""))
        answers.keep(request)
        return go_on(answers)
    chosen = form["committee"].value() or ""
    context = {
        "form": form,
        "answers": answers,
        "chosen": form.names.get(chosen, ""),
        "sign_in_for": reverse("committee_join", args=[chosen]) if chosen in form.names else "",
    }
    return kept.page(request, "committees/apply_committee.html", context, form)
