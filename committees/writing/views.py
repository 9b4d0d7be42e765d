from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from committees.models import Committee
from committees.views.finding import find_committee
from committees.views.refusing import refuse
from committees.writing.forms import WriteForm
from members.correspondence.carrying import people_of, write
from members.models import User
from members.web import kept
from members.web.acts import page_or_post
from members.web.once import once
from members.web.pages import page_at


@page_or_post
def committee_write(request: HttpRequest, slug: str) -> HttpResponse:
    """For every member who sees the committee. The co-chairs get it by email and see who wrote, but no address."""
    committee = find_committee(request, slug)
    if not request.user.has_perm("committees.write_to_committee", committee):
        return refuse(request, committee)
    people = _readers(committee, request.user)
    if request.method == "POST" and people:
        return once(request, lambda: _page(request, committee, people, WriteForm(request.POST)))
    return _page(request, committee, people, WriteForm())


def _page(request: HttpRequest, committee: Committee, people: list[User], form: WriteForm) -> HttpResponse:
    if form.is_bound and form.is_valid():
        if write(request.user, people, scope=committee.scope, **form.cleaned_data):
            messages.success(request, _("Your message is on its way. Answers come to your email."))
            return redirect(committee)
        form.add_error(None, _("You wrote many messages today. Send this one tomorrow: what you typed stays here."))
    context = {"committee": committee, "people": people, "form": form, **page_at("committees", back=committee)}
    return kept.page(request, "committees/committee_write.html", context, form)


def _readers(committee: Committee, writer: User) -> list[User]:
    """Its co-chairs, without whoever writes."""
    return [person for person in people_of(committee.scope) if person != writer]
