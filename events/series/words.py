"""A series in words, in the zone of the reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.models import Committee
from committees.usual import usual_time
from events.models import Meeting, MeetingSeries, SeriesChange
from events.series.rules import Rule
from members.models import User
from members.times import formats


@dataclass(frozen=True)
class Changed:
    """A date before and after: None where it was not, or is not, on."""

    was: datetime | None
    now: datetime | None
    call: Meeting

    @property
    def is_on(self) -> bool:
        return self.now is not None

    @property
    def is_other(self) -> bool:
        return self.was != self.now

    @property
    def is_shown(self) -> bool:
        return self.was is not None or self.now is not None

    @property
    def old(self) -> str:
        return formats.listed(self.was) if self.was else ""

    @property
    def new(self) -> str:
        return formats.listed(self.now) if self.now else ""

    @property
    def line(self) -> str:
        """As a mail of text says it."""
        words = {"old": self.old, "new": self.new}
        if self.old and self.new:
            return _("%(new)s (was %(old)s)") % words
        return _("%(new)s is on") % words if self.new else _("%(old)s is off") % words


@dataclass(frozen=True)
class ChangedWord:
    what: str
    old: str
    new: str


def rule_here(series: MeetingSeries) -> str:
    """ "Second Tuesday of each month, 7:00 PM Eastern", with the clock of the reader."""
    return said(Rule.parse(series.rule), series)


def said(rule: Rule, series: Any) -> str:
    start = series.starts_at
    with timezone.override(series.timezone):
        clock, zone = formats.clock_only(start), formats.zone_name()
    words = _("%(rule)s, %(clock)s %(zone)s") % {"rule": rule.words, "clock": clock, "zone": zone}
    return usual_time(words, series.timezone, now=start)


def words_changed(news: Iterable[SeriesChange]) -> list[ChangedWord]:
    """What is other than it was before the first of these changes."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for change in news:
        for name, (was, now) in change.words.items():
            old.setdefault(name, was)
            new[name] = now
    return [ChangedWord(_name(name), _value(name, old[name]), _value(name, new[name])) for name in new if name in NAMES]


NAMES = ("title", "duration", "video_url", "dial_in")


def _name(field: str) -> str:
    return {"title": _("Topic"), "duration": _("Length"), "video_url": _("Link"), "dial_in": _("Dial-in")}[field]


def _value(field: str, value: Any) -> str:
    if field == "duration":
        return ngettext("%(count)d minute", "%(count)d minutes", value) % {"count": value}
    if field == "video_url":  # the service, never the address: who joins goes through the portal
        return Meeting(video_url=value).video_service or (_("a video link") if value else _("none"))
    return value or _("none")


def differs(call: Meeting, series: MeetingSeries) -> list[str]:
    """What a call of a series has of its own, in words."""
    found = []
    if call.is_cancelled:
        return [_("Canceled")]
    if call.is_moved_by_hand and call.original_start:
        found.append(_("Moved from %(day)s") % {"day": formats.listed(call.original_start)})
    if call.title != series.title:
        found.append(_("Own topic"))
    if (call.video_url, call.dial_in) != (series.video_url, series.dial_in):
        found.append(_("Own way in"))
    if call.duration != series.duration:
        found.append(ngettext("%(count)d minute", "%(count)d minutes", call.duration) % {"count": call.duration})
    return found


def running_of(committee: Committee, user: User) -> list[MeetingSeries]:
    """The series of a committee that this person may see and that go on, each with `said`, its rule in words."""
    found = list(
        MeetingSeries.objects.visible_to(user).filter(committee=committee).running().order_by("local_date", "pk")
    )
    for series in found:
        series.said = rule_here(series)
    return found
