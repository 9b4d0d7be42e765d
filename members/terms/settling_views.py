"""The page after an election day, at the staff desk: who stays, who lost, who moved up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Office
from members.sign_in.access import staff_page
from members.terms.forms import SettleForm
from members.terms.offices import SHOWN
from members.terms.settling import LOST, MOVED, YES, Outcome, Said, settle, take_back, to_settle
from members.web import kept
from members.web.acts import act_of, page_or_post
from members.web.meanwhile import mark
from members.web.once import once
from members.web.pages import page_at

PERM = "members.decide_application"
SHOWN_AT_ONCE = 100
UNDO = "settled offices"
LETTERS = 2  # of a state


@page_or_post
@staff_page(PERM)
def staff_terms_settle(request: HttpRequest) -> HttpResponse:
    form = SettleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return once(request, partial(_save, request, form))
    kept.bring_back(request, form)
    state = request.GET.get("state", "")[:LETTERS]
    found = to_settle(state)
    context = {
        "form": form,
        "rows": [_row(office, form.data) for office in found[:SHOWN_AT_ONCE]],
        "count": found.count(),
        "state": state,
        "settled": len(request.session.get(UNDO, [])),
        **page_at("terms"),
    }
    return kept.page(request, "members/terms/settle.html", context, form)


@act_of("staff_terms_settle")
@staff_page(PERM)
def staff_terms_settle_undo(request: HttpRequest) -> HttpResponse:
    """As it was before the last save of this session; what somebody changed since stays."""
    done, refused = take_back(request.session.pop(UNDO, []), request.user)
    if done:
        words = ngettext("%(n)s office is as it was before.", "%(n)s offices are as they were before.", done)
        messages.success(request, words % {"n": done})
    if refused:
        messages.warning(request, _("Changed since, so they stay: %s.") % get_text_list(refused, _("and")))
    return redirect("staff_terms_settle")


def _save(request: HttpRequest, form: SettleForm) -> HttpResponse:
    said = form.cleaned_data
    outcome = settle(_said(request.POST), request.user, out_on=said["out_on"], until=said["until"])
    if outcome.undo:
        request.session[UNDO] = outcome.undo
    _tell(request, outcome)
    state = request.GET.get("state", "")[:LETTERS]
    return redirect(reverse("staff_terms_settle") + (f"?{urlencode({'state': state})}" if state else ""))


def _said(data: QueryDict) -> Iterator[Said]:
    for name, answer in data.items():
        prefix, _dash, number = name.partition("-")
        if prefix == "office" and number.isdigit() and len(number) < 19 and answer in (YES, LOST, MOVED):
            yield Said(int(number), answer, data.get(f"seen-{number}", ""))


def _tell(request: HttpRequest, outcome: Outcome) -> None:
    words = [
        ngettext("%(n)s stays", "%(n)s stay", n) % {"n": n} if (n := len(outcome.confirmed)) else "",
        ngettext("%(n)s leaves office", "%(n)s leave office", n) % {"n": n} if (n := len(outcome.left)) else "",
    ]
    if said := get_text_list(list(filter(None, words)), _("and")):
        undo = f"undo:{reverse('staff_terms_settle_undo')}"
        messages.success(request, _("Saved: %s.") % said, extra_tags=undo)
    if outcome.moved:
        names = get_text_list([office.user.name for office in outcome.moved], _("and"))
        messages.info(request, _("Moved up: %s. Say to which office, in their rows.") % names)
    if outcome.refused:
        names = get_text_list(outcome.refused, _("and"))
        messages.warning(request, _("Not saved, because it changed meanwhile or doesn’t fit the term: %s.") % names)


def _row(office: Office, data: Any) -> dict[str, Any]:
    name = f"office-{office.pk}"
    answers = [(YES, _("Stays")), (LOST, _("Lost")), (MOVED, _("Moved up"))]
    chosen = (data or {}).get(name, "")
    return {
        "office": office,
        "name": name,
        "seen": mark(office, SHOWN),
        "answers": [(value, label, value == chosen) for value, label in answers],
    }
