"""Two people edit one row: a save never overwrites words that its author has not seen.

The form carries `seen`, a hash of the values it showed; the verb compares it with the locked row. If they differ the
page answers 409 with both texts, and what was typed may then be saved over the other's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from members.web import kept, plain_forms

NOTE = "changed meanwhile"


class ChangedMeanwhile(Exception):
    """Somebody else saved after the form was opened; `current` is the row as it stands now."""

    def __init__(self, current: Any) -> None:
        super().__init__(str(current))
        self.current = current


def mark(row: Model, names: Iterable[str]) -> str:
    """A hash of the values of these fields."""
    values = json.dumps([str(_value(row, name)) for name in sorted(set(names))])
    return hashlib.sha256(values.encode()).hexdigest()[:20]


def _value(row: Model, name: str) -> Any:
    field = row._meta.get_field(name)
    if field.many_to_many:
        return sorted(getattr(row, name).values_list("pk", flat=True)) if row.pk else []
    return getattr(row, field.attname)  # type: ignore[union-attr]


def refuse_changed(row: Model, seen: str, names: Iterable[str]) -> None:
    """Raise ChangedMeanwhile when the locked row differs from what was `seen`; "" compares nothing, for programs."""
    if seen and seen != mark(row, names):
        raise ChangedMeanwhile(row)


class SharedForm(plain_forms.ModelForm):
    """The form of a row that several people may change. `also` are fields that it shows in another way."""

    also: tuple[str, ...] = ()

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("seen", self.mark_of(self.instance) if self.instance.pk else "")  # a preview keeps it

    def mark_of(self, row: Model) -> str:
        return mark(row, [*self.named, *self.also])

    @property
    def named(self) -> list[str]:
        return list(self._meta.fields or ())

    @property
    def words(self) -> dict[str, Any]:
        """The values to store."""
        return {name: self.cleaned_data[name] for name in self.named}

    def others(self, current: Model) -> list[tuple[str, str]]:
        """(label, words) of each field of the row that differs from this form."""
        fresh = type(self)(instance=current)
        shown = [field for field in self if not field.is_hidden]
        return [
            (str(field.label), _in_words(fresh[field.name]))
            for field in shown
            if _typed(field) != _typed(fresh[field.name])
        ]


class SeenForm(plain_forms.Form):
    """A form about a row on which several people decide; `shows` names the fields its decision rests on. `others` says
    them in words.
    """

    shows: tuple[str, ...] = ()

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Model, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.mark_of(row)

    def mark_of(self, row: Model) -> str:
        return mark(row, self.shows)

    def others(self, current: Any) -> list[tuple[str, str]]:
        raise NotImplementedError


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    form: SharedForm | SeenForm,
    current: Model,
    **more: Any,
) -> HttpResponse:
    """The page of a shared form. `current` is the row as it stands, if that is not what the form showed."""
    if request.method == "POST":
        return kept.page(request, template, context, form, **more)
    if kept.bring_back(request, form) == NOTE:
        context = context | {"others": form.others(current)}
    return kept.page(request, template, context, form, **more)


def refused(
    request: HttpRequest, template: str, context: dict[str, Any], form: SharedForm | SeenForm, current: Any, **more: Any
) -> HttpResponse:
    """The 409 page: the row as it stands, and below it the form as typed, which may be saved again."""
    seen = form.mark_of(current)
    typed: Any = form.data
    form.data = typed.copy()
    form.data["seen"] = seen  # type: ignore[index]  # a copy may be written to
    context = context | {"others": form.others(current)}
    return kept.page(request, template, context, form, status=409, note=NOTE, changed={"seen": seen}, **more)


def _typed(field: forms.BoundField) -> Any:
    value = field.value()
    if isinstance(value, (list, tuple)):
        return sorted(map(str, value))
    return str("" if value is None else value).replace("\r\n", "\n")


def _in_words(field: forms.BoundField) -> str:
    value, choices = field.value(), getattr(field.field, "choices", None)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if choices is None:
        return str("" if value is None else value)
    named = {str(key): str(label) for key, label in choices}
    values = value if isinstance(value, (list, tuple)) else [value]
    return get_text_list([named.get(str(each), str(each)) for each in values if each is not None], _("and"))
