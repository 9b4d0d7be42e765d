"""`{% linked_data data %}`: data for search engines, which no browser runs."""

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.simple_tag
def linked_data(data: dict[str, Any]) -> SafeString:
    """No word in it can end the element: its signs are written as numbers."""
    told = json.dumps(data, cls=DjangoJSONEncoder).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', SafeString(told))
