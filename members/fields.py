"""Fields that clean what people write before it is judged or stored (members.text.cleaning).

`Line` and `Words` are the model fields of every text that people write; their forms and admin pages take the same
cleaning from `formfield`, and bulk writes and updates pass `get_prep_value`. To migrations they are Django's own fields:
the columns are the same.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from rest_framework import serializers

from members.text import cleaning
from members.times.zones import home_zone, validate_zone

if TYPE_CHECKING:
    FormBase = forms.CharField
    SerializerBase = serializers.CharField
    ModelBase = models.Field[Any, Any]
    Cleaning = staticmethod[[str], str]
else:
    FormBase = SerializerBase = ModelBase = object
    Cleaning = staticmethod


FAR_TOO_LONG = 8  # times the most that may be written


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


class CleanForm(FormBase):
    """A text field of a form. What holds nothing to be seen is empty; a null byte is refused, as Django does."""

    cleaned: Cleaning

    def to_python(self, value: Any) -> Any:
        return super().to_python(self.cleaned(value) if _is_text(value) and not self._is_far_too_long(value) else value)

    def _is_far_too_long(self, value: str) -> bool:
        """Its length is refused before anybody looks at its letters; cleaning rarely takes more than a half away."""
        most = getattr(self, "max_length", None)
        return most is not None and len(value) > FAR_TOO_LONG * most + 1000


class LineField(CleanForm, forms.CharField):
    cleaned = Cleaning(cleaning.line)


class WordsField(CleanForm, forms.CharField):
    cleaned = Cleaning(cleaning.words)
    widget = forms.Textarea


class CleanSerializer(SerializerBase):
    """A text of the API."""

    cleaned: Cleaning

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(self.cleaned(data) if _is_text(data) else data)


class LineOfJson(CleanSerializer, serializers.CharField):
    cleaned = Cleaning(cleaning.line)


class WordsOfJson(CleanSerializer, serializers.CharField):
    cleaned = Cleaning(cleaning.words)


class Clean(ModelBase):
    """Stored as `cleaned`; what grew by it over the length of the column is cut."""

    cleaned: Cleaning
    form: type[forms.CharField]
    known_as: str

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return self.cleaned(value) if isinstance(value, str) else value

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        value = super().pre_save(instance, add)
        if isinstance(value, str):
            value = self._fitting(value)
            setattr(instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(self._fitting(value) if isinstance(value, str) else value)

    def _fitting(self, text: str) -> str:
        cleaned, most = self.cleaned(text), self.max_length
        return cleaned[:most] if most and len(text) <= most else cleaned

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**({"form_class": self.form} | kwargs))

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.known_as}", args, kwargs


class Moment(models.DateTimeField):
    """A moment that may have been stored before days had an end: what is read can be shown in every zone."""

    EARLIEST, LATEST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)

    def from_db_value(self, value: datetime | None, *source: Any) -> datetime | None:
        return value and min(max(value, self.EARLIEST), self.LATEST)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs


class Zone(models.CharField):
    """A time zone by its name; the organization's until somebody chooses another.

    Not a callable default: Django's forms would then carry the first value along in a hidden field.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        usual: dict[str, Any] = {"max_length": 64, "validators": [validate_zone]}
        super().__init__(*args, **usual | kwargs)

    def get_default(self) -> str:
        return home_zone()

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class Line(Clean, models.CharField):
    """A name or a title."""

    cleaned, form, known_as = Cleaning(cleaning.line), LineField, "CharField"


class Words(Clean, models.TextField):
    """A note, a description: several lines."""

    cleaned, form, known_as = Cleaning(cleaning.words), WordsField, "TextField"


class ShortWords(Clean, models.CharField):
    """Several lines in a column of limited length."""

    cleaned, form, known_as = Cleaning(cleaning.words), WordsField, "CharField"
