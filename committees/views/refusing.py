"""The 403 page of a committee: who may see this, and who can let the reader in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from committees.models import Committee
from members.models import User
from members.web.pages import page_at


def refuse(request: HttpRequest, committee: Committee) -> HttpResponse:
    """The 403 page for people not on the committee. (Those who may not know of it get a 404 before.)"""
    chairs = committee.memberships.for_listing().chairs() if request.user.is_member else []
    because = _because(committee, request.user)
    whom = _("This page is for %(name)s co-chairs") if because == "on_it" else _("This page is for %(name)s members")
    context = {
        "committee": committee,
        "chairs": chairs,
        "because": because,
        "whom": whom % {"name": committee.name},
        **page_at("committees", back=reverse("committee_list"), label=_("Committees")),
    }
    return render(request, "committees/committee_refused.html", context, status=403)


def _because(committee: Committee, user: User) -> str:
    if not user.is_member:
        return "no_member"
    if committee.archived_at:
        return "ended"
    if user.has_perm("committees.ask_to_join_committee", committee):
        return "asks"
    if user.has_perm("committees.join_committee", committee):
        return "open"
    return "on_it" if committee.role_of(user) else "invited"
