"""The rows of the staff's table of members."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from committees.models import Committee
from members.web import stencils
from portal.templatetags.ui import avatar

register = template.Library()

MARKS_KEPT = 1024  # committees whose mark is kept; no organization has as many


@register.simple_tag
def member_rows(people: Sequence[Any], committees: Mapping[int, Committee]) -> SafeString:
    """A row for each person, with the office `held` and the keys of the committees they are on, `committee_keys`."""
    language = get_language() or ""
    rows = [stencils.fill(_stencil(language, *_state(person)), _values(person, committees)) for person in people]
    return mark_safe("".join(rows))  # noqa: S308 (each value is escaped in `_values`)


def _state(person: Any) -> tuple[bool, ...]:
    held, ended = bool(person.held), bool(person.held and person.held[0]["ended_on"])
    return held, ended, person.is_active, bool(person.left_at), bool(person.admitted_at)


def _values(person: Any, committees: Mapping[int, Committee]) -> dict[str, str]:
    values = {
        "number": str(person.pk),
        "name": escape(person.name),
        "avatar": avatar(person),
        "committees": _marks([committee for key, committee in committees.items() if key in person.committee_keys]),
    }
    for office in person.held:
        values |= {"title": escape(office["title"]), "place": escape(office["place"])}
        values |= {"ends": _month(date.fromisoformat(office["ended_on"]))} if office["ended_on"] else {}
    return values


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


@lru_cache(maxsize=128)
def _stencil(language: str, held: bool, ended: bool, active: bool, left: bool, admitted: bool) -> list[str]:
    marks = stencils.marks("name", "avatar", "title", "place", "committees", "ends")
    person = {"pk": stencils.NUMBER, "name": marks["name"], "is_active": active, "left_at": left}
    shown = {"person": SimpleNamespace(**person, admitted_at=admitted), "held": held, "ended": ended, **marks}
    return stencils.cut(render_to_string("portal/staff/_member_row.html", shown), number="number")
