"""Words of calls that templates cannot make themselves."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.calendar import web_links
from events.models import Meeting, Rsvp
from events.models.agendas import Plan
from members.models import User
from members.times import formats
from members.web import stencils

register = template.Library()


@register.simple_tag
def join_opens(moment: datetime) -> SafeString:
    """Thu at 12:50 PM MST; with the date when that Thursday is more than six days away."""
    local = timezone.localtime(moment)
    day = date_format(local, "D") if local - timezone.localtime() < timedelta(days=6) else formats.day_short(moment)
    words = _("%(day)s at %(clock)s") % {"day": day, "clock": formats.clock(moment)}
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), words)


@register.simple_tag
def web_calendars(meeting: Meeting, dial_in: bool) -> list[web_links.Link]:
    """Pages of calendars on the web that take the call; with the dial-in for those who may join."""
    return web_links.adding(meeting, dial_in=dial_in)


@register.simple_tag
def zone_rows(start: datetime) -> SafeString:
    """The moment in the zones of others: the same for everybody in a zone, until the year ends."""
    zone = timezone.get_current_timezone()
    return _zone_rows(start, zone, timezone.localdate(timezone=zone).year, get_language() or "")


@lru_cache(maxsize=512)
def _zone_rows(start: datetime, zone: tzinfo, year: int, language: str) -> SafeString:
    return SafeString(render_to_string("events/call/_zone_rows.html", {"zones": formats.other_zones(start)}))


@register.simple_tag
def month_name(moment: datetime) -> str:
    """March"""
    return date_format(timezone.localtime(moment), "F")


SIGNS = {Rsvp.Response.ACCEPTED: "check", Rsvp.Response.TENTATIVE: "circle-question-mark", Rsvp.Response.DECLINED: "x"}


@register.inclusion_tag("events/_answer_buttons.html")
def answer_buttons(answer: str = "", person: User | None = None) -> dict[str, Any]:
    """Going, Maybe, Can’t; `answer` is the one that stands, `person` whose a co-chair would write down."""
    return {"buttons": [(each, sign, each.label, each == answer) for each, sign in SIGNS.items()], "person": person}


BAR = 1000  # units of its width


@register.simple_tag
def agenda_bar(plan: Plan) -> SafeString:
    """Planned minutes against the call's length as one bar, what runs over beyond its end; the words stand beside it."""
    unit = BAR / max(plan.planned, plan.length, 1)
    spans = [
        (f"bar__{'over' if over else 'even' if number % 2 else 'odd'}", at, minutes)
        for number, (at, minutes, over) in enumerate(plan.spans)
    ]
    if plan.spare:
        spans.append(("bar__spare", plan.planned, plan.spare))
    marks = [(name, f"{at * unit:.1f}", f"{max(minutes * unit - 3, 1):.1f}") for name, at, minutes in spans]
    rects = format_html_join("", '<rect class="{}" x="{}" y="0" width="{}" height="14"/>', marks)
    return format_html(
        '<svg class="agenda-bar" viewBox="0 0 {} 14" preserveAspectRatio="none" aria-hidden="true">{}</svg>', BAR, rects
    )


# Rows of a list ------------------------------------------------------------------------------------------

MARKS = (
    "url",
    "title",
    "committee",
    "month",
    "day",
    "weekday",
    "machine",
    "date",
    "hours",
    "slug",
    "edition",
    "next",
    "csrf",
)


@register.simple_tag(takes_context=True)
def call_rows(
    context: template.Context, meetings: list[Meeting], past: bool, named: object, mine: set[int]
) -> SafeString:
    """The rows of a list: when, what, and one tap to answer or what there is instead."""
    request = context["request"]
    shared = {"csrf": str(context["csrf_token"]), "next": escape(request.get_full_path())}
    language, zone = get_language() or "", timezone.get_current_timezone()
    rows = []
    for meeting in meetings:
        parts = _stencil(language, _state(meeting, past, mine), meeting.my_response or "", bool(named))
        filled = _filled(meeting, language, zone) | shared
        rows.append(stencils.fill(parts, filled))
    return mark_safe("".join(rows))  # noqa: S308 (each value is escaped in `_filled`)


def _state(meeting: Meeting, past: bool, mine: set[int]) -> str:
    if meeting.is_cancelled:
        return "canceled"
    if not meeting.is_told:
        return "draft"
    if past:
        return "past"
    if mine.isdisjoint(meeting.committees):
        return "outside"
    if meeting.my_seat_until:
        return "offered"
    return "moved" if meeting.needs_new_answer else "open"


def _filled(meeting: Meeting, language: str, zone: tzinfo) -> dict[str, str]:
    today = timezone.localdate()
    words = _when_words(meeting.starts_at, meeting.duration, zone, language, today.year)
    title, committee = escape(meeting.title), escape(meeting.committee.name)
    url = f"{_calls_address()}{meeting.slug}/"
    return words | {
        "title": title,
        "committee": committee,
        "url": url,
        "slug": meeting.slug,
        "edition": str(meeting.edition),
        "version": str(meeting.my_version),
    }


@lru_cache(maxsize=4096)
def _when_words(starts_at: datetime, duration: int, zone: tzinfo, language: str, year: int) -> dict[str, str]:
    """Everything a row says about its time; the same for everybody in a zone, until the year ends."""
    local = timezone.localtime(starts_at, zone)
    words = formats.date_parts(starts_at) | {
        "machine": local.isoformat(timespec="minutes"),
        "date": formats.day_short(starts_at),
        "hours": formats.hours(starts_at, duration),
    }
    return {name: escape(value) for name, value in words.items()}


@lru_cache(maxsize=1)
def _calls_address() -> str:
    return reverse("meeting_list")


@lru_cache(maxsize=256)
def _stencil(language: str, state: str, answer: str, named: bool) -> list[str]:
    marks = stencils.marks(*MARKS)
    call = SimpleNamespace(**marks, my_response=answer, my_version=stencils.NUMBER)
    shown = {"meeting": call, "state": state, "named": named, "csrf_token": marks["csrf"], **marks}
    return stencils.cut(render_to_string("events/_call_row.html", shown), number="version")
