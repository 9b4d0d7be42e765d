"""Everybody the organization knows, and one person's page for staff."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Value, Window
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import Committee
from members.accounts import sessions
from members.applications import standing
from members.mail_desk.views.deliveries import label
from members.models import (
    Application,
    AuditEntry,
    Merge,
    PossibleDuplicate,
    Segment,
    StaffAppointment,
    Suppression,
    TableView,
    Tag,
    User,
)
from members.queries.paging import MOST_COUNTED, PAGE, Page, counted, first_page, how_many, page_of
from members.queries.prepared import prepared
from members.roster.bulk_acts.kinds import kinds
from members.roster.importing import views as imports
from members.roster.segments.narrowings import Choices, Query, query_of
from members.roster.segments.views import list_address
from members.sign_in.access import recently_confirmed, staff_page
from members.terms.listed import all_of
from members.text.numbers import key_of, whole
from members.web import kept, meanwhile
from members.web.acts import act_of, page_or_post
from members.web.fragments import page_or_fragment, wants_fragment
from members.web.meanwhile import ChangedMeanwhile
from members.web.pages import page_at
from portal.packed import pack, unpack
from portal.staff import person_page
from portal.staff.activity import sentences
from portal.staff.filters import PeopleFilter
from portal.staff.forms import StandingForm, TagForm
from portal.staff.members_table import ROWS, Table, address, all_columns, chosen, table_of, with_row, without

RECENT = 10


@require_safe
@staff_page()
def staff_members(request: HttpRequest) -> HttpResponse:
    desk = _desk(request.user, request.user.has_perm("members.decide_application"))[0]
    committees = {columns["id"]: unpack(Committee, columns) for columns in desk["committees"]}
    table = table_of(next(iter(desk["view"]), None), request.GET)
    everybody = User.objects.visible_to(request.user)
    people = PeopleFilter(request.GET, everybody, request=request, offered=_offered(desk, committees))
    selection = people.selection
    page = _page(request, people, table)
    context = {
        "filter": people,
        "problems": selection.problems,
        "chips": [(label, words, without(request.GET, name)) for name, label, words in selection.words],
        **_views(desk["lists"], selection.query),
        "mail_url": _mail_url(request.user, selection.query),
        "narrowed": [(name, value) for name, values in selection.query.items() for value in values],
        "kinds": [kind for kind in kinds.values() if request.user.has_perm(kind.perm)],
        "may_import": request.user.has_perm(imports.RIGHT),
        "may_export": request.user.has_perm("members.see_contact_details"),
        "is_fragment": wants_fragment(request),
        "page": page,
        "table": table,
        "headings": table.headings(request.GET),
        "columns": [(column, column.name in table.columns) for column in all_columns()],
        "rows_offered": ROWS,
        "committees": committees,
        "count": counted(page.rows[0].among if page.rows else 0),
        "applications_count": desk["waiting"],
        **page_at("members"),
    }
    return page_or_fragment(request, "portal/staff/members/list.html", context)


def _page(request: HttpRequest, people: PeopleFilter, table: Table) -> Page:
    """The first page as most open it, and of a search, are asked in one prepared question."""
    if table.is_usual and (words := people.words_alone):
        return first_page(_named(request.user, *words), request.GET)
    if table.is_usual and not any(request.GET.values()):
        return first_page(_everybody(request.user), request.GET)
    found = table.ordered(with_row(people.qs, how_many(people.qs, MOST_COUNTED + 1)))
    return page_of(found, table.keys, request.GET, anchors=table.ordered(User.objects.all()), size=table.rows)


def _views(segments: list[dict[str, Any]], shown: Query) -> dict[str, Any]:
    """Saved lists as tabs, and where to save the one that is shown when it is none of them."""
    lists = [(str(_("Everyone")), {}), *((each["name"], query_of(each["query"])) for each in segments)]
    is_saved = any(query == shown for _name, query in lists)
    return {
        "views": [(name, list_address(query), query == shown) for name, query in lists],
        "save_url": "" if is_saved else f"{reverse('staff_segment_new')}?{urlencode(shown, doseq=True)}",
    }


def _mail_url(user: User, shown: Query) -> str:
    """Where to write to whoever fits, "" for who may not."""
    if not user.has_perm("committees.mail_members"):
        return ""
    return f"{reverse('staff_mailing_new')}?{urlencode(shown, doseq=True)}"


def _offered(desk: dict[str, Any], committees: dict[int, Committee]) -> dict[str, Choices]:
    return {
        "committee": [(each.slug, each.name) for each in committees.values()],
        "tag": [(str(tag["id"]), tag["name"]) for tag in desk["tags"]],
    }


@prepared
def _desk(user: User, decides: bool) -> QuerySet[User, dict[str, Any]]:
    """What stands around the table, in one row: committees and tags by name, how this person looks at it, and how many
    applications wait for them.
    """
    committees = Committee.objects.visible_to(user).order_by("name")
    return User.objects.filter(pk=user.pk).values(
        committees=pack(committees, "id", "slug", "name", "quilt_block", "quilt_hue"),
        tags=pack(Tag.objects.in_use(), "id", "name"),
        lists=pack(Segment.objects.usable_by(user).order_by("name", "pk"), "name", "query"),
        view=pack(TableView.objects.filter(person=user.pk), "columns", "rows"),
        waiting=how_many(Application.objects.to_decide()) if decides else Value(0),
    )


@prepared
def _everybody(user: User) -> QuerySet[User]:
    """The first page of the table as most open it: members, by name."""
    people = User.objects.visible_to(user).members()
    return with_row(people, how_many(people, MOST_COUNTED + 1)).order_by("name", "pk")[: PAGE + 1]


@prepared
def _named(user: User, *words: str) -> QuerySet[User]:
    """The first page of members found by these words, looked for once: those found are few enough to count."""
    found = User.objects.visible_to(user).members().found_by_words(*words)
    return with_row(found, Window(Count("pk"))).order_by("name", "pk")[: PAGE + 1]


@act_of("staff_members")
@staff_page()
def staff_members_columns(request: HttpRequest) -> HttpResponse:
    """Remember which columns this person wants, and how many rows; back to the list as it was narrowed."""
    columns, rows = chosen(request.POST.getlist("column")), whole(request.POST.get("rows"))
    TableView.objects.update_or_create(
        person=request.user, defaults={"columns": columns, "rows": rows if rows in ROWS else PAGE}
    )
    shown = QueryDict(request.POST.get("shown", "")[:2000], mutable=True)
    return redirect(f"{reverse('staff_members')}{address(shown)}")


@require_safe
@staff_page()
def staff_member(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    return redirect("staff_member", person.merged_into_id) if person.merged_into_id else _shown(request, person)


@act_of("staff_member", "pk")
@staff_page("members.see_contact_details")
def staff_member_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the person keeps private, this once; that it was looked at is written down first."""
    person = _person(request, pk)
    AuditEntry.record(request.user, "revealed contact data", person)
    return _shown(request, person, revealed=True)


