"""When a committee usually meets, as its co-chairs wrote it, with the clock time in the reader's zone.

"Second Thursdays, 3:00 PM Eastern" becomes "Second Thursdays, 1:00 PM Mountain" in Denver. Only one clock time or span
is changed, in the zone named behind it or else the committee's; any other text stays as it is.
"""

from __future__ import annotations

import re
from datetime import datetime, time, tzinfo
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from members.times import formats

HOUR = r"\d{1,2}(?::\d{2})?"
HALF = r"[ap]\.?\s?m\b\.?"
CLOCK = rf"(?:{HOUR}\s*{HALF}|noon\b|midnight\b|\d{{1,2}}:\d{{2}})"
TO = r"\s*(?:-|–|—|to|until)\s*"
NAMES = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "arizona": "America/Phoenix",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "hawaiʻi": "Pacific/Honolulu",
    "guam": "Pacific/Guam",
}
LETTERS = {
    **dict.fromkeys(("ET", "EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CT", "CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("MT", "MST", "MDT"), "America/Denver"),
    **dict.fromkeys(("PT", "PST", "PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("AKT", "AKST", "AKDT"), "America/Anchorage"),
    **dict.fromkeys(("HT", "HST"), "Pacific/Honolulu"),
}
ZONE = rf"(?:{'|'.join(NAMES)})(?: (?:standard |daylight )?time)?|(?-i:{'|'.join(LETTERS)})"
SAID = re.compile(
    rf"(?<![\d:])(?:(?P<since>{CLOCK}|{HOUR}){TO})?(?P<clock>{CLOCK})(?:\s*\(?(?P<zone>{ZONE})\b\)?)?", re.IGNORECASE
)
PARTS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*([ap])?", re.IGNORECASE)


def usual_time(words: str, zone: str, now: datetime | None = None) -> str:
    """`words` with their clock in the active zone; `zone` is where they were written. Unchanged when they name no clock,
    or more than one."""
    found = list(SAID.finditer(words))
    if len(found) != 1 or (until := _clock(found[0]["clock"])) is None:
        return words
    there, here = _zone(found[0]["zone"], zone), timezone.get_current_timezone()
    day = (now or timezone.now()).astimezone(there).date()
    ends = datetime.combine(day, until, there)
    since = _since(found[0]["since"], until) if found[0]["since"] else None
    begins = datetime.combine(day, since, there) if since else ends
    if begins.utcoffset() == begins.astimezone(here).utcoffset():
        return (
            words if found[0]["zone"] else f"{words[: found[0].end()]} {formats.zone_name()}{words[found[0].end() :]}"
        )
    clocks = [formats.clock_only(moment) for moment in ([begins, ends] if since else [ends])]
    said = f"{'–'.join(clocks)} {formats.zone_name()}{_another_day(begins, here)}"
    return words[: found[0].start()] + said + words[found[0].end() :]


def _another_day(begins: datetime, here: tzinfo) -> str:
    days = (begins.astimezone(here).date() - begins.date()).days
    if not days:
        return ""
    return _(", the day after") if days > 0 else _(", the day before")


def _zone(said: str | None, usual: str) -> ZoneInfo:
    if not said:
        return ZoneInfo(usual)
    return ZoneInfo(LETTERS.get(said) or NAMES[said.split()[0].lower()])


def _clock(said: str, half: str = "") -> time | None:
    if said.lower() in ("noon", "midnight"):
        return time(12 if said.lower() == "noon" else 0)
    match = PARTS.match(said)
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or half).lower()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _since(said: str, until: time) -> time | None:
    """The beginning of "3 to 4 PM" and "11 to 1 PM": in the half of the day that makes the span the shorter one."""
    if not re.fullmatch(HOUR, said):
        return _clock(said)
    late = _clock(said, "p" if until.hour >= 12 else "a")
    return late if late is None or late <= until else _clock(said, "a" if until.hour >= 12 else "p")
