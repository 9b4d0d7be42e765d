"""Which date of a new rule a call of the old one becomes: the nearest, within half a month, one to one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

NEAR = 16  # days


def pairs(old: Sequence[date], new: Sequence[date]) -> list[date | None]:
    """For each old date, in order, its new one; None for one that has none. Dates that stay are paired with themselves."""
    near = [
        (abs((day - was).days), index, day)
        for index, was in enumerate(old)
        for day in new
        if abs((day - was).days) <= NEAR
    ]
    found: dict[int, date] = {}
    taken: set[date] = set()
    for _days, index, day in sorted(near):
        if index not in found and day not in taken:
            found[index] = day
            taken.add(day)
    return [found.get(index) for index in range(len(old))]
