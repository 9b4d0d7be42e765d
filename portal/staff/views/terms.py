"""Whose term ends within 120, 60 or 14 days, and whose is over: a table, and the same as a file."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.sign_in.access import staff_page
from members.times.clock import today
from members.web.fragments import page_or_fragment
from members.web.pages import page_at
from members.web.tables import csv_file
from portal.staff.radar import Radar

PAGE = 100


@require_safe
@staff_page()
def staff_terms(request: HttpRequest) -> HttpResponse:
    radar = Radar(request.GET, request.user)
    page = Paginator(radar.rows, PAGE).get_page(request.GET.get("page"))
    asked = {name: str(value) for name, value in request.GET.items() if value and name != "page"}
    context = {
        **page_at("terms"),
        "filter": radar.filter,
        "lines": radar.lines(list(page.object_list)),
        "count": page.paginator.count,
        "previous_url": _at(asked, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _at(asked, page.next_page_number()) if page.has_next() else "",
        "csv_url": f"{reverse('staff_terms_csv')}?{urlencode(asked)}",
        "is_narrowed": bool(asked),
        "may_settle": request.user.has_perm("members.decide_application"),
    }
    return page_or_fragment(request, "portal/staff/terms.html", context)


@require_safe
@staff_page()
def staff_terms_csv(request: HttpRequest) -> HttpResponse:
    radar = Radar(request.GET, request.user)
    head = [_("Term ends"), _("Name"), _("Office or role"), _("Place or committee"), _("What is known")]
    rows = [
        [str(line.ends_on or ""), line.person.name, line.what, line.place, line.nearness]
        for line in radar.lines(radar.rows)
    ]
    return csv_file(f"terms-{today()}.csv", head, rows)


def _at(asked: dict[str, str], number: int) -> str:
    return f"?{urlencode(asked | {'page': number})}"
