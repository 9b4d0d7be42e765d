"""How mail programs change the HTML of a mail: what Outlook for Windows leaves of it, and the colors of programs that darken by themselves.

These are models made from published data, for looking at mails and testing them; no program is asked. Whoever changes a rule says where it is from.

Outlook for Windows renders with Word. What that knows is in the data of caniemail.com (github.com/hteumeuleu/caniemail, _features/*.md, `outlook:
windows:`, 2007 to 2019):

    @media, border-radius, display (but none), flex, gap, min-width, overflow,
    border-spacing                                       not supported
    max-width                                            not supported (2019: on tables; older ones decide here)
    padding                                              on cells of tables only
    width                                                not on body, div, p, span and img
    border                                               unreliable outside of tables
    margin                                               not on span and body, no negative values, no auto
    word-break                                           2019 only; overflow-wrap is in no data, so it doesn't count
    display: none                                        not before 2021; `mso-hide: all` is Word's own
    <!--[if mso]> ... <![endif]-->                       is read; `mso-padding-alt` is padding to Word alone

Two ways to darken are published. Android's WebView and Chromium turn text darker than 150 and backgrounds lighter than 205 (of 255, the brightness
of ITU-R BT.601) over in CIELAB, and leave what lies between (third_party/blink/renderer/platform/graphics/dark_mode_settings.h,
dark_mode_color_filter.cc). Outlook on the web turns every color over, so that white becomes #333333 (github.com/microsoft/roosterjs,
roosterjs-color-utils, getDarkColor). Gmail's own way is not published; it is seen to leave colors of the middle as Chromium does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

CELLS = ("td", "th")
IN_TABLES = (*CELLS, "table")
UNKNOWN_TO_WORD = {"max-width", "min-width", "max-height", "gap", "word-break", "display"}
UNKNOWN_TO_WORD |= {"overflow", "overflow-wrap", "border-radius", "border-spacing", "flex", "flex-wrap"}
NO_WIDTH = ("body", "div", "p", "span", "img")
NO_MARGIN = ("body", "span")

FOR_WORD = re.compile(r"<!--\[if (?:gte )?mso[^\]]*\]>(.*?)<!\[endif\]-->", re.DOTALL)
NOT_FOR_WORD = re.compile(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", re.DOTALL)
DARK_RULES = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", re.DOTALL)
STYLES = re.compile(r"<style>.*?</style>", re.DOTALL)
STYLED = re.compile(r'<(\w+)((?:\s[^<>]*?)?)\sstyle="([^"]*)"')
COLOR = re.compile(r"#[0-9a-fA-F]{6}\b")

Rgb = tuple[float, float, float]
Style = list[tuple[str, str]]


def as_outlook(html: str) -> str:
    """What Word would know of it."""
    return _restyled(STYLES.sub("", FOR_WORD.sub(r"\1", NOT_FOR_WORD.sub("", html))), _as_word)


def in_its_own_dark(html: str) -> str:
    """As programs show it that know of dark mails, whatever the reader's system says."""
    return DARK_RULES.sub(r"\1", html)


def darkened_partly(html: str) -> str:
    """With dark text and light backgrounds turned over, as Android does."""
    return _recolored(html, _partly)


def darkened_wholly(html: str) -> str:
    """With every color turned over, as Outlook on the web does."""
    return _recolored(
        html, lambda name, color: _turned(color, lambda light: (100 - light) * (100 - 21.247) / 100 + 21.247)
    )


# Word ----------------------------------------------------------------------------------------------


def _as_word(tag: str, style: Style) -> Style:
    known = [(name, value) for name, value in style if _is_known(tag, name, value)]
    values = dict(style)
    if "mso-padding-alt" in values:
        known = [(name, value) for name, value in known if name != "padding"] + [("padding", values["mso-padding-alt"])]
    return [*known, ("display", "none")] if values.get("mso-hide") == "all" else known


def _is_known(tag: str, name: str, value: str) -> bool:
    if name in UNKNOWN_TO_WORD or name.startswith("mso-"):
        return False
    if name.startswith("padding"):
        return tag in CELLS
    if name.startswith("border"):
        return tag in IN_TABLES
    if name.startswith("margin"):
        return tag not in NO_MARGIN and "auto" not in value and "-" not in value
    return not (name == "width" and tag in NO_WIDTH)


# Colors --------------------------------------------------------------------------------------------


def _recolored(html: str, change: Callable[[str, str], str]) -> str:
    def recolor(_tag: str, style: Style) -> Style:
        return [(name, COLOR.sub(partial(_change, change, name), value)) for name, value in style]

    return _restyled(DARK_RULES.sub("", html), recolor)


def _change(change: Callable[[str, str], str], name: str, color: re.Match[str]) -> str:
    return change(name, color[0])


def _partly(name: str, color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    brightness = (red * 299 + green * 587 + blue * 114) / 1000
    leaves = brightness >= 150 if name == "color" else brightness <= 205
    return color if leaves else _turned(color, lambda light: min(110 - light, 100))


def _turned(color: str, change: Callable[[float], float]) -> str:
    """The color with another lightness, in CIELAB of D65."""
    light, red_green, blue_yellow = _to_lab(color)
    return _to_hex((change(light), red_green, blue_yellow))


WHITE = (0.95047, 1.0, 1.08883)
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
TO_RGB = ((3.2404542, -1.5371385, -0.4985314), (-0.9692660, 1.8760108, 0.0415560), (0.0556434, -0.2040259, 1.0572252))


def _to_lab(color: str) -> Rgb:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    x, y, z = (_root(value / white) for value, white in zip(_by(TO_XYZ, linear), WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _to_hex(lab: Rgb) -> str:
    y = (lab[0] + 16) / 116
    cubes = [_cube(value) * white for value, white in zip((y + lab[1] / 500, y, y - lab[2] / 200), WHITE, strict=True)]
    linear = [min(max(value, 0.0), 1.0) for value in _by(TO_RGB, cubes)]
    parts = [value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055 for value in linear]
    return "#{:02x}{:02x}{:02x}".format(*(round(part * 255) for part in parts))


def _by(matrix: tuple[Rgb, ...], vector: list[float]) -> list[float]:
    return [sum(one * other for one, other in zip(row, vector, strict=True)) for row in matrix]


def _root(value: float) -> float:
    return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116


def _cube(value: float) -> float:
    return value**3 if value**3 > 0.008856 else (value - 16 / 116) / 7.787


# Styles --------------------------------------------------------------------------------------------


def _restyled(html: str, change: Callable[[str, Style], Style]) -> str:
    """The HTML with each style attribute changed, by the tag that has it."""

    def restyle(found: re.Match[str]) -> str:
        pairs = (each.partition(":") for each in found[3].split(";") if ":" in each)
        style = change(found[1], [(name.strip(), value.strip()) for name, _colon, value in pairs])
        return f'<{found[1]}{found[2]} style="{"; ".join(f"{name}: {value}" for name, value in style)}"'

    return STYLED.sub(restyle, html)
