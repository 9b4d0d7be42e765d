"""The rows of the staff's table of members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from committees.models import Committee
from members.models import Suppression
from members.times.clock import today
from members.web import stencils
from portal.templatetags.ui import avatar

register = template.Library()

SOON = timedelta(days=90)  # the end of a term is near
MARKS_KEPT = 1024  # committees whose mark is kept; no organization has as many


@dataclass(frozen=True)
class State:
    """What of a person decides how the row is drawn; everything else is filled in."""

    held: bool
    ended: bool
    leaving: bool
    active: bool
    left: bool
    admitted: bool
    signed_in: bool
    trouble: str


@register.simple_tag
def member_rows(people: Sequence[Any], committees: Mapping[int, Committee], columns: tuple[str, ...]) -> SafeString:
    """A row for each person, as portal.staff.members_table.with_row brings them, with these columns after the name."""
    language, soon = get_language() or "", today() + SOON
    rows = [
        stencils.fill(_stencil(language, columns, _state(person, soon)), _values(person, committees))
        for person in people
    ]
    return mark_safe("".join(rows))  # noqa: S308 (each value is escaped in `_values`)


def _state(person: Any, soon: date) -> State:
    ends = person.held[0]["ended_on"] if person.held else None
    return State(
        bool(person.held),
        bool(ends),
        bool(ends and date.fromisoformat(ends) <= soon),
        person.is_active,
        bool(person.left_at),
        bool(person.admitted_at),
        bool(person.last_login),
        person.trouble or "",
    )


def _values(person: Any, committees: Mapping[int, Committee]) -> dict[str, str]:
    values = {
        "number": str(person.pk),
        "name": escape(person.name),
        "avatar": avatar(person),
        "committees": _marks([committee for key, committee in committees.items() if key in person.committee_keys]),
        "tags": escape(", ".join(person.tag_names)),
        "seen": _day(person.last_login),
        "since": _day(person.admitted_at),
    }
    for office in person.held:
        values |= {"title": escape(office["title"]), "place": escape(office["place"])}
        values |= {"ends": _month(date.fromisoformat(office["ended_on"]))} if office["ended_on"] else {}
    return values


def _day(moment: datetime | None) -> str:
    return escape(date_format(timezone.localtime(moment), "M j, Y")) if moment else ""


def _month(day: date) -> str:
    return escape(date_format(day, "M Y"))


def _marks(committees: Sequence[Committee]) -> str:
    last = len(committees) - 1
    return "".join(
        [_mark(each.slug, each.name, each.quilt_block, each.quilt_hue, at < last) for at, each in enumerate(committees)]
    )


@lru_cache(maxsize=MARKS_KEPT)
def _mark(slug: str, name: str, block: str, hue: str, more: bool) -> str:
    committee = {"slug": slug, "name": name, "quilt_block": block, "quilt_hue": hue}
    return render_to_string(
        "portal/staff/_committee_mark.html", {"committee": SimpleNamespace(**committee), "more": more}
    ).strip()


@lru_cache(maxsize=512)
def _stencil(language: str, columns: tuple[str, ...], state: State) -> list[str]:
    marks = stencils.marks("name", "avatar", "title", "place", "committees", "tags", "ends", "seen", "since")
    person = {"pk": stencils.NUMBER, "name": marks["name"], "is_active": state.active, "left_at": state.left}
    shown = {
        "person": SimpleNamespace(**person, admitted_at=state.admitted),
        "held": state.held,
        "ended": state.ended,
        "leaving": state.leaving,
        "has_signed_in": state.signed_in,
        "trouble": Suppression.Reason(state.trouble).label if state.trouble else "",
        "cells": [f"portal/staff/members/cell_{name}.html" for name in columns],
        **marks,
    }
    return stencils.cut(render_to_string("portal/staff/members/row.html", shown), number="number")
