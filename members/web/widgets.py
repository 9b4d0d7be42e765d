"""Form controls that render faster than Django's own."""

from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class PlainSelect(forms.Select):
    """A list of choices without groups. Django renders a template for each option: fifty states take a third of a
    page's time.
    """

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        choices = tuple([(str(key), str(label)) for key, label in self.choices])
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", attributes, _options(choices, frozenset(self.format_value(value))))


class PlainCheckboxes(forms.CheckboxSelectMultiple):
    """Boxes to tick, in lines, without a template for each."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        choices = tuple([(str(key), str(label)) for key, label in self.choices])
        return _boxes(name, choices, frozenset(self.format_value(value)))


class PlainTextInput(forms.TextInput):
    """A text input, rendered without a template."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        given = {"type": self.input_type, "name": name, "value": self.format_value(value)}
        return format_html("<input{}>", flatatt({**given, **self.build_attrs(self.attrs, attrs)}))


@lru_cache(maxsize=64)
def _options(choices: tuple[tuple[str, str], ...], chosen: frozenset[str]) -> SafeString:
    marks = {True: SafeString(" selected"), False: ""}
    rows = ((key, marks[key in chosen], label) for key, label in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


@lru_cache(maxsize=64)
def _boxes(name: str, choices: tuple[tuple[str, str], ...], ticked: frozenset[str]) -> SafeString:
    marks = {True: SafeString(" checked"), False: ""}
    rows = ((name, key, marks[key in ticked], label) for key, label in choices)
    return format_html_join("", '<label class="tick"><input type="checkbox" name="{}" value="{}"{}> {}</label>', rows)
