"""Rows of long lists: rendered once a process for each state a row can be in, and filled in for each row.

Fifty rows of ten includes and sixty tags each take the template engine longer than everything else on the page. So the
template of a row is rendered with marks in place of what differs between rows of one state, and the rows of a page are
that text with the marks replaced.
"""

import re
from collections.abc import Mapping, Sequence

MARK = re.compile(r"(xx-[a-z]+-xx)")
NUMBER = 918273645  # stands for a number where the template takes nothing else


def marks(*names: str) -> dict[str, str]:
    return {name: f"xx-{name}-xx" for name in names}


def cut(row: str, number: str) -> list[str]:
    """The rendered row at its marks; `number` is the name of what NUMBER stands for."""
    return MARK.split(row.strip().replace(str(NUMBER), f"xx-{number}-xx"))


def fill(parts: Sequence[str], values: Mapping[str, str]) -> str:
    """`values` are escaped already."""
    return "".join([values[part[3:-3]] if part.startswith("xx-") else part for part in parts])
