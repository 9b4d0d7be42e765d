"""Whoever reads logs and error reports gets no keys: addresses that let in without signing in are masked, in one place.

Used by the log format of Django and Celery, by the logs of the web server and by what is sent to Sentry; the proxy masks
the same in its own log (docs/deploy/Caddyfile).
"""

import logging
import re
from typing import Any

from members.mail import reply_addresses

MASK = "…"
PREFIXES = (
    "a",
    "j",
    "r",
    "q",
    "n",
    "o",
    "u",
    "v",
    "k",
    "w",
    "calendar",
)  # first parts of addresses that go on with a token; a test compares them with the URLs
SLASH = "(?:/|%2F)"
IN_PATH = re.compile(rf"({SLASH}(?:{'|'.join(PREFIXES)}){SLASH})(?:(?!{SLASH}|\.ics)[^\s?#&\"'<>\\])+", re.IGNORECASE)
SIGNED = re.compile(r"(?<![\w.~%:-])[\w.~%:-]*(?:[.:]|%3A)[\w-]{43}(?![\w-])", re.IGNORECASE)  # by django.core.signing


def redacted(text: str) -> str:
    """`text` without tokens of links and feeds, and without the proofs in our own mail addresses."""
    return reply_addresses.masked(SIGNED.sub(MASK, IN_PATH.sub(rf"\1{MASK}", text)))


def deeply_redacted(value: Any) -> Any:
    """The same for every text in a value of JSON."""
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {key: deeply_redacted(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [deeply_redacted(each) for each in value]
    return value


class Formatter(logging.Formatter):
    """Masks the line and the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))
