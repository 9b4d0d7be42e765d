"""Numbers that fit no column, days that fit no calendar: wherever they stand in a query or a form, never a 500."""

import inspect
import re
import sys
import time
from collections.abc import Iterator
from functools import cache as cache_of_functions
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.cache import cache
from django.forms import BaseForm
from django.urls import URLPattern, get_resolver, resolve, reverse
from django.utils.http import urlencode
from django_filters.filterset import BaseFilterSet

from tests.access_table import ADMIN, TABLE
from tests.access_world import World
from tests.test_access import ask, clients, world

__all__ = ["clients", "world"]
ASKED = re.compile(r"""(?:GET|POST|query|query_params)(?:\.get(?:list)?\(|\[)\s*"(\w+)\"""")
NAMED = re.compile(r"""\bname="(\w+)\"""")
KEPT = {"csrfmiddlewaretoken", "next"}


def _all_kinds(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from _all_kinds(each)


def _in_files(pattern: re.Pattern[str], *folders: str, ending: str) -> set[str]:
    paths = [path for folder in folders for path in Path(settings.BASE_DIR / folder).rglob(ending)]
    return {name for path in paths for name in pattern.findall(path.read_text())}


def names() -> list[str]:
    """All that our pages ask of a query or a form."""
    assert get_resolver().url_patterns  # which brings all forms in
    asked = _in_files(ASKED, "portal", "members", "committees", "events", ending="*.py")
    asked |= _in_files(NAMED, "templates", ending="*.html") | {"limit", "offset", "cursor"}
    for form in _all_kinds(BaseForm):
        asked |= set(getattr(form, "base_fields", {}))
    for filters in _all_kinds(BaseFilterSet):
        asked |= set(getattr(filters, "base_filters", {}))
    return sorted(asked - KEPT)


def addresses(world: World) -> Iterator[tuple[str, str]]:
    for name, row in TABLE.items():
        if name.startswith(ADMIN) or "logout" in name:
            continue
        yield name, row.path or reverse(name, args=row.arguments(world) if row.arguments else [])


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("GET", str(2**63)),
        ("GET", "9" * 5000),
        ("GET", "9999-12-31"),
        ("POST", str(2**63)),
    ],
)
def test_no_page_breaks(world, clients, method, value):
    client, broken, listed = clients["admin"], [], list(addresses(world))
    assert len(names()) > 140
    given = dict.fromkeys(names(), value)
    query = f"?{urlencode(given)}" if method == "GET" else ""
    for name, url in listed:
        cache.clear()
        if ask(client, method, url + query, given if method == "POST" else None)[0] == "!":
            broken.append(f"{name} {url[:60]}")
    assert broken == []


# Long words ------------------------------------------------------------------------------------------

BARE = re.compile(r"""POST(?:\.get(?:list)?\(|\[)\s*"(\w+)\"""")  # read past any form, so without a maximum of its own
AT_ONCE = 4  # names in one body, each as long as a body of 64 KB allows
LONG = ("\u1e9b\u0323" * 950, "9" * 14_000, "<a:" * 2_000)  # what folding, counting and markup find hard


@pytest.mark.thorough
@pytest.mark.timeout(900)
@pytest.mark.parametrize("value", LONG, ids=["letters", "digits", "signs"])
def test_what_is_read_without_a_field_costs_little_however_long_it_is(world, clients, value):
    """The line of an agenda read two megabytes before it asked how long they are: six seconds of a thread."""
    slow, asked, client = [], set(), clients["admin"]
    for name, url in addresses(world):
        bare = sorted(_read_at(url)) if TABLE[name].POST else []
        asked |= set(bare)
        for at in range(0, len(bare), AT_ONCE):
            given = {each: quote(value) for each in bare[at : at + AT_ONCE]}
            began = time.process_time()
            letter, _wrote = ask(client, "POST", url, given)
            if letter == "!" or time.process_time() - began > 1:
                slow.append(f"{name} {url[:60]} {letter} {time.process_time() - began:.1f}")
    assert slow == []
    assert len(asked) > 30 and asked == _in_files(BARE, "portal", "members", "committees", "events", ending="*.py")


def _read_at(url: str) -> set[str]:
    """Names that the view behind this address may read past any form: its module does, one of views that it takes something
    of, or one that holds no views and may be behind any.
    """
    read, views = _read_by_module(), _modules_of_views()
    own = resolve(url).func.__module__
    taken = {getattr(each, "__module__", "") or "" for each in vars(sys.modules[own]).values()}
    taken |= {each.__name__ for each in vars(sys.modules[own]).values() if inspect.ismodule(each)}
    return {name for module, names in read.items() if module in {own, *taken} or module not in views for name in names}


@cache_of_functions
def _read_by_module() -> dict[str, set[str]]:
    base = Path(settings.BASE_DIR)
    found = {}
    for folder in ("portal", "members", "committees", "events"):
        for path in (base / folder).rglob("*.py"):
            if names := set(BARE.findall(path.read_text())):
                found[".".join(path.relative_to(base).with_suffix("").parts)] = names
    return found


@cache_of_functions
def _modules_of_views() -> set[str]:
    def views(patterns: list) -> Iterator[str]:
        for each in patterns:
            if isinstance(each, URLPattern):
                yield each.callback.__module__
            else:
                yield from views(each.url_patterns)

    return set(views(get_resolver().url_patterns))
