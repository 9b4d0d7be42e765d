"""How a moment is written: always in the reader's zone, with the zone's letters, never UTC.

Every function writes in the active time zone (`timezone.override` it for mail) and the active language.
`start` is an aware datetime; `length` is minutes or a timedelta. Words are English first, through gettext.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

Length = int | timedelta

# Those named in the list of other zones, in this order. Arizona, Alaska and Hawaiʻi are never left out.
ZONES = {
    "America/New_York": gettext_lazy("Eastern"),
    "America/Chicago": gettext_lazy("Central"),
    "America/Denver": gettext_lazy("Mountain"),
    "America/Phoenix": gettext_lazy("Arizona"),
    "America/Los_Angeles": gettext_lazy("Pacific"),
    "America/Anchorage": gettext_lazy("Alaska"),
    "Pacific/Honolulu": gettext_lazy("Hawaiʻi"),
}
# Zones with a clock of their own that people call by a well-known name.
ALSO_KNOWN = {
    "America/Adak": gettext_lazy("Aleutian"),
    "America/Puerto_Rico": gettext_lazy("Atlantic"),
    "America/St_Thomas": gettext_lazy("Atlantic"),
    "Pacific/Guam": gettext_lazy("Chamorro"),
    "Pacific/Saipan": gettext_lazy("Chamorro"),
    "Pacific/Pago_Pago": gettext_lazy("Samoa"),
    "America/Detroit": ZONES["America/New_York"],
    "America/Boise": ZONES["America/Denver"],
    "UTC": gettext_lazy("Universal Time"),
}
_EASTERN = re.compile(r"America/(Indiana|Kentucky)/")
_CENTRAL = re.compile(r"America/(Indiana/(Knox|Tell_City)|North_Dakota/\w+|Menominee)$")
_ALASKA = re.compile(r"America/(Juneau|Sitka|Nome|Yakutat|Metlakatla)$")

LONGEST_MONTH = 7  # letters, in a large date block


@dataclass(frozen=True)
class Elsewhere:
    """One moment in another zone. `day` is empty when it is the reader's own day there."""

    name: str
    letters: str
    clock: str
    day: str


# One moment ------------------------------------------------------------------------------------


def full(start: datetime, length: Length) -> str:
    """Thursday, March 11, 1:00–2:00 PM MST"""
    return _("%(day)s, %(hours)s") % {"day": day(start), "hours": hours(start, length)}


def span(start: datetime, length: Length) -> str:
    """Thu, March 11, 1:00–2:00 PM MST"""
    return _("%(day)s, %(hours)s") % {"day": day_short(start), "hours": hours(start, length)}


def listed(start: datetime) -> str:
    """Thu, March 11, 1:00 PM MST"""
    return _("%(day)s, %(hours)s") % {"day": day_short(start), "hours": clock(start)}


def hours(start: datetime, length: Length) -> str:
    """1:00–2:00 PM MST; 11:30 AM–1:00 PM MST when the noon lies between."""
    first, last = _local(start), _local(start + _delta(length))
    same_half = first.date() == last.date() and (first.hour < 12) == (last.hour < 12)
    opening = _clock(first, bare=same_half and _twelve_hours())
    return f"{opening}–{_clock(last)} {_letters(first)}"


def clock(start: datetime) -> str:
    """1:00 PM MST"""
    local = _local(start)
    return f"{_clock(local)} {_letters(local)}"


def clock_only(start: datetime) -> str:
    """1:00 PM, for a line that already says the zone."""
    return _clock(_local(start))


def bare(start: datetime) -> str:
    """1:05, for the running times of an agenda."""
    return _clock(_local(start), bare=True)


def brief(start: datetime) -> str:
    """Mon Nov 30, 6 PM CT: for the subject of a mail, where each letter counts."""
    # Translators: Django date format, as short as can be
    return _("%(day)s, %(clock)s") % {
        "day": date_format(_local(start), pgettext("date format", "D M j")),
        "clock": brief_clock(start),
    }


def brief_clock(start: datetime) -> str:
    """6 PM CT, 6:30 PM CT"""
    local = _local(start)
    digits = _clock(local)
    return f"{digits.replace(':00 ', ' ') if _twelve_hours() else digits} {_brief_letters(local)}"


def letters(start: datetime) -> str:
    """MST: what the zone is called on that date."""
    return _letters(_local(start))


# Days ------------------------------------------------------------------------------------------


