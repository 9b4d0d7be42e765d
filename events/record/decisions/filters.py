"""Narrowing a committee's register."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from committees.models import Committee
from events.models import Decision
from events.models.decisions import DecisionQuerySet
from members.web.widgets import PlainSelect, PlainTextInput

IN_FORCE = "in_force"


class DecisionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("Search decisions"),
        method="saying",
        widget=PlainTextInput(
            attrs={"type": "search", "placeholder": _("Words or number"), "maxlength": 100, "autocomplete": "off"}
        ),
    )
    year = django_filters.ChoiceFilter(label=_("Year"), empty_label=_("All years"), widget=PlainSelect)
    outcome = django_filters.ChoiceFilter(
        label=_("Outcome"),
        empty_label=_("All outcomes"),
        method="that_came_out",
        choices=[(IN_FORCE, _("Adopted and in force")), *Decision.Outcome.choices],
        widget=PlainSelect,
    )

    class Meta:
        model = Decision
        fields: list[str] = []

    def __init__(self, *args: Any, committee: Committee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = committee.decisions.order_by("-year").values_list("year", flat=True).distinct()
        self.filters["year"].extra["choices"] = [(str(year), str(year)) for year in years]

    def saying(self, queryset: DecisionQuerySet, name: str, value: str) -> DecisionQuerySet:
        return queryset.matching(value)

    def that_came_out(self, queryset: DecisionQuerySet, name: str, value: str) -> QuerySet[Decision]:
        return queryset.standing() if value == IN_FORCE else queryset.filter(outcome=value)
