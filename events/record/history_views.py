"""Who came to a committee's last calls: everybody's for those who keep its record, one's own for a member."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committees.models import Committee
from events.record import history
from events.record.finding import KEEPING, of_committee
from members.queries.paging import page_of
from members.times import clock
from members.web.pages import page_at
from members.web.tables import csv_file

ORDER = ("user__name", "pk")
WORDS = {history.HERE: "here", history.ABSENT: "not here", history.AWAY: ""}


@require_safe
@of_committee()
def committee_attendance(request: HttpRequest, committee: Committee) -> HttpResponse:
    calls = history.calls_of(committee)
    context = {**page_at("committees", back=committee), "committee": committee, "calls": calls}
    if not request.user.has_perm(KEEPING, committee):
        own = history.seats(committee).filter(user=request.user)
        context["own"] = next(iter(history.histories(own, committee, calls)), None)
        return render(request, "events/committee_attendance_own.html", context)
    risky = history.at_risk(committee, calls)
    everybody = history.seats(committee)
    only_risky = request.GET.get("show") == "risk"
    page = page_of(risky if only_risky else everybody, ORDER, request.GET, anchors=everybody)
    context |= {
        "page": page,
        "histories": history.histories(page.rows, committee, calls),
        "tabs": _tabs(everybody.count(), risky.count(), only_risky),
        "chart": history.chart_of(calls),
        "average": round(sum(call.came for call in calls) / len(calls)) if calls else 0,
    }
    return render(request, "events/committee_attendance.html", context)


def _tabs(all_of_them: int, risky: int, only_risky: bool) -> list[dict[str, Any]]:
    return [
        {"url": "?", "label": _("Everyone"), "count": all_of_them, "current": not only_risky},
        {"url": "?show=risk", "label": _("Missed three in a row"), "count": risky, "current": only_risky},
    ]


@require_safe
@of_committee(KEEPING)
def committee_attendance_csv(request: HttpRequest, committee: Committee) -> HttpResponse:
    """A row a person, a column a call, for a spreadsheet."""
    calls = history.calls_of(committee)
    heads = [f"{clock.day_of(call.starts_at)} {call.title}" for call in calls]
    rows = [
        [
            each.seat.user.name,
            each.seat.get_role_display(),
            each.came,
            each.of,
            *(WORDS[state] for state in each.states),
        ]
        for each in history.histories(history.seats(committee), committee, calls)
    ]
    return csv_file(f"attendance-{committee.slug}.csv", ["Name", "Role", "Came to", "Of calls", *heads], rows)
