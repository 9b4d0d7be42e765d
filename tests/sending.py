"""Pages that send have two steps: the form shows a preview, and its button sends what was seen."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class _Carried(HTMLParser):
    """The hidden fields of the form that holds the fingerprint, and the names of its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.buttons: set[str] = set()
        self.found: tuple[dict[str, list[str]], set[str]] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.fields, self.buttons = {}, set()
        elif tag == "input" and given.get("type") == "hidden":
            self.fields.setdefault(given["name"] or "", []).append(given.get("value") or "")
        elif tag == "button" and given.get("name"):
            self.buttons.add(given["name"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and "fingerprint" in self.fields:
            self.found = self.fields, self.buttons


def preview_of(response: Any) -> tuple[dict[str, list[str]], set[str]] | None:
    """What the preview page posts when one of its buttons is pressed, and which there are; None on any other page."""
    return _Carried(response.content.decode()).found


def in_two_steps(client: Client, address: str, fields: dict[str, Any], press: str = "send") -> Any:
    """Post the form and press a button of the preview: the last answer. A form that needs no second step ends in the first."""
    looked = client.post(address, fields)
    found = preview_of(looked) if looked.status_code == 200 else None
    if found is None:
        return looked
    carried, buttons = found
    assert press in buttons, f"the preview has no button {press}"
    return client.post(address, carried | {press: "1"})
