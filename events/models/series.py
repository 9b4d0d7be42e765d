"""Calls that repeat: a rule on a wall clock. Its occurrences are calls of their own, made a year ahead (events.series.making)."""

from __future__ import annotations

import uuid
from base64 import b32encode
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Membership
from members.fields import Line, Words
from members.models import User
from members.queries.visibility import VisibleQuerySet
from members.text.hosts import check_link
from members.times import clock
from members.times.zones import validate_zone
from members.web.page_urls import url_of

LONGEST = 720  # minutes of one call
WORDS = ("title", "summary", "duration", "video_url", "dial_in", "public", "reminder_offsets")  # that calls take over


class SeriesQuerySet(VisibleQuerySet["MeetingSeries"]):
    def open_to(self, user: User) -> SeriesQuerySet:
        """Series of one's committees; one that the committee is not told of is seen by those who may manage it."""
        if not user.is_authenticated or not user.is_member:
            return self.none()
        memberships = Membership.objects.of(user)
        told = models.Q(told_at__lte=clock.now(), committee__in=memberships.values("committee"))
        return self.filter(told | models.Q(committee__in=memberships.chairs().values("committee")))

    def running(self) -> SeriesQuerySet:
        """Neither paused nor ended."""
        return self.filter(paused_at=None, ended_at=None)


@pghistory.track()
class MeetingSeries(models.Model):
    """`local_date` is the first date of the rule, and with `local_time` and `timezone` what was meant (DTSTART).

    `rule` is an RRULE (RFC 5545 section 3.3.10) with COUNT or UNTIL, the latter a local date: events.series.rules reads it.
    `exceptions` says for dates of the rule what was decided before there was a call: "" for one left out, else the local
    day and time it is held instead. `edition` grows with each change of the rule, `sequence` with each change of the
    series that calendars hear of. `follows` is the series that this one was split from.
    """

    said: str  # the rule in words, added by lists

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="series")
    key = models.SlugField(max_length=16, unique=True, editable=False)
    title = Line(_("topic"), max_length=120)
    summary = Words(_("what it’s about"), blank=True, max_length=1000)
    local_date = models.DateField(_("first date"))
    local_time = models.TimeField(_("time"))
    fold = models.PositiveSmallIntegerField(default=0, help_text="1: the second time, where clocks go back")
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_zone])
    duration = models.PositiveSmallIntegerField(
        _("length in minutes"), default=60, validators=[MinValueValidator(5), MaxValueValidator(LONGEST)]
    )
    rule = models.CharField(max_length=200, editable=False)
    exceptions = models.JSONField(default=dict, blank=True, editable=False)
    video_url = models.URLField(
        _("video link"), blank=True, max_length=500, validators=[URLValidator(schemes=["https", "http"]), check_link]
    )
    dial_in = Line(_("dial-in"), blank=True, max_length=120)
    organizer = models.ForeignKey(User, models.PROTECT, related_name="organized_series")
    public = models.BooleanField(_("show the dates on the public issue page"), default=False)
    reminder_offsets = ArrayField(
        models.PositiveIntegerField(validators=[MinValueValidator(5), MaxValueValidator(28 * 24 * 60)]),
        null=True,
        blank=True,
        size=5,
    )
    uid = models.CharField(max_length=120, unique=True, editable=False)
    edition = models.PositiveIntegerField(default=0, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "meeting series"
        indexes = [models.Index(fields=["committee", "ended_at"], name="series_of_committee")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return url_of("series_detail", self.key)

    @staticmethod
    def uid_of(committee: Committee, key: uuid.UUID) -> str:
        """Of each committee its own, as of calls."""
        return f"{uuid.uuid5(key, f'series of {committee.pk}')}@series"

    @staticmethod
    def key_of(uid: str) -> str:
        """The letters in its address: a number would tell how many there are."""
        return b32encode(sha256(uid.encode()).digest()[:10]).decode().lower()[:12]

    # Questions ---------------------------------------------------------------------------------

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_told(self) -> bool:
        return self.told_at is not None and self.told_at <= timezone.now()

    @property
    def is_draft(self) -> bool:
        return self.told_at is None

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def is_ended(self) -> bool:
        return self.ended_at is not None

    @property
    def scope(self) -> str:
        return f"committee:{self.committee_id}"

    @property
    def about(self) -> str:
        """How deliveries name it."""
        return f"series:{self.pk}"

    @property
    def starts_at(self) -> datetime:
        """The first start by the rule: DTSTART."""
        return self.start_on(self.local_date)

    @property
    def skipped(self) -> list[date]:
        """Dates of the rule that are left out without a call: EXDATE."""
        return sorted(date.fromisoformat(day) for day, held in self.exceptions.items() if not held)

    def start_on(self, day: date) -> datetime:
        """The moment of the rule on that day: the RECURRENCE-ID of its call. Where clocks skip the time, as before they do."""
        return datetime.combine(day, self.local_time, self.zone).replace(fold=self.fold).astimezone(UTC)

    def held_instead(self, day: date) -> tuple[date, time] | None:
        """Where a date of the rule was put before there was a call."""
        held = self.exceptions.get(day.isoformat())
        moment = datetime.fromisoformat(held) if held else None
        return (moment.date(), moment.time()) if moment else None

    def role_of(self, user: User) -> str:
        return self.committee.role_of(user)

    def invitees(self) -> models.QuerySet[User]:
        """Everybody on the committee today."""
        return self.committee.people()

    def when(self) -> dict[str, str]:
        """For the activity log."""
        return {
            "date": str(self.local_date),
            "time": f"{self.local_time:%H:%M}",
            "timezone": self.timezone,
            "rule": self.rule,
        }

    def raise_sequence(self) -> None:
        """Above that of each of its calls: whoever answers the series then answers the calls as they are now. Not saved."""
        newest = self.meetings.aggregate(newest=models.Max("sequence"))["newest"] or 0
        self.sequence = max(self.sequence, newest) + 1

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.duration)


class SeriesChange(models.Model):
    """A change of many dates, told in one mail a person: `number` is the `sequence` of the series that it made.

    `starts` is when each of its calls was before, by number, None for one that was not on; `words` by field what was
    before and what is now.
    """

    class Kind(models.TextChoices):
        MOVED = "moved", _("Other dates or times")
        EDITED = "edited", _("Other topic, place or length")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("On again")
        ENDED = "ended", _("Ended")
        SPLIT = "split", _("Goes on as another series")

    series = models.ForeignKey(MeetingSeries, models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    reason = Words(blank=True, max_length=500)
    starts = models.JSONField(default=dict)
    words = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="series_change_once")]

    def __str__(self) -> str:
        return f"{self.series}: {self.get_kind_display()}"
