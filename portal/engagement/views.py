"""The page Engagement, and each of its tables as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from members.models import User
from members.sign_in.access import staff_page
from members.text.numbers import whole
from members.times import clock
from members.times.clock import today
from members.web.pages import page_at
from members.web.tables import csv_file
from portal.engagement import committees, places
from portal.engagement.reminders import arrivals
from portal.engagement.turnout import turnout

MONTHS = (3, 6, 12)
USUAL = 6

Table = tuple[Sequence[Any], Iterable[Sequence[Any]]]


@require_safe
@staff_page()
def staff_reports(request: HttpRequest) -> HttpResponse:
    months = _months(request)
    cared, counts = committees.cared_for(request.user), places.members_by_state()
    context = {
        **page_at("engagement"),
        "months": months,
        "periods": [(n, ngettext("Last %(n)d month", "Last %(n)d months", n) % {"n": n}) for n in MONTHS],
        "members": User.objects.members().count(),
        "turnout": turnout(_since(months)),
        "arrivals": arrivals(_since(months)),
        "cared": cared,
        "committees_finding": committees.finding(cared),
        "counts": counts,
        "ranked": places.ranked(counts),
        "places_finding": places.finding(counts),
    }
    return render(request, "portal/engagement/page.html", context)


@require_safe
@staff_page()
def staff_reports_csv(request: HttpRequest, what: str) -> HttpResponse:
    tables = {"turnout": _turnout, "messages": _messages, "committees": _committees, "states": _states}
    if what not in tables:
        raise Http404
    head, rows = tables[what](request)
    return csv_file(f"{what}-{today()}.csv", head, rows)


def _months(request: HttpRequest) -> int:
    asked = whole(request.GET.get("months"))
    return asked if asked in MONTHS else USUAL


def _since(months: int) -> datetime:
    """The first of the month so many before, so that months are whole."""
    first = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _month in range(months - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _turnout(request: HttpRequest) -> Table:
    head = [_("Month"), _("Said going"), _("Came"), _("Came of those who said going"), _("Share in %")]
    months = turnout(_since(_months(request))).months
    return head, [[f"{each.first:%Y-%m}", each.going, each.came, each.kept, each.share] for each in months]


def _messages(request: HttpRequest) -> Table:
    kinds = arrivals(_since(_months(request))).kinds
    return [_("Message"), _("Arrived"), _("Didn’t arrive")], [[each.label, each.sent, each.lost] for each in kinds]


def _committees(request: HttpRequest) -> Table:
    head = [_("Committee"), _("Members"), _("Next call"), _("Came, last 6 calls"), _("Days until minutes are out")]
    head += [_("Actions"), _("Actions done"), _("How it is"), _("What helps")]
    rows = [
        [
            each.committee.name,
            each.committee.people,
            each.committee.next_at.date().isoformat() if each.committee.next_at else "",
            " ".join(map(str, each.came)),
            each.minutes_days,
            each.committee.actions_given,
            each.committee.actions_done,
            each.words,
            each.act,
        ]
        for each in committees.cared_for(request.user)
    ]
    return head, rows


def _states(request: HttpRequest) -> Table:
    return [_("State"), _("Members")], places.ranked(places.members_by_state())
