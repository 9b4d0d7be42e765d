"""Governments that people hold office in, by Open Civic Data division id."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.fields import Line
from members.folding import fold

TWO_SPELLINGS = {"SAINT": "ST", "SAINTE": "STE", "MOUNT": "MT", "FORT": "FT"}
BOTH_SPELLINGS = TWO_SPELLINGS | {short: full for full, short in TWO_SPELLINGS.items()}


def typed(text: str) -> list[str]:
    """The first words of a look-up: folded, without punctuation, so that "St. John's" asks for ST and JOHNS."""
    return re.sub(r"[^A-Z0-9]+", " ", fold(text).replace("'", "").replace(".", "")).split()[:8]


def searchable(label: str) -> str:
    """Each word of `label` after a space, with its other spelling (SAINT and ST, OFALLON and O FALLON)."""
    folded = fold(label)
    words = re.sub(r"[^A-Z0-9]+", " ", folded.replace("'", "").replace(".", "")).split()
    apart = [part for word in folded.split() if "'" in word for part in re.findall(r"[A-Z0-9]+", word)]
    others = [BOTH_SPELLINGS[word] for word in words if word in BOTH_SPELLINGS]
    return " " + " ".join(words + apart + others)


class JurisdictionQuerySet(models.QuerySet["Jurisdiction"]):
    def matching(self, text: str, prefer: str = "") -> JurisdictionQuerySet:
        """Rows with a word beginning like each word of `text` (of name, designation, county or state); no words find none.

        The preferred kind comes first and school districts last, then the name that is the text, names that begin
        with it, the larger ones.
        """
        words = typed(text)
        found = self if words else self.none()
        for word in words:
            found = found.filter(words__contains=f" {word}")
        start = " " + " ".join(words)
        school = Jurisdiction.Kind.SCHOOL_DISTRICT
        kinds = models.Case(models.When(kind=prefer, then=0), models.When(kind=school, then=2), default=1)
        rank = models.Case(
            models.When(words__startswith=start + " ", then=0), models.When(words__startswith=start, then=1), default=2
        )
        return found.order_by(kinds, rank, models.F("population").desc(nulls_last=True), "label", "pk")


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
    words = models.TextField(editable=False, help_text="the label's words as people type them: what is searched")

    objects = JurisdictionQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(OpClass("words", name="gin_trgm_ops"), name="jurisdiction_words_trgm"),
            models.Index(fields=["state", "kind"], name="jurisdiction_state"),
        ]

    def __str__(self) -> str:
        return self.name if self.kind == self.Kind.STATE else f"{self.name}, {self.state}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words = searchable(self.label)
        super().save(*args, **kwargs)

    @property
    def place(self) -> str:
        """Where it is and what it is, without its name: what tells the Washington Townships apart."""
        return self.label.removeprefix(f"{self.name}, ")
