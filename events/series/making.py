"""The calls of a series, made a year ahead: real calls, which go their own way from then on.

What a series has is derived from its rule whenever somebody asks; making them may run any number of times, by anyone.
"""

from __future__ import annotations

import logging
import uuid
from base64 import b32encode
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from events.models import Meeting, MeetingSeries, SeriesAnswer
from events.models.series import WORDS
from events.series.rules import Rule
from members.queries.turns import take_turn

AHEAD = timedelta(days=366)
logger = logging.getLogger(__name__)


def dates_of(series: MeetingSeries) -> list[date]:
    """Days of the rule, those left out among them."""
    return Rule.parse(series.rule).dates(series.local_date)


def make(series: MeetingSeries) -> list[Meeting]:
    """The missing calls of the coming year, stored; of a series that starts later, of its first year."""
    if series.is_paused or series.is_ended:
        return []
    today = timezone.localdate(timezone=series.zone)
    end = max(today, series.local_date) + AHEAD
    coming = [day for day in dates_of(series) if today <= day <= end and day not in series.skipped]
    made = set(series.meetings.filter(original_start__gte=timezone.now()).values_list("original_start", flat=True))
    missing = [day for day in coming if series.start_on(day) not in made and series.start_on(day) > timezone.now()]
    return make_on(series, missing)


def make_on(series: MeetingSeries, days: Iterable[date]) -> list[Meeting]:
    """Calls on these days of the rule, or when they are held instead."""
    calls = list(filter(None, (call_on(series, day) for day in days)))
    if not calls:
        return []
    take_turn("addresses of calls")
    _give_addresses(calls)
    made = Meeting.objects.bulk_create(calls)
    SeriesAnswer.give_to_made(series, made)
    return made


def call_on(series: MeetingSeries, day: date) -> Meeting | None:
    """Not stored. None on a day on which clocks skip the time, where nobody said what to do instead."""
    held = series.held_instead(day)
    meeting = Meeting(
        committee=series.committee,
        series=series,
        original_start=series.start_on(day),
        organizer=series.organizer,
        uid=f"{uuid.uuid4()}@calls",
        local_date=held[0] if held else day,
        local_time=held[1] if held else series.local_time,
        timezone=series.timezone,
        fold=series.fold,
        told_at=series.told_at,
        **{name: getattr(series, name) for name in WORDS},
    )
    try:
        meeting.derive_instant()
    except ValidationError:
        return None
    return meeting


def _give_addresses(calls: list[Meeting]) -> None:
    """As `Meeting.schedule` gives one, for many at once: twelve letters of the call’s own are taken by no other."""
    for call in calls:
        stem = slugify(f"{call.title[:70]} {call.local_date:%Y-%m-%d}") or "call"
        call.slug = f"{stem}-{b32encode(sha256(call.uid.encode()).digest()[:10]).decode().lower()[:6]}"
    taken = set(Meeting.objects.filter(slug__in=[call.slug for call in calls]).values_list("slug", flat=True))
    for call in calls:
        if call.slug in taken:
            call.slug = f"{call.slug}-{uuid.uuid4().hex[:8]}"


def sweep() -> int:
    """Make what is missing of each series; one that fails is said in the log and stops no other. How many were made."""
    made = 0
    for pk in MeetingSeries.objects.running().values_list("pk", flat=True):
        try:
            made += make_of(pk)
        except Exception:
            logger.exception("The calls of series %s were not made.", pk)
    return made


@transaction.atomic
def make_of(pk: int) -> int:
    """Under the lock of its row: two sweeps, or a sweep and a change, take turns."""
    series = MeetingSeries.objects.select_for_update(of=["self"]).select_related("committee", "organizer").get(pk=pk)
    return len(make(series))
