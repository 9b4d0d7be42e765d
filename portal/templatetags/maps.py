"""The state map: a picture for the eye, a list for everybody."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal import statemap

register = template.Library()

TILE, GAP = 30, 4

Counts = tuple[tuple[str, int], ...]  # those of a committee are the same for everybody: their map is drawn once


def _tile(code: str, place: tuple[int, int], tint: int, mine: bool) -> str:
    x, y = (GAP / 2 + step * (TILE + GAP) for step in place)
    css = " ".join(filter(None, [f"t{tint}" if tint else "", "mine" if mine else ""]))
    attribute = f' class="{css}"' if css else ""
    return f'<g{attribute}><rect x="{x:g}" y="{y:g}" width="{TILE}" height="{TILE}" rx="5"/><text x="{x + TILE / 2:g}" y="{y + 19.5:g}">{code}</text></g>'


@register.simple_tag
def state_map_svg(counts: dict[str, int], mine: str = "") -> SafeString:
    height, tiles = _tiles(tuple(counts.items()))
    drawn = [plain for code, (plain, _ringed) in tiles.items() if code != mine]
    if mine in tiles:  # the ringed one last, so nothing covers its ring
        drawn.append(tiles[mine][1])
    return SafeString(f'<svg class="tile-map" viewBox="0 0 374 {height}" aria-hidden="true">{"".join(drawn)}</svg>')


@lru_cache(maxsize=128)
def _tiles(counts: Counts) -> tuple[int, dict[str, tuple[str, str]]]:
    """How high the map is, and the tile of each state: for those who serve elsewhere, and ringed for those who serve there."""
    people = dict(counts)
    places, most = statemap.places(people), max(people.values(), default=0)
    tints = {code: statemap.tint(people.get(code, 0), most) for code in places}
    tiles = {
        code: (_tile(code, place, tints[code], False), _tile(code, place, tints[code], True))
        for code, place in places.items()
    }
    return (1 + max(row for _, row in places.values())) * (TILE + GAP), tiles


@register.inclusion_tag("components/state_map.html")
def state_map(counts: dict[str, int], mine: str = "") -> dict[str, object]:
    """`counts` is members by state code; `mine` the reader's state, ringed."""
    served = {code: count for code, count in counts.items() if count > 0 and code in statemap.NAMES}
    return {
        "counts": served,
        "mine": mine,
        "mine_name": statemap.NAMES.get(mine, ""),
        "mine_count": served.get(mine, 0),
        "states": len(served),
        "listed": _listed(tuple(served.items()), get_language() or "") if served else "",
    }


@lru_cache(maxsize=128)
def _listed(counts: Counts, language: str) -> SafeString:
    ranked = sorted(counts, key=lambda item: (-item[1], str(statemap.NAMES[item[0]])))
    context = {"ranked": [(statemap.NAMES[code], count) for code, count in ranked]}
    return SafeString(render_to_string("components/state_list.html", context))
