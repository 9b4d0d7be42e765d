"""The form of an answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Rsvp
from members.fields import WordsField
from members.web import plain_forms


class RsvpForm(plain_forms.Form):
    """What the three buttons post. Only `answer` is needed; other fields are validated if they are there."""

    asks = {"answer": _("Answer with going, maybe or can’t")}

    answer = forms.CharField(max_length=20)
    version = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000)
    edition = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000)
    page = forms.CharField(required=False, max_length=36)
    click = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)
    note = WordsField(required=False, max_length=Rsvp._meta.get_field("note").max_length)
    variant = forms.ChoiceField(required=False, choices=[("", ""), ("row", "row"), ("hero", "hero")])

    @property
    def is_note(self) -> bool:
        """Whether it is a note to the present answer, whichever version the page had shown."""
        return self.data.get("answer") == "as_it_is"

    def given(self, present: str | None) -> str:
        return (present or Rsvp.Response.NEEDS_ACTION) if self.is_note else self.cleaned_data["answer"]

    def seen(self, current_version: int) -> dict[str, Any]:
        """Keyword arguments of `respond`."""
        given = self.cleaned_data
        return {
            "seen": current_version if given["version"] is None else given["version"],
            "edition": given["edition"],
            "page": given["page"],
            "click": given["click"] or 0,
            "note": given["note"] if "note" in self.data else None,
        }
