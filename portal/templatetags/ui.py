"""Small marks used everywhere: icons, avatars, and lookups templates cannot do themselves."""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any

import lucide
from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from members.web import once

register = template.Library()

HUES = 7


@lru_cache(maxsize=256)
def _shapes(name: str) -> str:
    """The drawing inside a Lucide icon, without its wrapper."""
    svg = lucide._render_icon(name, 24)
    shapes = re.sub(r"\s*\n\s*", "", svg[svg.index(">") + 1 : svg.rindex("</svg>")]).replace(" />", "/>")
    shapes = PATHS.sub(_one_path, LINE.sub(r'<path d="M\1 \3 \2 \4"/>', shapes))
    return RECT.sub(r"<rect \2 \1 ", shapes)


LINE = re.compile(r'<line x1="([^"]*)" x2="([^"]*)" y1="([^"]*)" y2="([^"]*)"/>')
RECT = re.compile(r'<rect (x="\S*" y="\S*") (width="\S*" height="\S*") ')  # most have it the other way: it compresses
PATHS = re.compile(r'(?:<path d="[^"]*"/>){2,}')
NUMBER = r"(-?(?:\d*\.\d+|\d+))"
RELATIVE = re.compile(rf"m\s*{NUMBER}[\s,]*{NUMBER}[\s,]*(?P<line>[-.\d])?")


def _one_path(paths: re.Match[str]) -> str:
    """Several paths as one: a `m` at the head of a path counts from 0,0, and numbers behind it are relative lines."""
    first, *rest = re.findall(r'd="([^"]*)"', paths[0])
    heads = (RELATIVE.match(path) for path in rest)
    absolute = [
        f"M{head[1]} {head[2]}{'l' + head['line'] if head['line'] else ''}{path[head.end() :]}" if head else path
        for head, path in zip(heads, rest, strict=True)
    ]
    return f'<path d="{first}{"".join(absolute)}"/>'


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, size: int | None = None, css: str = "") -> SafeString:
    """A Lucide icon beside a word; never the only sign, so hidden from assistive technology. Sizes: 16, 18, (20), 24, 40."""
    classes = " ".join(filter(None, ["icon", f"icon--{size}" if size and size != 20 else "", css]))
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', classes, SafeString(_shapes(name))
    )


TONE_ICONS = {"good": "check", "warn": "triangle-alert", "bad": "triangle-alert"}


@register.simple_tag
def tone_icon(tone: str, name: str = "", usual: str = "") -> SafeString | str:
    """The icon asked for, or else the one that goes with the tone."""
    shown = name or TONE_ICONS.get(tone, usual)
    return icon(shown) if shown else ""


@register.simple_tag
@lru_cache(maxsize=32)
def document_icon(kind: str) -> SafeString:
    """A sheet of paper with PDF, DOC, XLS ... on it; always beside the document's name."""
    return SafeString(render_to_string("components/document_icon.html", {"kind": kind}))


def _hue(person: Any) -> int:
    key = getattr(person, "pk", None) or 0
    return key % HUES if isinstance(key, int) else sum(map(ord, str(key))) % HUES


def _initials(person: Any) -> str:
    given = getattr(person, "initials", "")
    if given:
        return str(given)
    words = str(getattr(person, "name", person)).split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.simple_tag
def avatar(person: Any, size: int = 36) -> SafeString:
    """Round initials in one of seven hues; the person's name has to stand in text nearby. Sizes: 32, 36, 40, 48, 64."""
    sized = f" avatar--{size:d}" if size != 36 else ""
    return SafeString(f'<i class="avatar{sized} hue-{_hue(person)}" aria-hidden="true">{escape(_initials(person))}</i>')


@register.simple_tag
def avatar_pile(
    people: Iterable[Any], total: int | None = None, limit: int = 4, size: int = 36, ring: str = ""
) -> SafeString:
    """The first `limit` people overlapping, then "+n" up to `total`. `ring` is "canvas" on the page's ground."""
    people = list(people)
    shown = people[:limit]
    rest = (len(people) if total is None else total) - len(shown)
    marks = "".join([avatar(person, size) for person in shown])
    more = f'<i class="avatar{f" avatar--{size:d}" if size != 36 else ""}">+{rest:d}</i>' if rest > 0 else ""
    return SafeString(
        f'<span class="pile{f" pile--{escape(ring)}" if ring else ""}" aria-hidden="true">{marks}{more}</span>'
    )


