"""An issue: a field of work with a vision, shown on a public page."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from committees.models.pictures import Picture
from members.fields import Line, Words
from members.models import AuditEntry, User
from members.queries.visibility import VisibleQuerySet
from members.web.meanwhile import refuse_changed
from members.web.page_urls import url_of


class IssueAreaQuerySet(VisibleQuerySet["IssueArea"]):
    def published(self) -> IssueAreaQuerySet:
        return self.exclude(published_at=None)

    def open_to(self, user: User) -> IssueAreaQuerySet:
        return self.published()


class IssueArea(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = Line(max_length=80, unique=True)
    tagline = Words(_("opening sentence"), max_length=400)
    vision = Words(_("our vision and work"), help_text=_("Markdown"))
    levers = ArrayField(Line(max_length=160), verbose_name=_("what local government can do"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    picture = models.OneToOneField(Picture, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    objects = IssueAreaQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return url_of("issue_detail", self.slug)

    @transaction.atomic
    def edit(self, by: User, *, seen: str = "", **fields: Any) -> IssueArea:
        """Change the words of the page. Raises ValidationError by field.

        `seen` is the hash of the values that the form showed: raises ChangedMeanwhile when somebody saved after that.
        """
        locked = IssueArea.objects.select_for_update(no_key=True).get(pk=self.pk)
        if any(getattr(locked, name) != value for name, value in fields.items()):
            refuse_changed(locked, seen, fields)
        for name, value in fields.items():
            setattr(self, name, value)
        self.full_clean()
        self.save(update_fields=list(fields))
        AuditEntry.record(by, "edited", self)
        return self
