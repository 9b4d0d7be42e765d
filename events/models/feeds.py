"""What a person chose about their calendar: how calls come into it, and how often the address of the feed was made anew."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import AuditEntry, User


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def alone(self) -> CalendarFeedQuerySet:
        """Those by which alone calls come into a calendar."""
        return self.filter(way=CalendarFeed.Way.FEED)


class CalendarFeed(models.Model):
    """Without a row the first address holds, and nothing was chosen: showing it to everybody stores nothing
    (events.calendar.feeds makes it).
    """

    class Way(models.TextChoices):
        """How calls come into somebody's calendar. Who adds the feed and accepts invitations sees each call twice."""

        BOTH = "both", _("By the feed and by email")
        FEED = "feed", _("By the feed only")
        MAIL = "mail", _("By email only")
        REST = "rest", _("By email, and by the feed until I accept")

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="calendar_feed")
    number = models.PositiveIntegerField(default=0, help_text="Addresses with a lower one are revoked")
    created_at = models.DateTimeField(auto_now_add=True)
    renewed_at = models.DateTimeField(db_default=Now())
    way = models.CharField(
        _("how calls come into my calendar"), max_length=4, choices=Way, default=Way.BOTH, db_default=Way.BOTH
    )
    entries_ended_at = models.DateTimeField(
        null=True, editable=False, help_text="since when mails bring no entry, but to change or remove one of before"
    )
    alarm = models.PositiveSmallIntegerField(
        _("alert before a call"), null=True, blank=True, help_text="minutes before; empty: none"
    )

    objects = CalendarFeedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.user_id}.{self.number}"

    @property
    def brings_entries(self) -> bool:
        """Whether mails bring a calendar entry."""
        return self.way != self.Way.FEED

    @classmethod
    def of(cls, user: User) -> CalendarFeed:
        """The row, or one that is not stored."""
        return getattr(user, "calendar_feed", None) or cls(user=user)

    @classmethod
    @transaction.atomic
    def choose(cls, user: User, **chosen: object) -> CalendarFeed:
        """Set `way` or `alarm`."""
        cls.objects.get_or_create(user=user)
        feed = cls.objects.select_for_update(no_key=True).get(user=user)
        before = feed.brings_entries
        for name, value in chosen.items():
            setattr(feed, name, value)
        if feed.brings_entries != before:
            feed.entries_ended_at = None if feed.brings_entries else timezone.now()
        feed.save(update_fields=[*chosen, "entries_ended_at"])
        return feed

    @classmethod
    @transaction.atomic
    def renew(cls, user: User) -> CalendarFeed:
        """Revoke the address that holds and make another."""
        cls.revoke(user)
        AuditEntry.record(user, "made a new calendar address", user)
        return cls.objects.get(user=user)

    @classmethod
    @transaction.atomic
    def revoke(cls, user: User) -> None:
        """Also the addresses of accounts that this one took up."""
        accounts = list(User.objects.accounts_of(user))
        for each in accounts:
            cls.objects.get_or_create(user=each)
        cls.objects.filter(user__in=accounts).update(number=models.F("number") + 1, renewed_at=Now())
