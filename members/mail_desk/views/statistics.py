"""What became of all messages of a time, in numbers for staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from members.mail_desk.statistics import Proof, Tally, proof
from members.mail_desk.views.deliveries import SEE, tabs, told
from members.models import Delivery
from members.sign_in.access import staff_page

State = Delivery.State
MOST_REASONS = 15
PERIODS = {
    "24h": (_("24 hours"), timedelta(hours=24)),
    "7d": (_("7 days"), timedelta(days=7)),
    "30d": (_("30 days"), timedelta(days=30)),
}


@require_safe
@staff_page(SEE)
def staff_proof(request: HttpRequest) -> HttpResponse:
    since = request.GET.get("since", "")
    since = since if since in PERIODS else "24h"
    words, period = PERIODS[since]
    found = proof(period)
    context = {
        "since": since,
        "period": words,
        "periods": [(name, label) for name, (label, _length) in PERIODS.items()],
        "by_kind": "by" in request.GET,
        "proof": found,
        "lateness": [
            (_("Half of the sent ones went within"), found.all.late(0.5)),
            (_("99 of 100 went within"), found.all.late(0.99)),
        ],
        "lines": list(_lines(found)),
        "kinds": sorted(_kinds(found), key=lambda row: row["label"]) if "by" in request.GET else [],
        "tabs": tabs("staff_proof"),
        "nav": "deliveries",
    }
    return render(request, "members/staff_proof.html", context)


def _lines(found: Proof) -> Iterator[tuple[Any, int, str]]:
    """(words, how many, "sub" for a part of the line above)"""
    whole = found.all
    yield _("Planned for this time"), whole.planned, ""
    yield _("Sent: the mail server took it"), whole.states[State.SENT], ""
    yield _("Not sent, because there was no reason any more"), whole.states[State.SUPPRESSED], ""
    yield from _reasons(whole, State.SUPPRESSED)
    yield _("Too late to help"), whole.states[State.EXPIRED], ""
    yield from _reasons(whole, State.EXPIRED)
    yield _("Refused"), whole.states[State.FAILED], ""
    yield _("Kept for a summary"), whole.states[State.DIGESTED], ""
    yield _("Still on the way"), whole.under_way, ""


def _reasons(tally: Tally, state: str) -> Iterator[tuple[Any, int, str]]:
    found = [(words, count) for (end, words), count in tally.reasons.items() if end == state]
    found.sort(key=lambda row: (-row[1], row[0]))
    yield from ((words, count, "sub") for words, count in found[:MOST_REASONS])
    if found[MOST_REASONS:]:
        yield _("For other reasons"), sum(count for _words, count in found[MOST_REASONS:]), "sub"


def _kinds(found: Proof) -> Iterator[dict[str, Any]]:
    for kind, tally in found.kinds.items():
        yield {
            "label": told(kind),
            "tally": tally,
            "sent": tally.states[State.SENT],
            "suppressed": tally.states[State.SUPPRESSED],
            "expired": tally.states[State.EXPIRED],
            "refused": tally.states[State.FAILED],
            "open": tally.under_way + tally.states[State.DIGESTED],
            "p50": tally.late(0.5),
            "p99": tally.late(0.99),
        }
