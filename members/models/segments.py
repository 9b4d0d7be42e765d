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
        return self.filter(models.Q(owner=user.pk) | models.Q(shared_at__isnull=False), forgotten_at=None)

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
    forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                name="segment_once",
                condition=models.Q(forgotten_at=None),
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
        """It is gone from all lists; `bring_back` undoes that. Done once."""
        if Segment.objects.filter(pk=self.pk, forgotten_at=None).update(forgotten_at=Now()):
            AuditEntry.record(by, "withdrew", self)

    @transaction.atomic
    def bring_back(self, by: User) -> bool:
        """False when it was not gone, or its owner has another of this name by now."""
        same = Segment.objects.filter(owner=self.owner_id, name__iexact=self.name, forgotten_at=None)
        if same.exists() or not Segment.objects.filter(pk=self.pk, forgotten_at__isnull=False).update(
            forgotten_at=None
        ):
            return False
        AuditEntry.record(by, "restored", self)
        return True


class TableView(models.Model):
    """The columns that one staff person chose for the table of members, and how many rows."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="table_view")
    columns = ArrayField(models.CharField(max_length=20), default=list)
    rows = models.PositiveSmallIntegerField(default=50)

    def __str__(self) -> str:
        return f"{self.person}: {', '.join(self.columns)}"
