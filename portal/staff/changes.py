"""What an entry of the activity log says changed, in words: never a key, a number of a row or a bare date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import time_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committees.models import Membership
from events.models.rsvps import Rsvp
from members.models import AuditEntry, StaffAppointment
from members.models.audit import CHANGED
from members.times import formats

# worth saying of a thing that was not there before
TELLING = frozenset(
    ("role", "fields", "name", "version", "messages", "tag", "people", "decision", "response", "format")
)
KEYS = frozenset(
    ("user", "item", "action", "owner", "numbers", "committee", "supersedes_id", "mover_id", "seconder_id")
)
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
LABELS: dict[str, str | Promise] = {
    "fields": gettext_lazy("what changed"),
    "due_on": gettext_lazy("due"),
    "ended_on": gettext_lazy("term ends"),
    "leaves": gettext_lazy("leaves office"),
    "leaves_on": gettext_lazy("membership ends"),
    "owner_name": gettext_lazy("who does it"),
    "started_on": gettext_lazy("since"),
    "term_ends_on": gettext_lazy("term ends"),
    "timezone": gettext_lazy("time zone"),
}
CHOICES: dict[str, dict[Any, Any]] = {
    "role": {**dict(Membership.Role.choices), **dict(StaffAppointment.Role.choices)},
    "response": dict(Rsvp.Response.choices),
}


@dataclass(frozen=True)
class Change:
    """`before` is "" for what was not there, `after` for what is there no more."""

    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after}" if self.before else f"{self.what}: {self.after}"


def changes(entry: AuditEntry, *, whole: bool = True) -> Iterator[Change]:
    """What was before and after; of private values, and for who may not see the thing, only that they changed."""
    before, after = entry.before, entry.after
    for key in {**before, **after} if whole else ():
        is_told = key not in KEYS and key != CHANGED and (key in before or key in TELLING)
        if is_told and before.get(key) != after.get(key):
            yield Change(_label(key), said(before.get(key), key), said(after.get(key), key))
    for key in after.get(CHANGED, []):
        yield Change(_label(key), "", _("changed"))


def _label(key: str) -> str:
    return str(LABELS.get(key, key.replace("_", " ")))


def said(value: Any, key: str = "") -> str:
    """A value of the log as people say it, in the active zone."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "; ".join(f"{_label(name)}: {words}" for name, each in value.items() if (words := said(each, name)))
    if isinstance(value, list):
        return _listed(value)
    words = str(CHOICES.get(key, {}).get(value, value))
    return _moment(words) if isinstance(value, str) else words


def _listed(values: list[Any]) -> str:
    if any(isinstance(each, int) for each in values):  # keys of rows
        return str(len(values))
    return ", ".join(said(each).replace("_", " ") for each in values)


def _moment(words: str) -> str:
    """A day, a moment or an hour as the portal writes it; other words as they are."""
    if CLOCK.fullmatch(words):
        return time_format(time.fromisoformat(words), "g:i A")
    if not words[:4].isdigit():
        return words
    try:
        moment = parse_datetime(words) if "T" in words else None
        day = parse_date(words)
    except ValueError:
        return words
    if isinstance(moment, datetime) and moment.tzinfo:
        return str(formats.listed(moment))
    return str(formats.date_only(day)) if day else words
