"""The directory of members, and a member's own page."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet, Window
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.filters import MemberFilter
from committees.models import Committee
from members.models import ContactRequest, Office, User
from members.queries.paging import PAGE, Count, count_up_to, first_page, page_of
from members.queries.prepared import prepared
from members.web.fragments import page_or_fragment
from members.web.pages import page_at
from members.web.rate_limits import within_limit
from portal.statemap import NAMES, choices

PROFILES_A_MINUTE = 60
LISTS_A_MINUTE = 180
KEPT_SECONDS = 60


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Names, offices and places. Contact data is on a member's own page only."""
    _for_members(request)
    if not within_limit("people", request.user.counted_as, LISTS_A_MINUTE):
        return too_many(request)
    members = MemberFilter(request.GET, User.objects.members(), request=request, states=choices())
    if words := members.words_alone:
        rows = _named(*words)
        page, counted = first_page(rows, request.GET), Count(rows[0].among if rows else 0, is_more=False)
    elif any(request.GET.values()):
        counted = _count(members)
        page = page_of(members.qs.for_listing(), ("name", "pk"), request.GET, anchors=User.objects.all())
    else:
        page, counted = first_page(_everybody(), request.GET), _count(members)
    context = {
        "filter": members,
        "count": counted,
        "active": _active(request, members),
        "page": page,
        **page_at("people"),
    }
    return page_or_fragment(request, "portal/people.html", context)


@prepared
def _everybody() -> QuerySet[User]:
    """The first page of the directory as most people open it."""
    return User.objects.members().for_listing()[: PAGE + 1]


@prepared
def _named(*words: str) -> QuerySet[User]:
    """The first page of those found by these words, each knowing `among` how many."""
    found = User.objects.members().found_by_words(*words).for_listing()
    return found.annotate(among=Window(models.Count("pk")))[: PAGE + 1]


def _count(members: MemberFilter) -> Count:
    """How many match. The size of the whole network is kept for a minute: everybody asks for it."""
    if not members.form.is_valid() or any(members.form.cleaned_data.values()):
        return count_up_to(members.qs)
    everybody = cache.get_or_set("people:count", lambda: User.objects.members().count(), KEPT_SECONDS)
    return Count(everybody or 0, is_more=False)


def _active(request: HttpRequest, members: MemberFilter) -> list[tuple[str, str]]:
    """The filters that are on, each with the address without it."""
    given = members.form.cleaned_data if members.form.is_valid() else {}
    chosen = {name: value for name, value in given.items() if value and name != "q"}
    labels = {
        "state": NAMES.get(chosen.get("state", "")),
        "level": dict(Office.Level.choices).get(chosen.get("level", "")),
        "committee": dict(members.form.fields["committee"].choices).get(chosen.get("committee", "")),
    }
    return [(str(labels[name]), _without(request.GET, name)) for name in chosen]


def _without(query: QueryDict, name: str) -> str:
    kept = query.copy()
    for gone in (name, "after", "before"):
        kept.pop(gone, None)
    return f"?{kept.urlencode()}"


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    _for_members(request)
    if not within_limit("profiles", request.user.counted_as, PROFILES_A_MINUTE):
        return too_many(request)
    somebody = get_object_or_404(User.objects.visible_to(request.user).select_related("profile"), pk=pk)
    shared = list(Committee.objects.visible_to(request.user).not_archived().of(request.user).of(somebody))
    listed = (
        list(Committee.objects.visible_to(request.user).not_archived().of(somebody))
        if request.user.may_act_as_staff
        else shared
    )
    is_looked_at = (
        request.user.looked_as_by is not None
    )  # by staff, who see contact data elsewhere, with a line in the log
    asked = None if is_looked_at else _asked(request.user, somebody)
    contact = somebody.profile.shown_contact(shares_committee=bool(shared) and not is_looked_at) | (
        asked.contact if asked else {}
    )
    context = {
        "person": somebody,
        "offices": Office.objects.current().filter(user=somebody).select_related("jurisdiction"),
        "contact": contact,
        "asked": asked,
        "may_ask": _may_ask(request.user, somebody, contact, asked),
        "committees": listed,
        "is_me": somebody == request.user,
        **page_at("people", back=reverse("people"), label=_("People")),
    }
    return render(request, "portal/person.html", context)


def _asked(reader: User, person: User) -> ContactRequest | None:
    """The reader's last question how to reach them."""
    return ContactRequest.objects.between(reader, person).select_related("owner__profile").first()


def _may_ask(reader: User, person: User, contact: dict[str, Any], asked: ContactRequest | None) -> bool:
    """There is more to show, no question waits, and the person is a member."""
    shows_all = "email" in contact and ("phone" in contact or not person.profile.phone)
    waits = asked is not None and asked.state == "waiting"
    return (
        reader != person
        and person.is_member
        and not (shows_all or waits)
        and reader.has_perm("members.ask_for_contact")
    )


def _for_members(request: HttpRequest) -> None:
    if not request.user.has_perm("members.see_directory"):
        raise PermissionDenied(_("The directory is for members. Yours opens as soon as your application is approved."))


def too_many(request: HttpRequest) -> HttpResponse:
    response = render(request, "portal/people_limit.html", page_at("people"), status=429)
    response["Retry-After"] = "60"
    return response
