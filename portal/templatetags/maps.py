"""The state map: a picture for the eye, a list for everybody."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal import statemap

register = template.Library()

TILE, GAP = 30, 4


def _tile(code: str, place: tuple[int, int], tint: int, mine: bool) -> str:
    x, y = (GAP / 2 + step * (TILE + GAP) for step in place)
    css = " ".join(filter(None, [f"t{tint}" if tint else "", "mine" if mine else ""]))
    attribute = f' class="{css}"' if css else ""
    return f'<g{attribute}><rect x="{x:g}" y="{y:g}" width="{TILE}" height="{TILE}" rx="5"/><text x="{x + TILE / 2:g}" y="{y + 19.5:g}">{code}</text></g>'


@register.simple_tag
def state_map_svg(counts: dict[str, int], mine: str = "") -> SafeString:
    places = statemap.places(counts)
    most = max(counts.values(), default=0)
    order = sorted(places, key=lambda code: code == mine)  # the ringed one last, so nothing covers its ring
    tiles = "".join(_tile(code, places[code], statemap.tint(counts.get(code, 0), most), code == mine) for code in order)
    rows = 1 + max(row for _, row in places.values())
    return format_html(
        '<svg class="tile-map" viewBox="0 0 374 {}" aria-hidden="true">{}</svg>', rows * (TILE + GAP), SafeString(tiles)
    )


@register.inclusion_tag("components/state_map.html")
def state_map(counts: dict[str, int], mine: str = "") -> dict[str, object]:
    """`counts` is members by state code; `mine` the reader's state, ringed."""
    served = {code: count for code, count in counts.items() if count > 0 and code in statemap.NAMES}
    ranked = sorted(served.items(), key=lambda item: (-item[1], str(statemap.NAMES[item[0]])))
    return {
        "counts": served,
        "mine": mine,
        "mine_name": statemap.NAMES.get(mine, ""),
        "mine_count": served.get(mine, 0),
        "ranked": [(statemap.NAMES[code], count) for code, count in ranked],
    }
