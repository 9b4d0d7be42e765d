"""How long what is kept, for administrators: what each rule would take, and arming it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from members.models import RetentionCount, RetentionRule
from members.models.retention import REPORTS
from members.privacy.retention import Rule, rules
from members.sign_in.access import recently_confirmed, staff_page
from members.times import formats
from members.times.clock import today
from members.web.acts import act_of
from members.web.pages import page_at

PERM = "members.arm_retention"


@dataclass(frozen=True)
class Row:
    """A rule as its line of the table says it, with what it counted on each of the last days."""

    rule: Rule
    state: RetentionRule
    counts: list[int]

    @property
    def number(self) -> int | None:
        """Of the newest day; None before the first."""
        return self.counts[-1] if self.counts else None

    @property
    def report(self) -> str:
        n = len(self.counts)
        words = ngettext("%(n)d day counted: %(least)d to %(most)d", "%(n)d days counted: %(least)d to %(most)d", n)
        return words % {"n": n, "least": min(self.counts), "most": max(self.counts)}

    @property
    def may_be_armed(self) -> bool:
        """As RetentionRule.may_be_armed, of what was read already."""
        return self.number is not None and not self.state.armed_at and today() >= self.state.armable_on

    @property
    def armable_on(self) -> str:
        return formats.date_only(self.state.armable_on)

    @property
    def age(self) -> str:
        years, days = divmod(self.rule.days, 365)
        if days:
            return ngettext("%d day", "%d days", self.rule.days) % self.rule.days
        return ngettext("%d year", "%d years", years) % years


@require_safe
@staff_page(PERM)
def staff_retention(request: HttpRequest) -> HttpResponse:
    lately = RetentionCount.objects.filter(day__gt=today() - REPORTS).order_by("day")
    states = RetentionRule.objects.select_related("armed_by")
    known = {state.name: state for state in states.prefetch_related(Prefetch("counts", lately, to_attr="lately"))}
    rows = []
    for rule in rules.values():
        state = known.get(rule.name) or RetentionRule(name=rule.name)
        rows.append(Row(rule, state, [each.number for each in getattr(state, "lately", ())]))
    context = {"rows": rows, "backup_days": settings.BACKUPS_KEPT_DAYS, **page_at("activity")}
    return render(request, "members/privacy/retention.html", context)


@act_of("staff_retention")
@staff_page(PERM)
@recently_confirmed
def staff_retention_arm(request: HttpRequest, name: str) -> HttpResponse:
    state, label = _state(name)
    if state.arm(request.user):
        messages.success(request, _("Armed: “%(rule)s”. It begins within the hour.") % label)
    else:
        messages.warning(request, _("“%(rule)s” can’t be armed: it reports for 30 days first.") % label)
    return redirect("staff_retention")


@act_of("staff_retention")
@staff_page(PERM)
@recently_confirmed
def staff_retention_disarm(request: HttpRequest, name: str) -> HttpResponse:
    state, label = _state(name)
    if state.disarm(request.user):
        messages.success(request, _("Disarmed: “%(rule)s” only counts now.") % label)
    return redirect("staff_retention")


def _state(name: str) -> tuple[RetentionRule, dict[str, Any]]:
    if name not in rules:
        raise Http404
    return rules[name].state, {"rule": rules[name].label}
