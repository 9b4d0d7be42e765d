"""What search found, as rows and as suggestions: drawn once for each state a row can be in, and filled in for each thing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate
from django.utils.translation import get_language

from members.findables.kinds import Row
from members.queries.finding import typed_words
from members.web import stencils
from portal.marking import excerpt, marked
from portal.searching import Thing
from portal.templatetags.quilts import quilt
from portal.templatetags.ui import avatar, document_icon, icon

register = template.Library()


@register.simple_tag
def found_rows(things: Sequence[Thing], words: str) -> SafeString:
    """A row for each thing, with what was typed marked in its title and in what its text says of it."""
    typed = typed_words(words)
    return mark_safe("".join([_row(thing, typed) for thing in things]))  # noqa: S308 (each value is escaped in `_row`)


def _row(thing: Thing, typed: Sequence[str]) -> str:
    row = thing.row
    values = {
        "sign": _sign(row),
        "url": escape(row.url),
        "title": marked(thing.title, typed),
        "sub": escape(row.sub),
        "excerpt": excerpt(thing.excerpt) if thing.excerpt else "",
    }
    return stencils.fill(_stencil(bool(row.sub), bool(thing.excerpt)), values)


@lru_cache(maxsize=4)
def _stencil(sub: bool, excerpt: bool) -> list[str]:
    marks = stencils.marks("sign", "url", "title", "sub", "excerpt")
    known = {"sub": sub, "excerpt": excerpt}
    shown = marks | {name: marks[name] if there else "" for name, there in known.items()}
    return stencils.cut(render_to_string("portal/search/_row.html", shown), number="number")


@register.simple_tag
def marked_title(thing: Thing, words: str) -> SafeString:
    """A title with what was typed marked."""
    return marked(thing.title, typed_words(words))


def _sign(row: Row) -> SafeString:
    """What stands before a thing: decoration, its words stand beside it."""
    if row.mark == "avatar":
        return avatar(row.marked, size=40)
    if row.mark == "quilt":
        return quilt(row.marked, size=40)
    if row.mark == "file":
        return document_icon(row.marked)
    if row.mark == "date":
        return _date_block(localdate(row.marked), get_language() or "")
    return icon(row.mark, size=24)


@lru_cache(maxsize=512)
def _date_block(day: date, language: str) -> SafeString:
    return SafeString(render_to_string("components/date_block.html", {"start": day}))
