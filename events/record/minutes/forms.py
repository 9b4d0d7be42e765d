"""Forms of minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Minutes, MinutesPolicy
from events.models.minutes import AmendedMeanwhile
from events.record.minutes.drafting import Document, Part, Section
from events.record.minutes.writing import LONGEST, Conflict, Typed, mark
from members.fields import LineField, WordsField
from members.times import clock
from members.web import plain_forms

LETTERS, MOST_ROWS = 68, 30  # letters in a line, lines of a field before it scrolls


def field_of(key: str) -> str:
    """The name of a part's field; a dot is no sign for one."""
    return f"text-{key.replace('.', '-')}"


def rows_of(text: str) -> int:
    """Lines that a text takes, for browsers that don't grow a field with its words."""
    return min(sum(len(line) // LETTERS + 1 for line in text.split("\n")), MOST_ROWS)


class WordsForm(plain_forms.Form):
    """A field for each part of the minutes, and beside it the mark of what it showed.

    What was typed into a field that the minutes have no more comes along too, so that no words are lost.
    """

    def __init__(self, data: Any = None, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.document = document
        self.keys: dict[str, str] = {}
        for section in document.sections:
            for part in section.texts:
                self._add(part.key, part.text, section.heading)
        for name in [name for name in (data or ()) if name.startswith("text-") and name not in self.fields]:
            self._add(name.removeprefix("text-"), "", str(_("Notes")))

    def _add(self, key: str, text: str, heading: str) -> None:
        name = field_of(key)
        self.keys[name] = key
        attrs: dict[str, Any] = {"rows": rows_of(text), "class": "minutes-words", "aria-label": heading}
        attrs["placeholder"] = _("Write more here")
        self.fields[name] = WordsField(
            label=heading, required=False, initial=text, max_length=LONGEST, widget=forms.Textarea(attrs)
        )
        self.fields[f"seen-{name}"] = forms.CharField(
            required=False, max_length=16, initial=mark(text), widget=forms.HiddenInput
        )

    @property
    def typed(self) -> dict[str, Typed]:
        """By part, what was posted; a part that the form left out was not touched."""
        return {
            key: Typed(self.cleaned_data[name], self.cleaned_data[f"seen-{name}"] or mark(""))
            for name, key in self.keys.items()
            if name in self.data
        }

    @property
    def sections(self) -> list[tuple[Section, list[tuple[Part, Any, Any]]]]:
        """For the page: each section with its parts, and of a text the field and its mark."""
        return [(section, [self._row(part) for part in section.parts]) for section in self.document.sections]

    def _row(self, part: Part) -> tuple[Part, Any, Any]:
        if part.fact:
            return part, self.document.fact(part.fact), None
        name = field_of(part.key)
        return part, self[name], self[f"seen-{name}"]

    def seen_again(self, conflicts: list[Conflict]) -> dict[str, str]:
        """The marks of what the conflicts show, so that saving once more uses one's own words."""
        return {f"seen-{field_of(conflict.key)}": conflict.seen for conflict in conflicts}


class SendForm(plain_forms.Form):
    """Until when members comment, what happens then, and who may read the approved minutes."""

    asks = {
        "until": {
            "required": _("Enter the last day for comments"),
            "invalid": _("Enter the last day for comments as a date"),
        },
        "how": _("Choose what happens after the last day"),
        "audience": _("Choose who may read them"),
    }
    HOWS = [
        ("silently", _("They’re approved, if nobody objects")),
        ("call", _("You approve them at the next call")),
    ]

    until = forms.DateField(label=_("Comments until the end of"), widget=forms.DateInput({"type": "date"}))
    how = forms.ChoiceField(label=_("And then"), choices=HOWS, widget=forms.RadioSelect)
    audience = forms.ChoiceField(
        label=_("Once approved, they’re for"), choices=Minutes.Audience.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, policy: MinutesPolicy, confidential: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("until", clock.today() + timedelta(days=policy.days))
        self.initial.setdefault("how", "silently" if policy.silently else "call")
        self.initial.setdefault("audience", Minutes.Audience.COMMITTEE)
        if confidential:
            self.fields["audience"].choices = Minutes.Audience.choices[:1]

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until < clock.today():
            raise forms.ValidationError(_("Choose a day that is still to come"), "past")
        if until > clock.today() + timedelta(days=60):
            raise forms.ValidationError(_("Choose a day within the next 60 days"), "far")
        return until

    @property
    def choice(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"until": given["until"], "silently": given["how"] == "silently", "audience": given["audience"]}


class CommentForm(plain_forms.Form):
    asks = {"words": _("Write what you want to say about it")}
    words = WordsField(label=_("Your comment"), max_length=2000, widget=forms.Textarea({"rows": 4}))


class ObjectionForm(plain_forms.Form):
    asks = {"reason": _("Write what is wrong, so that it can be put right")}
    reason = WordsField(label=_("What is wrong?"), max_length=1000, widget=forms.Textarea({"rows": 4}))


class ApproveForm(plain_forms.Form):
    asks = {"audience": _("Choose who may read them")}

    audience = forms.ChoiceField(
        label=_("Who may read them"), choices=Minutes.Audience.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, confidential: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if confidential:
            self.fields["audience"].choices = Minutes.Audience.choices[:1]


class AmendForm(WordsForm):
    asks = {"reason": _("Write what was wrong, and who asked for the change")}
    reason = LineField(label=_("What is changed, and why"), max_length=300)
    number = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def follow(self, conflict: AmendedMeanwhile) -> dict[str, str]:
        """What the form showed, as it stands now: saving once more uses one's own words."""
        seen = {"number": str(conflict.current.number)}
        for section in Document.of_revision(conflict.current).sections:
            seen |= {f"seen-{field_of(part.key)}": mark(part.text) for part in section.texts}
        return seen
