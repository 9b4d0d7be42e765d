"""Which host a link leads to, as browsers read it (WHATWG URL Standard, 4.4).

Python's `urlsplit` follows RFC 3986: for it `https://evil.example\\@zoom.us/` is at zoom.us, for every browser at evil.example.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

IGNORED = str.maketrans("", "", "\t\n\r")
AUTHORITY = re.compile(r"https?:[/\\]*([^/\\?#]*)", re.IGNORECASE)
PORT = re.compile(r":\d*$")
LONGEST = 253  # letters of a name


def host_of(link: str) -> str:
    """The name in small ASCII letters; "" for what leads to no plain host: another scheme, a user before an @, no name."""
    found = AUTHORITY.match(link.strip(" \0\t\n\r\f").translate(IGNORED))
    if found is None or "@" in found[1] or len(found[1]) > 4 * LONGEST:
        return ""
    name = unquote(PORT.sub("", found[1])).rstrip(".")
    try:
        host = name.encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return host if len(host) <= LONGEST and not re.search(r"[\s/\\?#@%<>^|]", host) else ""


def is_at(link: str, domain: str) -> bool:
    """Whether it leads to this domain or one below it."""
    host = host_of(link)
    return host == domain or host.endswith(f".{domain}")


def check_link(link: str) -> None:
    """Raise ValidationError for a link that shows one host to people and another to their browser."""
    if link and (not host_of(link) or "\\" in link):
        raise ValidationError(
            _("Copy the whole link, like https://example.org/page, without a name or an @ before it.")
        )
