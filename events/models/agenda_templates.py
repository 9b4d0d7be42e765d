"""Orders of business that a committee keeps under a name, to start calls from."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Committee
from events.models.agendas import LONGEST, AgendaItem, locked_order
from events.models.meetings import Meeting
from members.fields import Line
from members.models import AuditEntry, User


class AgendaTemplateQuerySet(models.QuerySet["AgendaTemplate"]):
    def kept_by(self, committee: int) -> AgendaTemplateQuerySet:
        return self.filter(committee=committee, forgotten_at=None).order_by("name", "pk")


class AgendaTemplate(models.Model):
    """What a call of this committee usually has on its agenda: titles, kinds, minutes and words, and nothing of people or
    papers, which are another call's. `items` are rows of `KEPT`.
    """

    KEPT = ("title", "kind", "minutes", "description")
    MOST = 20  # of a committee

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="agenda_templates")
    name = Line(_("name"), max_length=60)
    items = models.JSONField(default=list)
    saved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField(db_default=Now())
    forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = AgendaTemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "committee", Lower("name"), name="agenda_template_once", condition=models.Q(forgotten_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    @transaction.atomic
    def save_from(cls, meeting: Meeting, name: str, by: User) -> AgendaTemplate:
        """Keep the agenda of this call under a name; one of that name is written over. Raises ValidationError."""
        meeting.committee.take_turn()
        items = list(meeting.agenda_items.order_by("position", "pk").values(*cls.KEPT))
        if not items:
            raise ValidationError(_("Nothing is on the agenda, so there is nothing to keep."), "empty")
        kept = cls.objects.kept_by(meeting.committee_id)
        template = kept.filter(name__iexact=name).first()
        if template is None and kept.count() >= cls.MOST:
            words = _("A committee keeps %(n)s templates. Write over one of them, or remove one.")
            raise ValidationError(words, "too_many", {"n": cls.MOST})
        before = {"items": len(template.items)} if template else {}
        template = template or cls(committee=meeting.committee)
        template.name, template.items = name, items
        template.saved_by, template.saved_at = by, timezone.now()
        template.full_clean(exclude=["saved_by"], validate_constraints=False)
        template.save()
        AuditEntry.record(by, "saved a template", template, before=before, after={"items": len(items)})
        return template

    @transaction.atomic
    def start(self, meeting: Meeting, by: User) -> int:
        """Put its items on the agenda of a call of its committee, unless that has begun; how many."""
        if locked_order(meeting) or meeting.committee_id != self.committee_id:
            return 0
        rows = [{name: row.get(name) for name in self.KEPT} for row in self.items[:LONGEST]]
        AgendaItem.objects.bulk_create(
            AgendaItem(meeting=meeting, position=number, edited_by=by, **row) for number, row in enumerate(rows, 1)
        )
        AuditEntry.record(by, "started an agenda", meeting, after={"from": self.name, "items": len(rows)})
        return len(rows)

    @transaction.atomic
    def forget(self, by: User) -> bool:
        """It is offered no more; `bring_back` undoes that. Done once."""
        gone = AgendaTemplate.objects.filter(pk=self.pk, forgotten_at=None).update(forgotten_at=Now())
        if gone:
            AuditEntry.record(by, "withdrew", self)
        return bool(gone)

    @transaction.atomic
    def bring_back(self, by: User) -> bool:
        """False when it was not gone, or another has its name by now."""
        self.committee.take_turn()
        same = AgendaTemplate.objects.kept_by(self.committee_id).filter(name__iexact=self.name)
        gone: Any = AgendaTemplate.objects.filter(pk=self.pk, forgotten_at__isnull=False)
        if same.exists() or not gone.update(forgotten_at=None):
            return False
        AuditEntry.record(by, "restored", self)
        return True
