"""Quilt blocks in templates. Decoration beside a name, never the only sign, so hidden from assistive technology."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from committees import quilts

register = template.Library()


def _chosen(committee: Any) -> tuple[str, str]:
    """Block and hue of a committee, or of anything with a slug, or of a plain string."""
    if isinstance(committee, str):
        return quilts.pick(committee)
    return quilts.pick(
        str(getattr(committee, "slug", committee)),
        getattr(committee, "quilt_block", ""),
        getattr(committee, "quilt_hue", ""),
    )


def _svg(css: str, box: str, body: str, slice_: bool = False) -> SafeString:
    ratio = SafeString(' preserveAspectRatio="xMidYMid slice"') if slice_ else ""
    return format_html('<svg class="{}" viewBox="{}"{} aria-hidden="true">{}</svg>', css, box, ratio, SafeString(body))


@register.simple_tag
def quilt(committee: Any, size: int = 44) -> SafeString:
    """One block. Sizes: 24, 32, 40, 44, 56, 72, 104."""
    return _svg(f"quilt quilt--{size}", "0 0 12 12", quilts.draw(*_chosen(committee)))


@register.simple_tag
def quilt_block(block: str, hue: str, size: int = 44) -> SafeString:
    """A named block in a named hue, for the form that chooses one."""
    return _svg(f"quilt quilt--{size}", "0 0 12 12", quilts.draw(*quilts.pick("", block, hue)))


@register.simple_tag
def quilt_field(columns: int = 5, rows: int = 4, seed: int = 0) -> SafeString:
    """The whole quilt, for public and sign-in pages only."""
    return _svg("quilt-field", f"0 0 {columns * 12} {rows * 12}", quilts.field(columns, rows, seed), slice_=True)


@register.simple_tag
def quilt_band(subject: Any, blocks: int = 3) -> SafeString:
    """A strip of one block repeated, above a news card; cut where its place is narrower or higher."""
    chosen = _chosen(subject)
    body = "".join(quilts.draw(*chosen, at=(12 * place, 0)) for place in range(blocks))
    return _svg("quilt-band", f"0 0 {12 * blocks} 12", body, slice_=True)


@register.simple_tag
def quilt_logo() -> SafeString:
    """The organization's own block: a friendship star."""
    return _svg(
        "logo",
        "0 0 12 12",
        '<path fill="#15523F" d="M0 0h12v12H0z"/><path fill="#E3EFE8" d="M4 0l4 4H4zM12 4L8 8V4zM8 12L4 8h4zM0 8l4-4v4z"/><path fill="#F5B83D" d="M4 4h4v4H4z"/>',
    )
