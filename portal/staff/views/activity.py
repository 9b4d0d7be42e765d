"""Who did what, newest first: a page, and the same as a file."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.models import AuditEntry, User
from members.queries.paging import page_of
from members.sign_in.access import staff_page
from members.text.numbers import key_of
from members.times.clock import today
from members.web.pages import page_at
from members.web.tables import csv_file
from portal.staff.activity import Sentence, sentences
from portal.staff.filters import ActivityFilter
from portal.staff.members_table import address, without

MOST = 10_000  # lines of a file


@require_safe
@staff_page("members.see_activity")
def staff_activity(request: HttpRequest) -> HttpResponse:
    found = ActivityFilter(request.GET, _entries())
    page = page_of(found.qs, ["-at", "-id"], request.GET)
    context = {
        "filter": found,
        "page": page,
        "sentences": sentences(page.rows, request.user),
        "about": _about(request.GET.get("about", "")),
        "without_about": without(request.GET, "about"),
        "csv_url": f"{reverse('staff_activity_csv')}{address(request.GET)}",
        "most": MOST,
        **page_at("activity"),
    }
    return render(request, "portal/staff/activity.html", context)


@require_safe
@staff_page("members.see_activity")
def staff_activity_csv(request: HttpRequest) -> HttpResponse:
    """The newest lines of what is shown, each in the words of the page."""
    entries = ActivityFilter(request.GET, _entries()).qs.order_by("-at", "-id")[:MOST]
    head = [_("When"), _("Who"), _("What happened"), _("Kind of act"), _("About"), _("Changes"), _("Reason")]
    return csv_file(f"activity-{today()}.csv", head, [_row(each) for each in sentences(entries, request.user)])


def _entries() -> QuerySet[AuditEntry]:
    return AuditEntry.objects.select_related("actor", "content_type")


def _about(thing: str) -> str:
    """What the person or thing is called that the list is narrowed to; "" where it is not narrowed so."""
    if not thing:
        return ""
    kind, _dash, number = thing.partition("-")
    latest = AuditEntry.objects.filter(content_type__model=kind, object_id=key_of(number)).order_by("-at", "-id")
    person = User.objects.filter(pk=key_of(number)).values_list("name", flat=True) if kind == "user" else ()
    return next(iter(person), "") or latest.values_list("target_name", flat=True).first() or _("Something unknown")


def _row(sentence: Sentence) -> list[str]:
    entry = sentence.entry
    return [
        localtime(entry.at).isoformat(sep=" ", timespec="seconds"),
        entry.actor.name if entry.actor else "",
        sentence.words,
        entry.verb,
        entry.target_name,
        "; ".join(str(change) for change in sentence.changes),
        sentence.reason,
    ]