@register.simple_tag
def once_key() -> SafeString:
    """The hidden key of a form that makes something: posted twice, it makes one (members/web/once.py)."""
    return format_html('<input type="hidden" name="{}" value="{}" data-once>', once.FIELD, uuid.uuid4())


@register.inclusion_tag("components/form_errors.html")
def form_errors(*forms: BaseForm, order: str = "") -> dict[str, Any]:
    """The summary of what is wrong with these forms. `order` names the fields that the page shows first, where forms mix."""
    forms = tuple(form for form in forms if form)
    first = order.split()
    general = [{"words": words} for form in forms for words in form.non_field_errors()]
    wrong = [field for form in forms for field in form if field.errors]
    wrong.sort(key=lambda field: first.index(field.name) if field.name in first else len(first))
    return {"mistakes": general + [mistake for field in wrong for mistake in _mistakes(field)]}


def _mistakes(field: BoundField) -> Iterator[dict[str, str]]:
    """A sentence for any field of its kind stands beside the field's label."""
    place = "" if field.is_hidden else field.id_for_label or field.auto_id
    usual = getattr(field.field, "says_as_usual", ())
    for error in field.errors.as_data():
        words = " ".join(map(str, error.messages))
        yield {"field_id": place, "words": f"{field.label}: {words}" if error.code in usual else words}


@register.filter
def lookup(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """`{{ hints|lookup:value }}`: the entry, or nothing."""
    if not mapping:
        return ""
    return mapping.get(key, mapping.get(str(key), ""))


@register.filter
def answer_to(rsvp: Any, meeting: Any) -> str:
    """ "accepted", "tentative" or "declined" when it answers the call's present time, else nothing.

    Without an Rsvp at hand the listing's own `meeting.my_response` counts.
    """
    if not rsvp:
        response = getattr(meeting, "my_response", "") or ""
    else:
        response = rsvp.response if getattr(rsvp, "edition", None) == getattr(meeting, "edition", None) else ""
    return "" if response == "needs_action" else str(response)


@register.filter
def version_for(rsvp: Any, meeting: Any) -> int:
    """The version of the answer this page shows, to be sent along with the next one."""
    return int(getattr(rsvp, "version", None) or getattr(meeting, "my_version", None) or 0)


@register.filter
def undo_address(message: Any) -> str:
    """Where the toast's Undo posts to: `messages.success(request, text, extra_tags="undo:/address/")`."""
    tags = getattr(message, "extra_tags", None) or ""
    return tags.removeprefix("undo:") if tags.startswith("undo:/") else ""


SHAPES = {"checkbox": "check", "radioselect": "choices", "checkboxselectmultiple": "choices"}


@register.filter
def shape(field: BoundField) -> str:
    """Which of components/field/ draws it: "line", "choices", "check", or none ("hidden")."""
    return "hidden" if field.is_hidden else SHAPES.get(field.widget_type, "line")


@register.filter
def as_switch(field: BoundField) -> SafeString:
    """A checkbox announced as a switch."""
    return field.as_widget(attrs={"role": "switch"})


@register.filter
def described_by(field: BoundField, suffix: str) -> SafeString:
    """The control, tied to the hint the template wrote under this id (Django ties only the form's own help text)."""
    ids = [field.auto_id + suffix] + ([f"{field.auto_id}_error"] if field.errors else [])
    return field.as_widget(attrs={"aria-describedby": " ".join(ids)})


@register.simple_tag(takes_context=True)
def querystring_without(context: template.Context, *names: str) -> str:
    """The page's own query string without these parameters (and without the page number); "?" alone when nothing is left."""
    query = context["request"].GET.copy()
    for name in (*names, "page", "after", "before"):
        query.pop(name, None)
    return "?" + query.urlencode()
