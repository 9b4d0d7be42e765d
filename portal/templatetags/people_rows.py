"""The rows of the directory of members."""

from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from members.web import stencils
from portal.templatetags.ui import avatar

register = template.Library()


@register.simple_tag
def people_rows(people: Sequence[Any]) -> SafeString:
    """A row for each person, with the `office` they hold in words if they hold one."""
    rows = [stencils.fill(_stencil(bool(person.office)), _values(person)) for person in people]
    return mark_safe("".join(rows))  # noqa: S308 (each value is escaped in `_values`)


def _values(person: Any) -> dict[str, str]:
    return {
        "number": str(person.pk),
        "avatar": avatar(person, size=40),
        "name": escape(person.name),
        "office": escape(person.office),
    }


@lru_cache(maxsize=2)
def _stencil(held: bool) -> list[str]:
    marks = stencils.marks("name", "office")
    shown = {
        "person": SimpleNamespace(pk=stencils.NUMBER, name=marks["name"], office=marks["office"] if held else ""),
        **stencils.marks("avatar"),
    }
    return stencils.cut(render_to_string("portal/_people_row.html", shown), number="number")
