"""Changing a series: its dates, its words, one date of it; pausing, resuming and ending it.

Only what is to come changes. A change of dates from a call on leaves the calls before it as they are: where some of these
are still to come, the series is split there (RFC 5545 has no other way), and answers to calls that do not move stay.
Each verb takes the lock of the row first, so that a sweep and two co-chairs take turns.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone as django_timezone
from django.utils.timezone import now
from django.utils.translation import gettext as _

from events.messages import invitations
from events.models import Meeting, MeetingSeries, SeriesChange
from events.models.series import WORDS
from events.schedule.scheduling import check_start
from events.series import making, messages, usual
from events.series.pairing import pairs
from events.series.rules import MONTHLY, Rule
from members.models import AuditEntry, User
from members.web.meanwhile import ChangedMeanwhile

TOLD_WORDS = ("title", "duration", "video_url", "dial_in")


def locked(series: MeetingSeries, *, seen: int | None = None) -> MeetingSeries:
    """Raises ChangedMeanwhile when it is not as `seen`, its `sequence` when the form was shown."""
    rows = MeetingSeries.objects.select_for_update(of=["self"]).select_related("committee", "organizer")
    found = rows.get(pk=series.pk)
    if seen is not None and seen != found.sequence:
        raise ChangedMeanwhile(found)
    return found


def coming(series: MeetingSeries) -> list[Meeting]:
    """What is still to begin, canceled calls among it, in the order of the rule."""
    calls = series.meetings.filter(original_start__gt=now()) | series.meetings.not_started()
    return list(calls.select_related("committee", "series").order_by("original_start"))


def slot(call: Meeting) -> date:
    """The day that its rule has for it."""
    assert call.original_start and call.series
    return call.original_start.astimezone(call.series.zone).date()


# Dates -----------------------------------------------------------------------------------------------


@transaction.atomic
def retime(
    series: MeetingSeries,
    by: User,
    *,
    rule: Rule,
    local_time: time,
    timezone: str,
    fold: int = 0,
    begin: date | None = None,
    exceptions: dict[str, str] | None = None,
    reason: str = "",
    tell: bool = True,
    seen: int | None = None,
) -> SeriesChange | None:
    """Another rule or time from the day `begin` on, without one for all that is to come; None when nothing changes.

    A rule without an end goes on as long as before. Calls moved or canceled by hand stay as they are. Raises
    ValidationError, ChangedMeanwhile.
    """
    series = locked(series, seen=seen)
    _check_runs(series)
    every = [call for call in coming(series) if call.original_start and call.original_start > now()]
    here = django_timezone.localtime(timezone=ZoneInfo(timezone))
    today = here.date() if here.time() < local_time else here.date() + timedelta(days=1)
    begin = max(begin or (begin_of(every[0], every) if every else today), today)
    calls = [call for call in every if slot(call) >= begin]
    if not calls:
        raise ValidationError(_("No call of this series is still to come."), "over")
    rule = as_long(series, rule, begin)
    days = rule.dates(begin)
    check_start({"local_date": days[0], "local_time": local_time, "timezone": timezone, "fold": fold}, timezone)
    if _is_same(series, days, calls, local_time, timezone):
        return None
    earlier = series if len(calls) < len(every) else None
    if earlier:
        series = _split(earlier, calls, by)
    before, slots = series.when(), [slot(call) for call in calls]
    series.rule, series.local_date, series.fold = str(rule), days[0], fold
    series.local_time, series.timezone, series.exceptions = local_time, timezone, exceptions or {}
    series.edition += 1
    series.raise_sequence()
    series.full_clean(exclude=["uid", "key"])
    series.save()
    starts = _follow(series, calls, pairs(slots, days), by, reason)
    AuditEntry.record(by, "changed the dates", series, before=before, after=series.when(), reason=reason)
    change = _told(series, SeriesChange.Kind.MOVED, by, reason, starts, {}, tell)
    if earlier:
        _told(earlier, SeriesChange.Kind.SPLIT, by, "", {}, {}, tell)
    return change


def _check_runs(series: MeetingSeries) -> None:
    if series.is_ended:
        raise ValidationError(_("This series is over. Put on a new one instead."), "ended")
    if series.is_paused:
        raise ValidationError(_("This series is paused. Resume it first."), "paused")


def begin_of(first: Meeting, every: Sequence[Meeting]) -> date:
    """The day from which a date of another rule may be that of this call: of its month or week, after the call before it."""
    day = slot(first)
    monthly = first.series and Rule.parse(first.series.rule).frequency == MONTHLY
    begin = day.replace(day=1) if monthly else day - timedelta(days=day.weekday())
    return max([begin, *(slot(call) + timedelta(days=1) for call in every if slot(call) < day)])


def as_long(series: MeetingSeries, rule: Rule, begin: date) -> Rule:
    """With an end: as many dates as are left where the rhythm is the same, else until the last day of before."""
    if rule.count or rule.until:
        return rule
    old = Rule.parse(series.rule)
    left = [day for day in old.dates(series.local_date) if day >= begin]
    if (old.frequency, old.interval, old.not_in) == (rule.frequency, rule.interval, rule.not_in):
        return replace(rule, count=max(1, len(left)))
    return replace(rule, until=(left[-1] if left else begin) + timedelta(days=6))


def _is_same(series: MeetingSeries, days: list[date], calls: list[Meeting], local_time: time, zone: str) -> bool:
    left = [day for day in making.dates_of(series) if day >= slot(calls[0])]
    same_clock = (series.local_time, series.timezone) == (local_time, zone)
    return same_clock and left == days


def _split(series: MeetingSeries, calls: list[Meeting], by: User) -> MeetingSeries:
    """The series from these calls on, a row of its own; the earlier one ends before them and keeps what it had."""
    day = slot(calls[0])
    rule = Rule.parse(series.rule)
    uid = MeetingSeries.uid_of(series.committee, uuid.uuid4())
    fields = {name: getattr(series, name) for name in (*WORDS, "timezone", "local_time", "fold", "told_at", "sequence")}
    later = MeetingSeries.objects.create(
        committee=series.committee,
        organizer=series.organizer,
        uid=uid,
        key=MeetingSeries.key_of(uid),
        rule=str(rule.after(series.local_date, day)),
        local_date=day,
        follows=series,
        **fields,
    )
    Meeting.objects.filter(pk__in=[call.pk for call in calls]).update(series=later)
    for call in calls:
        call.series = later
    series.rule = str(rule.ended_before(day))
    series.raise_sequence()
    series.save(update_fields=["rule", "sequence", "updated_at"])
    return later


def _follow(
    series: MeetingSeries, calls: list[Meeting], found: list[date | None], by: User, reason: str
) -> dict[str, str | None]:
    """Give each call its date of the new rule, call off what has none, make what is new; the starts of before, by call."""
    by_hand = {call.pk for call in calls if call.is_moved_by_hand or call.is_cancelled}
    for call, day in zip(calls, found, strict=True):
        if day is not None:
            call.original_start = series.start_on(day)
    Meeting.objects.bulk_update(calls, ["original_start"])
    starts: dict[str, str | None] = {}
    for call, day in zip(calls, found, strict=True):
        if call.pk in by_hand:
            continue
        was = call.starts_at
        if day is None or day in series.skipped:
            _call_off(call, by, reason)
        elif not _move(call, series, day, by, reason):
            continue
        starts[str(call.pk)] = was.isoformat()
    return starts | {str(call.pk): None for call in making.make(series)}


def _move(call: Meeting, series: MeetingSeries, day: date, by: User, reason: str) -> bool:
    held = series.held_instead(day) or (day, series.local_time)
    try:
        return bool(
            call.move(
                by,
                local_date=held[0],
                local_time=held[1],
                timezone=series.timezone,
                fold=series.fold,
                reason=reason,
                sequence=series.sequence,
            )
        )
    except ValidationError as error:
        raise ValidationError(
            error.messages[0] if not hasattr(error, "error_dict") else _first(error), "time"
        ) from error


def _first(error: ValidationError) -> str:
    return next(iter(error.message_dict.values()))[0]


def _call_off(call: Meeting, by: User, reason: str) -> None:
    known = Meeting.objects.known().filter(pk=call.pk).exists()
    call.cancel(by, reason or _("The dates of the series changed."))
    if not known:
        Meeting.objects.filter(pk=call.pk).update(told_at=None)


def _told(
    series: MeetingSeries,
    kind: str,
    by: User,
    reason: str,
    starts: dict[str, str | None],
    words: dict[str, Any],
    tell: bool,
) -> SeriesChange:
    change = SeriesChange.objects.create(
        series=series, number=series.sequence, kind=kind, made_by=by, reason=reason, starts=starts, words=words
    )
    usual.keep(series.committee_id)
    if tell and series.told_at and kind == SeriesChange.Kind.SPLIT:
        messages.tell_split(change)
    elif tell and series.told_at and (starts or words):
        messages.tell_changed(change)
    return change


# Words -----------------------------------------------------------------------------------------------


@transaction.atomic
def edit(
    series: MeetingSeries,
    by: User,
    *,
    first: Meeting | None = None,
    tell: bool = True,
    seen: int | None = None,
    **fields: Any,
) -> SeriesChange | None:
    """Another topic, place or length from `first` on, for the calls that had that of the series; None when nothing changes."""
    series = locked(series, seen=seen)
    if series.is_ended:
        _check_runs(series)
    before = {name: getattr(series, name) for name in fields}
    changed = {name: value for name, value in fields.items() if value != before[name]}
    if not changed:
        return None
    for name, value in changed.items():
        setattr(series, name, value)
    series.raise_sequence()
    series.full_clean(exclude=["uid", "key"])
    series.save()
    for call in coming(series):
        if call.is_cancelled or (first and slot(call) < slot(first)):
            continue
        own = {name: value for name, value in changed.items() if getattr(call, name) == before[name]}
        if own:
            call.edit(by, sequence=series.sequence, **own)
    AuditEntry.record(by, "edited", series, before={name: before[name] for name in changed}, after=changed)
    words = {name: [before[name], changed[name]] for name in TOLD_WORDS if name in changed}
    return _told(series, SeriesChange.Kind.EDITED, by, "", {}, words, tell)


# Pausing and ending ----------------------------------------------------------------------------------


@transaction.atomic
def pause(
    series: MeetingSeries, by: User, reason: str, *, tell: bool = True, seen: int | None = None
) -> SeriesChange | None:
    """Call off what is to come until it is resumed, once: None when it was paused already."""
    series = locked(series, seen=seen)
    if series.is_ended:
        _check_runs(series)
    return None if series.is_paused else _stop(series, by, reason, "paused_at", SeriesChange.Kind.PAUSED, tell)


@transaction.atomic
def end(
    series: MeetingSeries, by: User, reason: str, *, tell: bool = True, seen: int | None = None
) -> SeriesChange | None:
    """Call off what is to come for good, once: None when it was over already. Its rule ends with the last call that was held."""
    series = locked(series, seen=seen)
    return None if series.is_ended else _stop(series, by, reason, "ended_at", SeriesChange.Kind.ENDED, tell)


def _stop(series: MeetingSeries, by: User, reason: str, moment: str, kind: str, tell: bool) -> SeriesChange:
    at = now()
    calls = [call for call in coming(series) if not call.is_cancelled and call.starts_at > at]
    known = set(Meeting.objects.known().filter(series=series).values_list("pk", flat=True))
    on = Meeting.objects.filter(pk__in=[call.pk for call in calls])
    on.update(cancelled_at=at, cancelled_by=by, cancel_reason=reason, sequence=F("sequence") + 1, updated_at=at)
    on.exclude(pk__in=known).update(told_at=None)  # nobody heard of these, and nobody will
    setattr(series, moment, at)
    series.raise_sequence()
    series.save(update_fields=[moment, "sequence", "updated_at"])
    AuditEntry.record(by, kind, series, reason=reason)
    starts: dict[str, str | None] = {str(call.pk): call.starts_at.isoformat() for call in calls if call.pk in known}
    return _told(series, kind, by, reason, starts, {}, tell)


@transaction.atomic
def resume(series: MeetingSeries, by: User, *, tell: bool = True) -> SeriesChange | None:
    """The calls that the pause called off are on again, and everybody is asked anew; None when it was not paused."""
    series = locked(series)
    if series.is_ended:
        _check_runs(series)
    if not series.is_paused:
        return None
    paused = series.meetings.not_started().filter(cancelled_at=series.paused_at)
    back = [str(pk) for pk in paused.values_list("pk", flat=True)]
    _put_on_again(paused, series.told_at, series.sequence)
    series.paused_at = None
    series.raise_sequence()
    series.save(update_fields=["paused_at", "sequence", "updated_at"])
    AuditEntry.record(by, "resumed", series)
    made = [str(call.pk) for call in making.make(series)]
    return _told(series, SeriesChange.Kind.RESUMED, by, "", dict.fromkeys([*back, *made]), {}, tell)


def _put_on_again(calls: Any, told_at: datetime | None, above: int) -> None:
    """With a new edition: who had answered and was then told that it is off is asked anew, and reminded anew."""
    calls.update(
        cancelled_at=None,
        cancelled_by=None,
        cancel_reason="",
        told_at=told_at and now(),
        edition=F("edition") + 1,
        sequence=Greatest("sequence", Value(above)) + 1,
        updated_at=now(),
    )


# One date --------------------------------------------------------------------------------------------


@transaction.atomic
def restore(meeting: Meeting, by: User, *, tell: bool = True) -> bool:
    """A canceled call of a series is on again, and everybody is invited anew; False when it is not canceled."""
    assert meeting.series is not None
    series = locked(meeting.series)
    _check_runs(series)
    call = Meeting.objects.select_for_update(of=["self"]).select_related("committee").get(pk=meeting.pk)
    if not call.is_cancelled:
        return False
    if call.starts_at <= now():
        raise ValidationError(_("This call is over, so it can’t be put on again."), "over")
    _put_on_again(Meeting.objects.filter(pk=call.pk), None, series.sequence)
    AuditEntry.record(by, "put on again", call)
    call.refresh_from_db()
    if series.told_at and tell:
        invitations.tell_scheduled(call)
    elif series.told_at:
        Meeting.objects.filter(pk=call.pk).update(told_at=now())
    return True


@transaction.atomic
def put_on_again(series: MeetingSeries, day: date, by: User, *, tell: bool = True) -> bool:
    """The date of the rule that was canceled, or left out before there was a call; False when it is on."""
    call = series.meetings.filter(original_start=series.start_on(day)).select_related("series").first()
    if call:
        return restore(call, by, tell=tell)
    series = locked(series)
    _check_runs(series)
    if day not in series.skipped:
        return False
    del series.exceptions[day.isoformat()]
    series.raise_sequence()
    series.save(update_fields=["exceptions", "sequence", "updated_at"])
    AuditEntry.record(by, "put on again", series, after={"date": day.isoformat()})
    for call in making.make(series):
        if series.told_at and tell:
            Meeting.objects.filter(pk=call.pk).update(told_at=None)
            invitations.tell_scheduled(call)
    return True
