"""Words that may hold addresses, as their reader may see them."""

from typing import Any

from django import template

from members.text.addresses import for_reader

register = template.Library()


@register.filter
def as_seen_by(text: object, reader: Any) -> str:
    return for_reader(text, reader)
