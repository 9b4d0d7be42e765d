"""People's words within a sentence of ours: each runs in its own direction and turns nothing around it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _


def apart(names: Iterable[str]) -> SafeString:
    """Denise, Marcus and נועה, for HTML."""
    return SafeString(get_text_list([format_html("<bdi>{}</bdi>", name) for name in names], _("and")))
