"""Who did what to which record, written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from members.fields import Line, Words
from members.text.addresses import masked

PRIVATE = frozenset(("email", "phone", "bio", "pronouns"))  # of these the log says that they changed, and not to what
CHANGED = "changed"


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def concerning(self, kind: str, key: int) -> AuditEntryQuerySet:
        """About one thing. About a person also what they did, where they are named, and files that held their data; and so
        of accounts that were merged into theirs.
        """
        about = models.Q(content_type__model=kind, object_id=key)
        if kind == "user":
            merged = apps.get_model("members", "User").objects.filter(merged_into=key).values("pk")
            about |= models.Q(content_type__model=kind, object_id__in=merged) | models.Q(actor__in=merged)
            about |= models.Q(actor=key) | models.Q(after__user=key) | models.Q(before__user=key)
            exported = apps.get_model("members", "ExportedPerson").objects.filter(person=key).values("export")
            about |= models.Q(content_type__model="export", object_id__in=exported)
        return self.filter(about)


class AuditEntry(models.Model):
    """One act in words: `actor` `verb` `target`. Rows are added, never changed."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="acts")
    verb = models.CharField(max_length=40)
    content_type = models.ForeignKey(ContentType, models.PROTECT)
    object_id = models.BigIntegerField()
    target = GenericForeignKey("content_type", "object_id")
    target_name = Line(max_length=200)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    reason = Words(blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]  # copied in and late ones have numbers that are not in order of time
        indexes = [
            models.Index(fields=["content_type", "object_id"], name="audit_target"),
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(models.F("after__user"), name="audit_named_after"),
            models.Index(models.F("before__user"), name="audit_named_before"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor or '—'} {self.verb} {self.target_name}"

    @classmethod
    def record_all(
        cls, actor: Any, verb: str, acts: Sequence[tuple[models.Model, dict[str, Any], dict[str, Any]]]
    ) -> None:
        """As `record`, for many rows of one model at once: each with what was before and after."""
        lines: list[AuditEntry] = []
        for target, *values in acts:
            before, after = without_private(*values)
            kind = ContentType.objects.get_for_model(target)
            name = masked(str(target))[:200]
            lines.append(
                AuditEntry(
                    actor=actor,
                    verb=verb,
                    content_type=kind,
                    object_id=target.pk,
                    target_name=name,
                    before=before,
                    after=after,
                )
            )
        AuditEntry.objects.bulk_create(lines)

    @classmethod
    def record(
        cls,
        actor: Any,
        verb: str,
        target: models.Model,
        *,
        before: dict | None = None,
        after: dict | None = None,
        reason: str = "",
    ) -> AuditEntry:
        """Write the line. `actor` is a User, or None for the system itself.

        More people read the log than contact details: private values stay out of it, and so do addresses in names.
        """
        before, after = without_private(before or {}, after or {})
        return cls.objects.create(
            actor=actor,
            verb=verb,
            content_type=ContentType.objects.get_for_model(target),
            object_id=target.pk,
            target_name=masked(str(target))[:200],
            before=before,
            after=after,
            reason=reason,
        )


def without_private(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same two without the values of private fields; "changed" of the second names these."""
    private = sorted(PRIVATE & {*before, *after})
    if not private:
        return before, after
    kept_before, kept_after = (
        {name: values[name] for name in values if name not in PRIVATE} for values in (before, after)
    )
    return kept_before, kept_after | {CHANGED: private}
