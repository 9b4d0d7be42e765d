"""Where a page stands: its place in the navigation, and the way back from it."""

from __future__ import annotations

from typing import Any, Protocol


class HasPage(Protocol):
    def get_absolute_url(self) -> str: ...


def page_at(nav: str, *, section: str = "", back: HasPage | str = "", label: str = "") -> dict[str, Any]:
    """The part of a context that layouts read.

    `nav` and `section` are places of portal/navigation.py. `back` is the object to go back to, or an address with
    `label`.
    """
    context = {"nav": nav}
    if section:
        context["section"] = section
    if back:
        address = back if isinstance(back, str) else back.get_absolute_url()
        context |= {"back_url": address, "back_label": label or ("" if isinstance(back, str) else str(back))}
    return context
