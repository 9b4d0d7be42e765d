"""Governments that people hold office in, by Open Civic Data division id."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _


class JurisdictionQuerySet(models.QuerySet["Jurisdiction"]):
    def matching(self, words: str) -> JurisdictionQuerySet:
        """Rows whose label holds every word of `words` (name, designation, county or state), largest first."""
        found = self
        for word in words.replace(",", " ").split()[:6]:
            found = found.filter(label__icontains=word)
        starts = models.Case(models.When(name__istartswith=words.split(",")[0].strip(), then=0), default=1)
        return found.order_by(starts, models.F("population").desc(nulls_last=True), "label")


class Jurisdiction(models.Model):
    """A state, county, municipality or school district (see docs/data.md for the sources)."""

    class Kind(models.TextChoices):
        STATE = "state", _("State or territory")
        COUNTY = "county", _("County")
        PLACE = "place", _("City, town or village")
        SCHOOL_DISTRICT = "school_district", _("School district")

    ocd_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind)
    designation = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=2)
    county = models.CharField(max_length=200, blank=True)
    population = models.IntegerField(null=True, blank=True)
    time_zone = models.CharField(max_length=64)
    label = models.CharField(max_length=400, help_text="name, designation, county and state: what people search and see")

    objects = JurisdictionQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(OpClass(Upper("label"), name="gin_trgm_ops"), name="jurisdiction_label_trgm"),
            models.Index(fields=["state", "kind"], name="jurisdiction_state"),
        ]

    def __str__(self) -> str:
        return self.name if self.kind == self.Kind.STATE else f"{self.name}, {self.state}"
