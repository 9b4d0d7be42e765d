"""Who a list of people holds, saved under a name; and how one staff person looks at the table of members."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.fields import Line
from members.models.audit import AuditEntry
from members.models.users import User


class SegmentQuerySet(models.QuerySet["Segment"]):
    def usable_by(self, user: User) -> SegmentQuerySet:
        """One's own, and those that others share."""
        return self.filter(models.Q(owner=user) | models.Q(shared_at__isnull=False))

    def for_listing(self, user: User) -> SegmentQuerySet:
        return self.usable_by(user).select_related("owner").order_by("name", "pk")


class Segment(models.Model):
    """A filter of people under a name. It is live: whom it holds is asked each time (members.roster.segments).

    `query` has, by the name of each narrowing, the values chosen: {"state": ["MN", "WI"], "level": ["city"]}.
    """

    name = Line(_("name"), max_length=60)
    query = models.JSONField(default=dict)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="segments")
    shared_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                name="segment_once",
                violation_error_message=_("You have a list of this name. Choose another."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shared(self) -> bool:
        return self.shared_at is not None

    @classmethod
    @transaction.atomic
    def keep(cls, name: str, query: dict[str, Any], by: User, *, shared: bool) -> Segment:
        segment = cls.objects.create(name=name, query=query, owner=by, shared_at=timezone.now() if shared else None)
        AuditEntry.record(by, "created", segment)
        return segment

    @transaction.atomic
    def edit(self, by: User, *, name: str, shared: bool, query: dict[str, Any] | None = None) -> Segment:
        """Another name, for others to see or not, and with `query` another filter."""
        self.name, self.shared_at = name, (self.shared_at or timezone.now()) if shared else None
        self.query = self.query if query is None else query
        self.save(update_fields=["name", "shared_at", "query"])
        AuditEntry.record(by, "edited", self)
        return self

    @transaction.atomic
    def forget(self, by: User) -> None:
        AuditEntry.record(by, "withdrew", self)
        Segment.objects.filter(pk=self.pk).delete()


class TableView(models.Model):
    """The columns that one staff person chose for the table of members, and how many rows."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="table_view")
    columns = ArrayField(models.CharField(max_length=20), default=list)
    rows = models.PositiveSmallIntegerField(default=50)

    def __str__(self) -> str:
        return f"{self.person}: {', '.join(self.columns)}"
