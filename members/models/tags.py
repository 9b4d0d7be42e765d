"""Words that staff put to people, to find them by: "donor", "speaks Spanish", "met in Denver"."""

from __future__ import annotations

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from members.fields import Line
from members.models.audit import AuditEntry
from members.models.users import User


class TagQuerySet(models.QuerySet["Tag"]):
    def in_use(self) -> TagQuerySet:
        """Those that somebody has, by name."""
        return self.filter(models.Exists(Tagging.objects.filter(tag=models.OuterRef("pk")))).order_by("name")


class Tag(models.Model):
    """A word for people that staff read, and nobody else. Only one is spelled so, in whatever case."""

    name = Line(_("tag"), max_length=40)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_once")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def called(cls, name: str) -> Tag:
        """The tag of that name, made when there is none; two who make it at once get one."""
        cls.objects.bulk_create([cls(name=name)], ignore_conflicts=True)
        return cls.objects.get(name__iexact=name)

    @transaction.atomic
    def give(self, person: User, by: User) -> bool:
        """Whether the person did not have it before."""
        _tagging, is_new = Tagging.objects.get_or_create(tag=self, person=person, defaults={"given_by": by})
        if is_new:
            AuditEntry.record(by, "tagged", person, after={"tag": self.name})
        return is_new

    @transaction.atomic
    def take(self, person: User, by: User) -> bool:
        """Whether the person had it."""
        taken, _kinds = Tagging.objects.filter(tag=self, person=person).delete()
        if taken:
            AuditEntry.record(by, "untagged", person, before={"tag": self.name})
        return bool(taken)


class TaggingQuerySet(models.QuerySet["Tagging"]):
    def with_names(self) -> TaggingQuerySet:
        return self.select_related("tag").order_by("tag__name")


class Tagging(models.Model):
    """That somebody has a tag, and who gave it when."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="taggings")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField(db_default=Now())

    objects = TaggingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "tag"], name="tagging_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.tag}"