def day(moment: datetime | date) -> str:
    """Thursday, March 11; with the year only if it is not this one."""
    # Translators: Django date format, day of the week in full
    return _day(moment, pgettext("date format", "l, F j"))


def day_short(moment: datetime | date) -> str:
    """Thu, March 11"""
    # Translators: Django date format, short day of the week
    return _day(moment, pgettext("date format", "D, F j"))


def date_only(moment: datetime | date) -> str:
    """March 11"""
    # Translators: Django date format, without the day of the week
    return _day(moment, pgettext("date format", "F j"))


def month_day(moment: datetime | date) -> str:
    """Mar 11: for a place as narrow as a bar of a chart, beside others of the same year."""
    # Translators: Django date format, as short as can be
    local = _local(moment).date() if isinstance(moment, datetime) else moment
    return _written(local, pgettext("date format", "M j"))


def deadline(moment: datetime | date) -> str:
    """by Friday, March 12 (the end of that day, the reader's time)"""
    return _("by %(day)s") % {"day": day(moment)}


def date_parts(moment: datetime | date, long_month: bool = False) -> dict[str, str]:
    """Mar, 11, Thu: what a date block shows. A long month stays short when it would not fit."""
    local = _local(moment).date() if isinstance(moment, datetime) else moment
    name = _written(local, "F")
    return {
        "month": name if long_month and len(name) <= LONGEST_MONTH else _written(local, "M"),
        "day": str(local.day),
        "weekday": _written(local, "D"),
    }


# Distance --------------------------------------------------------------------------------------


def near(start: datetime | date, length: Length = 0, now: datetime | None = None) -> str:
    """in 2 days, tomorrow, in 7 minutes, live now, yesterday. To stand beside the date, not instead of it."""
    now = now or timezone.now()
    if not isinstance(start, datetime):
        return _near_day((start - _local(now).date()).days)
    if start <= now < start + _delta(length):
        return _("live now")
    days = (_local(start).date() - _local(now).date()).days
    if start < now:
        return _near_day(days) if days else _("earlier today")
    if start - now < timedelta(hours=1):
        minutes = max(1, round((start - now).total_seconds() / 60))
        return ngettext("in %(count)d minute", "in %(count)d minutes", minutes) % {"count": minutes}
    if days == 0:
        count = round((start - now).total_seconds() / 3600)
        return ngettext("in %(count)d hour", "in %(count)d hours", count) % {"count": count}
    return _near_day(days)


