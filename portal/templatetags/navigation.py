"""`{% places "member" as places %}`: what a navigation lists."""

from django import template

from portal.navigation import PLACES, Place

register = template.Library()


@register.simple_tag
def places(of: str) -> tuple[Place, ...]:
    return PLACES[of]
