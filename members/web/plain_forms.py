"""Base classes of all forms, with messages that say what to do instead of Django's own.

The messages of each kind of field stand here; those of a question of its own stand in the form's `asks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.translation import gettext_lazy as _

DASHES = BLANK_CHOICE_DASH[0][1]
ANYWHERE = {
    "required": _("This can’t be left empty"),
    "blank": _("This can’t be left empty"),
    "null": _("This can’t be left empty"),
    "invalid": _("We can’t read this. Type it again."),
    "unique": _("There is one like this already. Choose another."),
    "unique_together": _("There is one like this already. Choose another."),
    "invalid_choice": _("Choose one of those shown"),
    "invalid_list": _("Choose among those shown"),
    "invalid_pk_value": _("Choose among those shown"),
    "max_length": _("Shorten this to %(limit_value)s characters. It has %(show_value)s now."),
    "min_length": _("Write at least %(limit_value)s characters. It has %(show_value)s now."),
    "max_value": _("Enter a number of %(limit_value)s or less"),
    "min_value": _("Enter a number of %(limit_value)s or more"),
    "step_size": _("Enter a number in steps of %(limit_value)s"),
    "null_characters_not_allowed": _("Type this again: it holds a character that can’t be kept"),
}
OF_A_KIND: list[tuple[type[forms.Field], Mapping[str, Any]]] = [
    (forms.FileField, {
        "required": _("Choose a file"),
        "invalid": _("The file didn’t come through. Choose it again."),
        "missing": _("The file didn’t come through. Choose it again."),
        "empty": _("That file is empty. Choose another."),
        "max_length": _("Give the file a name of at most %(max)d characters. It has %(length)d now."),
        "contradiction": _("Choose a file, or tick the box to take the old one away, not both"),
    }),
    (forms.MultiValueField, {"incomplete": _("Fill in all parts of this")}),
    (forms.DateTimeField, {"invalid": _("Enter a day and a time, like 3/11/2027 1:00 PM")}),
    (forms.DateField, {"invalid": _("Enter a date like 3/11/2027")}),
    (forms.TimeField, {"invalid": _("Enter a time like 1:00 PM")}),
    (forms.EmailField, {"invalid": _("Enter an email like name@example.org")}),
    (forms.URLField, {"invalid": _("Enter a link like https://example.org/page")}),
    (forms.SlugField, {"invalid": _("Use letters, numbers and hyphens only, like fair-workweek")}),
    (forms.FloatField, {"invalid": _("Enter a number, like 45")}),
    (forms.IntegerField, {"invalid": _("Enter a whole number, like 45")}),
    (forms.BooleanField, {"required": _("Tick the box to go on")}),
]  # fmt: skip


class PlainWords(forms.BaseForm):
    """`asks` has, by field, the message when it was left empty, or a dict of messages by their codes."""

    asks: Mapping[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._speak_plainly()

    def full_clean(self) -> None:
        self._speak_plainly()  # fields that came later, too
        super().full_clean()

    def _speak_plainly(self) -> None:
        for name, field in self.fields.items():
            if not hasattr(field, "says_as_usual"):
                speak_plainly(field, self.asks.get(name, {}))
                name_the_empty(field)


class Form(PlainWords, forms.Form):
    pass


class ModelForm(PlainWords, forms.ModelForm):
    def _update_errors(self, errors: ValidationError) -> None:
        """What a field refused is empty to the model, which would ask for it a second time."""
        for name in self.errors if hasattr(errors, "error_dict") else ():
            if name in self.fields:
                errors.error_dict.pop(name, None)
        super()._update_errors(errors)  # type: ignore[misc]  # Django's


def speak_plainly(field: forms.Field, own: Any = ()) -> None:
    """Replace Django's messages of this field, except those written for it.

    `says_as_usual` are the codes of messages that need the field's label beside them in the summary of errors.
    """
    asked = dict(own) if isinstance(own, Mapping) else {"required": own, "blank": own}
    chosen = {code: text for code, text in field.error_messages.items() if not is_djangos(text)} | asked
    usual = _usual(field)
    field.error_messages = usual | chosen
    needs_label = (
        usual.keys() - chosen.keys() if not isinstance(field, forms.FileField) else ()
    )  # a file's name the file
    field.says_as_usual = frozenset(needs_label)  # type: ignore[attr-defined]


def name_the_empty(field: forms.Field) -> None:
    """Give the empty choice of a list words, where Django shows dashes."""
    words = _("Choose") if field.required else _("None")
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DASHES:
            field.empty_label = words
    elif isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        if next(iter(choices), None) == ("", DASHES):
            field.choices = [("", words), *list(choices)[1:]]


def _usual(field: forms.Field) -> dict[str, Any]:
    """`invalid` only where Django has it: elsewhere it would speak over a validator with words of its own."""
    words = {code: text for code, text in ANYWHERE.items() if code in field.error_messages or code != "invalid"}
    for kind, messages in reversed(OF_A_KIND):
        if isinstance(field, kind):
            words |= messages
    return words


COUNTED = (validators.MaxLengthValidator.message, validators.MinLengthValidator.message)  # no words before they count


def is_djangos(text: Any) -> bool:
    return any(text is counted for counted in COUNTED) or str(text) in _djangos_words()


@cache
def _djangos_words() -> frozenset[str]:
    kinds = [forms.Field, models.Field, forms.models.BaseModelForm]
    words = {str(text) for kind in _with_subclasses(kinds) for text in _own_messages(kind).values()}
    return frozenset(words | {str(kind.message) for kind in vars(validators).values() if hasattr(kind, "message")})


def _with_subclasses(kinds: list[type]) -> Iterator[type]:
    for kind in kinds:
        yield kind
        yield from _with_subclasses(kind.__subclasses__())


def _own_messages(kind: type) -> Mapping[str, Any]:
    ours = not kind.__module__.startswith("django.")
    return {} if ours else vars(kind).get("default_error_messages", {})


def in_plain_words(error: ValidationError) -> ValidationError:
    """The errors of a model's validation, in the words of our forms."""
    if hasattr(error, "error_dict"):
        return ValidationError({name: _plain(errors) for name, errors in error.error_dict.items()})
    return ValidationError(_plain(error.error_list))


def _plain(errors: list[ValidationError]) -> list[ValidationError]:
    return [
        ValidationError(ANYWHERE.get(each.code or "", ANYWHERE["invalid"]), each.code, each.params)
        if is_djangos(each.message)
        else each
        for each in errors
    ]
