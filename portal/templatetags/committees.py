"""The head of every page of a committee: its block, name, numbers and tabs."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from committees.models import Committee, Membership
from portal.summaries import Summary, summarize

register = template.Library()

Tab = dict[str, object]


@register.inclusion_tag("committees/_band.html", takes_context=True)
def committee_band(context: template.Context, committee: Committee, current: str) -> dict[str, object]:
    """`current` is overview, calls, documents, decisions, people, manage or announcements (which has no tab). The page's h1 is in it on the overview only."""
    user = context["request"].user
    summary = summarize(committee, user)
    manages = user.has_perm("committees.manage_committee", committee)
    return {
        "committee": committee,
        "summary": summary,
        "you_are": _you_are(committee.role_of(user)),
        "current": current,
        "tabs": tabs(committee, summary, current, manages),
        "csrf_token": context.get("csrf_token"),
    }


def _you_are(role: str) -> str:
    """What the reader is on it, nothing from outside."""
    words: dict[str, str] = {
        Membership.Role.CHAIR: _("You’re a co-chair"),
        Membership.Role.VICE_CHAIR: _("You’re a vice chair"),
        Membership.Role.LIAISON: _("You’re the organizer"),
    }
    return words.get(role, _("You’re a member")) if role else ""


def tabs(committee: Committee, summary: Summary, current: str, manages: bool) -> list[Tab]:
    rows: list[tuple[str, str, str, int | None]] = [
        ("overview", _("Overview"), "committee_detail", None),
        ("calls", _("Calls"), "committee_meetings", summary.calls),
        ("documents", _("Documents"), "committee_documents", summary.documents),
        ("decisions", _("Decisions"), "committee_decisions", summary.decisions),
        ("people", _("People"), "committee_people", summary.headcount.people),
    ]
    if manages:
        rows.append(("manage", _("Manage"), "committee_manage", summary.requests or None))
    return [
        {"label": label, "url": reverse(name, args=[committee.slug]), "count": count, "current": key == current}
        for key, label, name, count in rows
    ]


@register.simple_tag(takes_context=True)
def may(context: template.Context, perm: str, thing: object = None) -> bool:
    """`{% may "events.schedule_meeting" committee as may_schedule %}`: whether to offer what the view decides again."""
    return context["request"].user.has_perm(perm, thing)
