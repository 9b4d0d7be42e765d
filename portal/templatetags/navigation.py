"""`{% places "member" as places %}`: what a navigation lists."""

from django import template
from django.template import Context

from portal.navigation import PLACES, Place

register = template.Library()


@register.simple_tag(takes_context=True)
def places(context: Context, of: str) -> list[Place]:
    """Those of a navigation that the reader may open."""
    return [place for place in PLACES[of] if place.is_for(context["request"].user)]