@page_or_post
@staff_page("members.decide_application")
@recently_confirmed
def staff_member_standing(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, with a reason: end a membership, close an account, or bring somebody back (`to`)."""
    person, to = _person(request, pk), request.POST.get("to") or request.GET.get("to", "")
    if to not in standing.VERBS:
        raise Http404
    if not request.user.has_perm("members.decide_standing", person):
        raise PermissionDenied(_("Nobody changes their own standing. That of staff is an administrator’s to change."))
    form = StandingForm(request.POST if request.method == "POST" else None, row=person, reader=request.user)
    typed = kept.NAME in request.GET or form.data.get("seen")
    if not (typed or standing.is_open(person, to)):
        messages.warning(request, _("%(name)s’s standing changed in the meantime.") % {"name": person.name})
        return redirect("staff_member", pk)
    context = {"person": person, "to": to, "form": form, **page_at("members")}
    template, at = "portal/staff/member_standing.html", f"{request.path}?{urlencode({'to': to})}"
    if request.method == "POST" and form.is_valid():
        reason, seen = form.cleaned_data["reason"], form.cleaned_data["seen"]
        try:
            standing.change(person, to, request.user, reason, seen=seen)
        except ChangedMeanwhile as other:
            return meanwhile.refused(request, template, context, form, other.current, at=at)
        messages.success(request, _standing_words(person, to))
        return redirect("staff_member", pk)
    return meanwhile.page(request, template, context, form, person, at=at)


@act_of("staff_member", "pk")
@staff_page("members.decide_application")
def staff_member_sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """For a lost phone, or a sign-in that nobody knows: everything in which this person is signed in ends."""
    person = _person(request, pk)
    if not request.user.has_perm("members.decide_standing", person):
        raise PermissionDenied(_("You sign yourself out in Settings. An administrator signs staff out."))
    sessions.sign_out_everywhere(person, request.user)
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": person.name})
    return redirect("staff_member", pk)


@act_of("staff_member", "pk")
@staff_page("members.tag")
def staff_member_tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Give this person a tag, or with `take` take one off."""
    person, form = _person(request, pk), TagForm(request.POST)
    if taken := Tag.objects.filter(pk=key_of(request.POST.get("take"))).first():
        taken.take(person, request.user)
    elif form.is_valid():
        Tag.called(form.cleaned_data["tag"]).give(person, request.user)
    else:
        messages.warning(request, str(form.errors["tag"][0]))
    return redirect("staff_member", pk)


def _standing_words(person: User, to: str) -> str:
    words = {
        "leave": _("%(name)s is no longer a member."),
        "deactivate": _("%(name)s’s account is closed."),
        "reinstate": _("%(name)s is back."),
    }
    return words[to] % {"name": person.name}


def _person(request: HttpRequest, pk: int) -> User:
    people = User.objects.visible_to(request.user).with_standing().select_related("profile")
    return get_object_or_404(people, pk=pk)


def _twins(reader: User, person: User) -> dict[str, Any]:
    """Who may be the same person, and what was merged into this account."""
    if not reader.has_perm("members.merge_people"):
        return {}
    suspects = PossibleDuplicate.objects.waiting().with_person(person.pk).for_listing()
    merges = Merge.objects.into(person)
    return {"suspects": suspects, "merges": merges}


def _shown(request: HttpRequest, person: User, *, revealed: bool = False) -> HttpResponse:
    about = AuditEntry.objects.concerning("user", person.pk)
    may_reveal = request.user.has_perm("members.see_contact_details")
    applications = person.applications.select_related("jurisdiction", "decided_by").order_by("-submitted_at")
    context = {
        **page_at("members"),
        "person": person,
        "roles": [StaffAppointment.Role(role).label for role in person.roles],
        "acts": person_page.acts(person, request.user),
        "facts": list(person_page.facts(person, revealed=revealed)),
        "contact": "shown" if revealed else "offered" if may_reveal else "",
        "may_open": may_reveal,
        "offices": all_of(person),
        "may_change": request.user.has_perm("members.decide_application"),
        "memberships": person.memberships.select_related("committee").order_by("ended_on", "committee__name"),
        "applications": [(each, person_page.state_of(each)) for each in applications],
        "taggings": person.taggings.with_names(),
        "tag_form": TagForm() if request.user.has_perm("members.tag") else None,
        "twins": _twins(request.user, person),
        "suppression": Suppression.objects.of(person),
        "deliveries": [(each, label(each)) for each in person.deliveries.order_by("-created_at")[:RECENT]],
        "activity": sentences(about.select_related("actor", "content_type")[:RECENT], request.user),
    }
    return render(request, "portal/staff/member.html", context)
