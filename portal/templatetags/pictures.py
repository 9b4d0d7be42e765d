"""Pictures in templates: in the width that the reader's screen needs; a JPEG where AVIF isn't known."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from committees.models import Picture

register = template.Library()

SIZES = {  # how wide it is shown, by place (portal/static/portal/css/issue.css)
    "card": "(max-width: 44.99em) 4rem, 17rem",
    "article": "(max-width: 44em) 100vw, 42rem",
    "cover": "(max-width: 59.99em) 100vw, 18.75rem",
    "hero": "(max-width: 59.99em) 100vw, 46vw",
    "thumb": "6.5rem",
}


@register.simple_tag
def picture(picture: Picture, place: str, **options: Any) -> SafeString:
    """`early`: it's in view when the page opens, so the browser need not wait to see whether it is. `css`: its look."""
    when = SafeString('fetchpriority="high"') if options.get("early") else SafeString('loading="lazy"')
    return format_html(
        '<picture><source type="image/avif" srcset="{}" sizes="{}">'
        '<img src="{}" width="{}" height="{}" alt="{}" {} decoding="async"{}{}></picture>',
        picture.srcset("avif"),
        SIZES[place],
        picture.usual,
        picture.width,
        picture.height,
        picture.description,
        when,
        format_html(' data-focus="{}"', picture.focus) if picture.focus else "",
        format_html(' class="{}"', options["css"]) if "css" in options else "",
    )
