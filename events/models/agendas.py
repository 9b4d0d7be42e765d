"""The order of business of a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from committees.models import Document
from events.models.meetings import Meeting
from members.models import User


@dataclass(frozen=True)
class RunningItem:
    """An agenda item with the aware moment at which it begins."""

    item: AgendaItem
    starts_at: datetime


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def in_order(self) -> AgendaItemQuerySet:
        return self.order_by("position", "pk").select_related("presenter")

    def running(self, meeting: Meeting) -> list[RunningItem]:
        """Items with their clock times, from the start of the call."""
        starts_at, rows = meeting.starts_at, []
        for item in self.in_order():
            rows.append(RunningItem(item, starts_at))
            starts_at += timedelta(minutes=item.minutes)
        return rows


class AgendaItem(models.Model):
    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening")
        INFORMATION = "information", _("For information")
        DISCUSSION = "discussion", _("Discussion")
        DECISION = "decision", _("Decision")
        WRAP_UP = "wrap_up", _("Wrap-up")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda_items")
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("title"), max_length=160)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.DISCUSSION)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=10, validators=[MinValueValidator(1), MaxValueValidator(480)])
    presenter = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="agenda_items")
    description = models.TextField(_("what people need to know"), blank=True, max_length=1000)
    papers = models.ManyToManyField(Document, blank=True, related_name="agenda_items")

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title
