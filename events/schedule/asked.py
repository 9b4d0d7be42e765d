"""A time that another page found, in the address of the form that puts a call on: `?date=&time=&length=`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from events.models.meetings import LONGEST
from members.times.days_typed import day_typed, time_typed

READ: dict[str, tuple[str, Callable[[str], Any]]] = {
    "date": ("local_date", day_typed),
    "time": ("local_time", time_typed),
}
LONGEST_TEXT = 20


@dataclass(frozen=True)
class Asked:
    """Initial values of the forms; what nobody can read is left out."""

    when: dict[str, Any]
    words: dict[str, Any]

    @classmethod
    def of(cls, address: Mapping[str, str]) -> Asked:
        when = {}
        for name, (field, read) in READ.items():
            try:
                when[field] = read(address.get(name, "")[:LONGEST_TEXT])
            except ValueError:
                continue
        length = address.get("length", "")[:LONGEST_TEXT]
        minutes = int(length) if length.isascii() and length.isdigit() else 0
        return cls(when, {"duration": minutes} if 0 < minutes <= LONGEST else {})
