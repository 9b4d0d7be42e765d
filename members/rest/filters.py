"""Filters of the API that refuse what they can't read; the library's would leave it aside and show everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from members.place_names.words import STATES

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@extend_schema_field({"type": "integer", "minimum": 1900, "maximum": 2199})
class YearFilter(filters.NumberFilter):
    """A year that has something of ours in it, or could."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1900, max_value=2199, decimal_places=0, **kwargs)


class TrueOrFalse(forms.Field):
    def clean(self, value: Any) -> bool | None:
        if value is None:
            return None
        if value not in ("true", "false"):
            raise ValidationError(_("Say true or false."), "invalid")
        return bool(value == "true")


class BooleanFilter(filters.BooleanFilter):
    field_class = TrueOrFalse

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"widget": forms.TextInput})


class State(filters.ChoiceFilter.field_class):
    def to_python(self, value: Any) -> str:
        known: str = super().to_python(value)
        return known.upper()


class StateFilter(filters.ChoiceFilter):
    """A state or a territory by its two letters, small or large."""

    field_class = State

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(code.upper(), name.title()) for code, name in STATES.items()], **kwargs)


class MomentFilter(filters.IsoDateTimeFilter):
    """Any moment of any calendar, brought between 2000 and 2100, where all of ours are: the ends overflow a timestamp."""

    def filter(self, qs: QuerySet, value: datetime | None) -> QuerySet:
        return super().filter(qs, value and min(max(value, EARLIEST), LATEST))


class NamedAgain(forms.TextInput):
    """Reads `x=a&x=b` and `x=a,b` alike."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [each.strip() for value in data.getlist(name) for each in value.split(",")]


class SlugsField(forms.Field):
    widget = NamedAgain

    def clean(self, value: list[str]) -> list[str]:
        for each in value:
            validate_slug(each)
        return value


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
        "minItems": 1,
        "description": "One or more: `a,b`, or named again.",
    }
)
class SlugsFilter(filters.Filter):
    """Rows of any of these."""

    field_class = SlugsField

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs
