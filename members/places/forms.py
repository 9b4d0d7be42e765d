"""A government named in a form: picked while typing, or from a few after sending what was typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import LineField
from members.models import Application, Jurisdiction
from members.places.governments import is_meant, look_up
from members.web import plain_forms
from members.web.meanwhile import SeenForm

AS_TYPED = "typed"  # in place of a key: none of the places shown


class PickedField(forms.ModelChoiceField):
    """The key of the place picked; anything else is nobody's pick, and what was typed decides."""

    def __init__(self) -> None:
        super().__init__(Jurisdiction.objects.all(), required=False, widget=forms.HiddenInput)

    def to_python(self, value: Any) -> Jurisdiction | None:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            return None


class PlaceFields(plain_forms.Form):
    """`places` are those to choose from when what was typed is not clear."""

    place = LineField(
        label=_("Where you serve"),
        help_text=_("City, county or school district, and the state if many share its name"),
        max_length=400,
        error_messages={"required": _("Enter the city, county or school district you serve")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    jurisdiction = PickedField()

    prefer = ""
    takes_unknown = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places: list[Jurisdiction] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        place, picked = cleaned.get("place"), cleaned.get("jurisdiction")
        if place and not (picked and picked.label == place):
            cleaned["jurisdiction"] = self._look_up(place, picked)
        return cleaned

    def look_again(self) -> None:
        """The places to choose from."""
        self.full_clean()

    def _look_up(self, place: str, picked: Jurisdiction | None) -> Jurisdiction | None:
        """The one that is meant, the one picked among those shown, or None: for what we do not know, and with a question."""
        self.places = look_up(place, self.prefer)
        was_asked = self.data.get(self.add_prefix("place_shown")) == place
        if was_asked and (
            picked or (self.takes_unknown and self.data.get(self.add_prefix("jurisdiction")) == AS_TYPED)
        ):
            return picked
        if self.places and is_meant(self.places, place, self.prefer):
            return self.places[0]
        if self.places:
            self.add_error("place", _("Choose the right one from the list"))
        elif not self.takes_unknown:
            self.add_error(
                "place", _("There is no place by that name. Check the spelling, or enter the county it lies in.")
            )
        return None


class SettlePlaceForm(PlaceFields, SeenForm):
    """For staff, who say which government an applicant meant."""

    shows = ("jurisdiction", "place")
    takes_unknown = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].label = _("Government")
        self.fields["place"].help_text = _("Its name and state, or the county it lies in")
        self.fields["place"].error_messages["required"] = _("Enter the city, county or school district")

    def others(self, current: Application) -> list[tuple[str, str]]:
        return [(str(self.fields["place"].label), current.where)]
