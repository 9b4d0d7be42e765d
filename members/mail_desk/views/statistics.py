"""What became of all messages of a time, in numbers for staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import floatformat
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from members.mail_desk.statistics import Statistics, Tally, statistics
from members.mail_desk.views.deliveries import SEE, kind_label, tabs
from members.models import Delivery
from members.sign_in.access import staff_page
from members.web.pages import page_at

State = Delivery.State
MOST_REASONS = 15
PERIODS = {
    "24h": (_("24 hours"), timedelta(hours=24)),
    "7d": (_("7 days"), timedelta(days=7)),
    "30d": (_("30 days"), timedelta(days=30)),
}


@dataclass(frozen=True)
class Choice:
    """Another time, or another way to see it."""

    label: Any
    url: str
    is_current: bool = False


@dataclass(frozen=True)
class Figure:
    """A line of a table: what was counted, and the number as it is read. `is_part`: of the line above."""

    words: Any
    number: str
    url: str = ""
    is_part: bool = False


@require_safe
@staff_page(SEE)
def staff_proof(request: HttpRequest) -> HttpResponse:
    since = request.GET.get("since", "")
    since = since if since in PERIODS else "24h"
    words, period = PERIODS[since]
    found = statistics(period)
    by_kind = "by" in request.GET
    context = {
        "period": words,
        "choices": [
            Choice(label, _address(name, by_kind), name == since) for name, (label, _length) in PERIODS.items()
        ],
        "other": Choice(_("Show all kinds together") if by_kind else _("Show by kind"), _address(since, not by_kind)),
        "by_kind": by_kind,
        "proof": found,
        "figures": [Figure(words, intcomma(number), is_part=is_part) for words, number, is_part in _lines(found)],
        "lateness": [
            Figure(_("Half of the sent ones went within"), _seconds(found.all.late(0.5))),
            Figure(_("99 of 100 went within"), _seconds(found.all.late(0.99))),
        ],
        "now": [Figure(words, intcomma(number), url) for words, number, url in _now(found)],
        "kinds": sorted(_kinds(found), key=lambda row: row["label"]) if by_kind else [],
        "tabs": tabs("staff_proof"),
        **page_at("deliveries"),
    }
    return render(request, "members/staff_proof.html", context)


def _address(since: str, by_kind: bool) -> str:
    return "?" + urlencode({"since": since} | ({"by": "kind"} if by_kind else {}))


def _seconds(late: float | None) -> str:
    return "–" if late is None else floatformat(late, "1g")


def _lines(found: Statistics) -> Iterator[tuple[Any, int, bool]]:
    """(words, how many, whether it is a part of the line above)"""
    whole = found.all
    yield _("Planned for this time"), whole.planned, False
    yield _("Sent: the mail server took it"), whole.states[State.SENT], False
    yield _("Not sent, because there was no reason any more"), whole.states[State.SUPPRESSED], False
    yield from _reasons(whole, State.SUPPRESSED)
    yield _("Too late to help"), whole.states[State.EXPIRED], False
    yield from _reasons(whole, State.EXPIRED)
    yield _("Refused"), whole.states[State.FAILED], False
    yield _("Kept for a summary"), whole.states[State.DIGESTED], False
    yield _("Still on the way"), whole.under_way, False
    yield _("Possible second copies: handed over again, because the answer got lost"), whole.repeats, False


def _now(found: Statistics) -> Iterator[tuple[Any, int, str]]:
    """(words, how many, the page that lists them)"""
    now = found.now
    yield _("Due and on the way"), now.waiting, ""
    yield _("Handed over, and not known to have arrived"), now.unknown, reverse("staff_unknown")
    yield _("Refused, and nobody looked after them"), now.refused, reverse("staff_refused")
    yield _("Held after a restore"), now.held, reverse("staff_held")


def _reasons(tally: Tally, state: str) -> Iterator[tuple[Any, int, bool]]:
    found = [(words, count) for (end, words), count in tally.reasons.items() if end == state]
    found.sort(key=lambda row: (-row[1], row[0]))
    yield from ((words, count, True) for words, count in found[:MOST_REASONS])
    if found[MOST_REASONS:]:
        yield _("For other reasons"), sum(count for _words, count in found[MOST_REASONS:]), True


def _kinds(found: Statistics) -> Iterator[dict[str, Any]]:
    for kind, tally in found.kinds.items():
        yield {
            "label": kind_label(kind),
            "tally": tally,
            "sent": tally.states[State.SENT],
            "suppressed": tally.states[State.SUPPRESSED],
            "expired": tally.states[State.EXPIRED],
            "refused": tally.states[State.FAILED],
            "open": tally.under_way + tally.states[State.DIGESTED],
            "p50": tally.late(0.5),
            "p99": tally.late(0.99),
        }
