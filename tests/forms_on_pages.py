"""Every form that stands on a page, found from the table of addresses, so that a new one cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from django.urls import Resolver404, resolve, reverse

from members.web.unsent import NEVER
from tests.access_table import TABLE

TYPED = "Words that took ten minutes"
# Pages that need no account have nothing to lose with it, and these forms have nothing to go on with.
ENDS = {"account_logout", "account_unsent_forget", "demo_sign_in"}


@dataclass(frozen=True)
class Form:
    page: str
    action: str
    name: str  # of the address it posts to
    fields: tuple[tuple[str, str], ...]
    by_script: bool

    @property
    def is_secret(self) -> bool:
        return any(name in NEVER for name, _value in self.fields)

    @property
    def typed(self) -> list[str]:
        return [name for name, value in self.fields if value == TYPED]


def pages_of(role: str, world: Any) -> Iterator[tuple[str, str]]:
    """(name, path) of all pages the table lets this role in."""
    for name, row in sorted(TABLE.items()):
        if row.letters("GET")[role] == "Y" and not name.startswith("api"):
            yield name, reverse(name, args=row.arguments(world)) if row.arguments else row.path or reverse(name)


def html_of(response: Any) -> str:
    return response.text if response.headers["Content-Type"].startswith("text/html") else ""


def forms_on(html: str, page: str) -> Iterator[Form]:
    """Those that post, need an account, and carry a token."""
    for tag in BeautifulSoup(html, "html.parser").find_all("form", method="post"):
        action = str(tag.get("action") or page)
        if not tag.find(attrs={"name": "csrfmiddlewaretoken"}):
            continue
        try:
            found = resolve(urlsplit(action).path)
        except Resolver404:
            continue
        if getattr(found.func, "login_required", True) and found.url_name not in ENDS:
            yield Form(
                page,
                action,
                found.url_name or "",
                tuple(_fields(tag)),
                tag.has_attr("hx-post") and not tag.has_attr("hx-trigger"),
            )


def _fields(form: Tag) -> Iterator[tuple[str, str]]:
    """As a browser sends it, with words typed into each field for words and the first button pressed."""
    for field in form.find_all(["input", "textarea", "select"]):
        name, kind = str(field.get("name") or ""), str(field.get("type") or "text")
        if not name or kind in ("file", "submit"):
            continue
        if field.name == "textarea" or (field.name == "input" and kind == "text"):
            yield name, TYPED
        elif field.name == "select":
            yield from ((name, str(option.get("value") or "")) for option in field.find_all("option", selected=True))
        elif kind not in ("checkbox", "radio") or field.has_attr("checked"):
            yield name, str(field.get("value") or ("on" if kind == "checkbox" else ""))
    button = form.find("button", attrs={"name": True})
    if button:
        yield str(button["name"]), str(button.get("value") or "")
