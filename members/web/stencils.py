"""Rows of long lists: rendered once a process for each state of a row, then filled in for each row.

Fifty rows of ten includes and sixty tags each take longer than the rest of the page. So the template of a row is
rendered once with marks for the values that differ between rows of one state, and each row replaces the marks.
"""

import re
from collections.abc import Mapping, Sequence

MARK = re.compile(r"(xx-[a-z]+-xx)")
NUMBER = 918273645  # stands for a number where the template takes nothing else


def marks(*names: str) -> dict[str, str]:
    return {name: f"xx-{name}-xx" for name in names}


def cut(row: str, number: str) -> list[str]:
    """The rendered row, split at its marks; `number` is the name of the value that NUMBER stands for."""
    return MARK.split(row.strip().replace(str(NUMBER), f"xx-{number}-xx"))


def fill(parts: Sequence[str], values: Mapping[str, str]) -> str:
    """The row with `values` in place of its marks; they must be escaped."""
    return "".join([values[part[3:-3]] if part.startswith("xx-") else part for part in parts])
