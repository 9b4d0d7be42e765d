"""Squares and heads of the map of a week."""

from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from events.availability.finding import Square

register = template.Library()


@register.simple_tag
def heat_square(square: Square, of: int) -> SafeString:
    """A cell: a link with the number in it, and in its name what the heads of row and column say."""
    if square.score is None:
        return format_html('<td class="heat__over">–<span class="visually-hidden">{}</span></td>', _("over"))
    name = _("%(when)s: %(score)s of %(of)s") % {"when": square.label, "score": square.score, "of": of}
    mark = SafeString(' aria-current="true"') if square.chosen else ""
    check = SafeString('<span aria-hidden="true">✓</span>') if square.chosen else ""
    return format_html(
        '<td><a class="t{}" id="{}" href="{}" aria-label="{}"{}>{}{}</a></td>',
        square.tint, square.key, square.url, name, mark, check, square.score,
    )  # fmt: skip


@register.simple_tag
def when_weekday(day: date) -> str:
    """Thu"""
    return date_format(day, "D")


@register.simple_tag
def when_month_day(day: date) -> str:
    """May 13"""
    # Translators: Django date format, as short as can be
    return date_format(day, pgettext("date format", "M j"))
