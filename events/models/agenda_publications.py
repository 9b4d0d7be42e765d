"""An agenda as it was told to the committee: from the first on, members read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from members.times import clock

if TYPE_CHECKING:
    from events.models.meetings import Meeting


class AgendaPublicationQuerySet(models.QuerySet["AgendaPublication"]):
    def not_taken_back(self) -> AgendaPublicationQuerySet:
        return self.filter(taken_back_at=None)

    def out(self) -> AgendaPublicationQuerySet:
        """Those that can be read: not taken back, and their hold is over."""
        return self.not_taken_back().filter(published_at__lte=clock.now())


class AgendaPublication(models.Model):
    """`snapshot` holds items and papers in their order. `published_at` is the end of the hold of what tells of it. One
    that was taken back in time says so and counts no more.
    """

    meeting = models.ForeignKey("events.Meeting", models.CASCADE, related_name="agenda_publications")
    number = models.PositiveIntegerField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(db_default=Now())
    taken_back_at = models.DateTimeField(null=True)
    snapshot = models.JSONField(default=dict)

    objects = AgendaPublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="agenda_publication_once")]

    def __str__(self) -> str:
        return f"{self.meeting} {self.number}"

    @classmethod
    def last_of(cls, meeting: Meeting, before: int | None = None) -> AgendaPublication | None:
        """The newest publication that was not undone, or the one before a number."""
        published = cls.objects.not_taken_back().filter(meeting=meeting)
        return (published if before is None else published.filter(number__lt=before)).first()
