"""Text that flows (RFC 3676): lines of at most 78 letters, which programs that know of it join again.

A line that ends in a space goes on in the next. Lines with an address stay whole, so that it can be tapped everywhere.
"""

from __future__ import annotations

import textwrap

LONGEST = 78
SIGNATURE = "-- "  # the mark before it ends in a space and goes on nowhere (4.3)
STUFFED = (" ", ">", "From ")  # what a line must not begin with (4.4)


def flowed(text: str) -> str:
    return "\n".join(_lines(text))


def _lines(text: str) -> list[str]:
    found: list[str] = []
    for line in text.split("\n"):
        if line == SIGNATURE:
            found.append(line)
        elif len(line) <= LONGEST or "://" in line:
            found.append(_stuffed(line.rstrip(" ")))
        else:
            found += _broken(line.rstrip(" "))
    return found


def _broken(line: str) -> list[str]:
    """Each but the last with the space at which it was broken."""
    parts = textwrap.wrap(line, LONGEST - 1, break_long_words=False, break_on_hyphens=False)
    return [_stuffed(part) + " " for part in parts[:-1]] + [_stuffed(parts[-1])]


def _stuffed(line: str) -> str:
    return f" {line}" if line.startswith(STUFFED) else line