def ago(moment: datetime, now: datetime | None = None) -> str:
    """22 minutes ago; how long something past is past, to the minute on the same day."""
    now = now or timezone.now()
    minutes = max(0, int((now - moment).total_seconds() // 60))
    if minutes < 60:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", minutes) % {"count": minutes}
    if minutes < 24 * 60:
        return ngettext("%(count)d hour ago", "%(count)d hours ago", minutes // 60) % {"count": minutes // 60}
    return _near_day(min(-1, (_local(moment).date() - _local(now).date()).days))


def _near_day(days: int) -> str:
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    if abs(days) >= 60:
        count = round(abs(days) / 30.44)
        past, future = (
            ngettext("%(count)d month ago", "%(count)d months ago", count),
            ngettext("in %(count)d month", "in %(count)d months", count),
        )
    elif abs(days) >= 14:
        count = round(abs(days) / 7)
        past, future = (
            ngettext("%(count)d week ago", "%(count)d weeks ago", count),
            ngettext("in %(count)d week", "in %(count)d weeks", count),
        )
    else:
        count = abs(days)
        past, future = (
            ngettext("%(count)d day ago", "%(count)d days ago", count),
            ngettext("in %(count)d day", "in %(count)d days", count),
        )
    return (future if days > 0 else past) % {"count": count}


def lasting(minutes: int) -> str:
    """2 days, 1 hour, 90 minutes: in the largest unit that fits."""
    if minutes and minutes % 10080 == 0:
        count = minutes // 10080
        return ngettext("%(count)d week", "%(count)d weeks", count) % {"count": count}
    if minutes and minutes % 1440 == 0:
        count = minutes // 1440
        return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
    if minutes and minutes % 60 == 0:
        count = minutes // 60
        return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


# Zones -----------------------------------------------------------------------------------------


def zone_name(zone: tzinfo | str | None = None) -> str:
    """Mountain: the zone in words, the reader's own by default."""
    key = zone if isinstance(zone, str) else getattr(zone or timezone.get_current_timezone(), "key", "")
    known = ZONES.get(key) or ALSO_KNOWN.get(key)
    if known:
        return str(known)
    if _CENTRAL.match(key):
        return str(ZONES["America/Chicago"])
    if _EASTERN.match(key):
        return str(ZONES["America/New_York"])
    if _ALASKA.match(key):
        return str(ZONES["America/Anchorage"])
    return key.rsplit("/", 1)[-1].replace("_", " ")


def other_zones(start: datetime) -> list[Elsewhere]:
    """The same moment in the zones of the list, without those whose clock and name equal the reader's."""
    own = _local(start)
    here = zone_name(), own.utcoffset()
    moments = [
        (zone_name(key), start.astimezone(ZoneInfo(key))) for key in ZONES if key != getattr(own.tzinfo, "key", "")
    ]
    return [
        Elsewhere(
            name,
            _letters(there),
            _clock(there),
            "" if there.date() == own.date() else _day(there.date(), pgettext("date format", "D, F j")),
        )
        for name, there in moments
        if (name, there.utcoffset()) != here
    ]


def eastern(start: datetime) -> str:
    """3:00 PM Eastern, or nothing for a reader whose clock shows the same."""
    own, there = _local(start), start.astimezone(ZoneInfo("America/New_York"))
    if own.utcoffset() == there.utcoffset():
        return ""
    return _("%(clock)s %(zone)s") % {"clock": _clock(there), "zone": ZONES["America/New_York"]}


def clock_change(start: datetime, now: datetime | None = None) -> str:
    """A sentence when the reader's clocks change before `start`, or nothing."""
    zone, now = timezone.get_current_timezone(), now or timezone.now()
    here, there = now.astimezone(zone).utcoffset(), start.astimezone(zone).utcoffset()
    if start <= now or here is None or there is None or here == there or start - now > timedelta(days=60):
        return ""
    change = _first_day_with_offset(now, start, zone, there)
    words = (
        _("Clocks go forward on %(day)s. Every time here already counts it.")
        if there > here
        else _("Clocks go back on %(day)s. Every time here already counts it.")
    )
    return words % {"day": day(change)}


def _first_day_with_offset(now: datetime, start: datetime, zone: tzinfo, offset: timedelta) -> date:
    moment = now
    while moment < start and moment.astimezone(zone).utcoffset() != offset:
        moment += timedelta(hours=1)
    return moment.astimezone(zone).date()


# Pieces ----------------------------------------------------------------------------------------


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)


def _delta(length: Length) -> timedelta:
    return length if isinstance(length, timedelta) else timedelta(minutes=length)


def _day(moment: datetime | date, pattern: str) -> str:
    local = _local(moment).date() if isinstance(moment, datetime) else moment
    words = _written(local, pattern)
    if local.year == timezone.localdate().year:
        return words
    return _("%(day)s, %(year)s") % {"day": words, "year": local.year}


def _written(day: date, pattern: str) -> str:
    return _written_in(get_language() or "", day, pattern)


@lru_cache(maxsize=4096)
def _written_in(language: str, day: date, pattern: str) -> str:
    """Pages are about the same few days."""
    return date_format(day, pattern)


def _twelve_hours() -> bool:
    return (get_language() or "en").split("-")[0] in ("en", "es")


def _clock(local: datetime, bare: bool = False) -> str:
    """1:00 PM by the local fields as they are: `local` is already in its zone."""
    if not _twelve_hours():
        return f"{local.hour}:{local.minute:02}"
    digits = f"{local.hour % 12 or 12}:{local.minute:02}"
    if bare:
        return digits
    half = pgettext("after noon", "PM") if local.hour >= 12 else pgettext("before noon", "AM")
    return f"{digits} {half}"


def _brief_letters(local: datetime) -> str:
    """CT in summer as in winter; MST where the clocks never change."""
    name = _letters(local)
    changes = local.replace(month=1, day=1).utcoffset() != local.replace(month=7, day=1).utcoffset()
    return re.sub(r"^([A-Z]{1,2})[SD]T$", r"\1T", name) if changes else name


def _letters(local: datetime) -> str:
    """MST, ChST; a zone without letters of its own ("+03") gets its name instead."""
    name = local.tzname() or ""
    if name == "UTC" or not re.fullmatch(r"[A-Za-z]{2,5}", name):
        return _("%(zone)s time") % {"zone": zone_name(local.tzinfo)}
    return name
