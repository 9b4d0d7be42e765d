"""Forms about who was on a call."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Attendance
from members.fields import LineField
from members.times.days_typed import TimeTypedField
from members.web.plain_forms import Form

LEFT, TAKEN_BACK = "left", "none"


class MarkForm(Form):
    """One tap: here, left just now, not here, or nothing is known."""

    asks = {"state": _("Say whether they were here")}

    state = forms.ChoiceField(
        choices=[*Attendance.State.choices, (LEFT, _("Left")), (TAKEN_BACK, _("Nothing is known"))]
    )


class OfferedForm(Form):
    """Of whom the page said that they were here."""

    asks = {"people": _("Nobody is left to be marked this way")}

    people = LineField(max_length=20_000)

    def clean_people(self) -> list[int]:
        keys = self.cleaned_data["people"].split(",")
        if not all(key.isdecimal() and len(key) < 19 for key in keys):
            raise forms.ValidationError(_("We can’t read this. Go back to the page and try again."))
        return [int(key) for key in keys]


class TimesForm(Form):
    """When somebody came late or left early, as clocks of the reader show it; empty for the start and the end."""

    arrived = TimeTypedField(
        label=_("Came at"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=_("Leave it empty if they were there from the start."),
    )
    left = TimeTypedField(
        label=_("Left at"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=_("Leave it empty if they stayed to the end."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
