"""Governments that people hold office in, by Open Civic Data division id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.fields import Line
from members.place_names.reading import names_of
from members.place_names.words import fold

OTHERWISE = {"saint": "st", "sainte": "ste", "mount": "mt", "fort": "ft"}
OTHERWISE |= {short: full for full, short in OTHERWISE.items()}


def searchable(label: str) -> str:
    """Each word of `label` after a space, with its other spelling (saint and st, ofallon and o fallon)."""
    words = fold(label).replace(",", " ").split()
    apart = [part for word in label.split() if "'" in word for part in fold(word.replace("'", " ")).split()]
    return " " + " ".join([*words, *apart, *(OTHERWISE[word] for word in words if word in OTHERWISE)])


class JurisdictionQuerySet(models.QuerySet["Jurisdiction"]):
    def saying(self, words: Sequence[str]) -> JurisdictionQuerySet:
        """Rows with a word beginning like each of `words` (of name, designation, county or state); no words find none."""
        found = self if words else self.none()
        for word in words:
            found = found.filter(words__contains=f" {word}")
        return found


class Jurisdiction(models.Model):
    """A state, county, municipality or school district (see docs/data.md for the sources)."""

    class Kind(models.TextChoices):
        STATE = "state", _("State or territory")
        COUNTY = "county", _("County")
        PLACE = "place", _("City, town or village")
        SCHOOL_DISTRICT = "school_district", _("School district")

    ocd_id = models.CharField(max_length=200, unique=True)
    name = Line(max_length=120)
    kind = models.CharField(max_length=16, choices=Kind)
    designation = Line(max_length=60, blank=True)
    state = models.CharField(max_length=2)
    county = Line(max_length=200, blank=True)
    population = models.IntegerField(null=True, blank=True)
    time_zone = models.CharField(max_length=64)
    label = Line(max_length=400, help_text="name, designation, county and state: what people see")
    words = models.TextField(editable=False, help_text="the label’s words as people type them: what is searched")
    names = models.TextField(editable=False, default="", help_text="what it is called, as names are compared")

    objects = JurisdictionQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(OpClass("words", name="gin_trgm_ops"), name="jurisdiction_words_trgm"),
            GinIndex(OpClass("names", name="gin_trgm_ops"), name="jurisdiction_names_trgm"),
            models.Index(fields=["state", "kind"], name="jurisdiction_state"),
            models.Index(fields=["id"], include=["state"], name="jurisdiction_its_state"),  # to count states
        ]

    def __str__(self) -> str:
        return self.name if self.kind == self.Kind.STATE else f"{self.name}, {self.state}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words, self.names = searchable(self.label), names_of(self.name, self.kind, self.designation, self.state)
        super().save(*args, **kwargs)

    @property
    def place(self) -> str:
        """Where it is and what it is, without its name: what tells the Washington Townships apart."""
        return self.label.removeprefix(f"{self.name}, ")
