"""What people and staff say about an office."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.fields import LineField
from members.models import Office
from members.places.forms import PlaceFields
from members.terms.offices import AHEAD, SHOWN
from members.times import formats
from members.times.clock import today
from members.times.days import validate_day
from members.times.days_typed import DayTypedField
from members.web import plain_forms
from members.web.meanwhile import SeenForm


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> DayTypedField:
    return DayTypedField(
        label=label,
        required=required,
        help_text=help_text,
        validators=[validate_day],
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )


class OfficeSeen(SeenForm):
    """The office as it is, or none where another one is added."""

    shows = SHOWN

    def mark_of(self, row: Any) -> str:
        return super().mark_of(row) if row else ""

    def others(self, current: Office) -> list[tuple[str, str]]:
        """What the office is by now, whichever of it the form asks for."""
        ends = formats.date_only(current.ended_on) if current.ended_on else str(_("No end set"))
        label = _("Out of office from") if current.leaves else _("Term ends")
        return [(str(_("Office")), f"{current.title}, {current.jurisdiction.label}"), (str(label), ends)]


class _WithTerm(PlaceFields, OfficeSeen):
    takes_unknown = False
    asks = {"title": _("Enter the title of the office"), "started_on": _("Enter the first day in office")}

    title = LineField(
        label=_("Title"),
        help_text=_("As it stands on the door or the ballot"),
        max_length=Office._meta.get_field("title").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    district = LineField(
        label=_("District, ward or seat"),
        help_text=_("If the seat has one, like 4 or At large"),
        max_length=Office._meta.get_field("district").max_length,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ended_on = _day(_("Term ends"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].label = _("Place")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        started, ended = cleaned.get("started_on"), cleaned.get("ended_on")
        if started and ended and ended < started:
            self.add_error("ended_on", _("The term can’t end before it begins"))
        if started and started > today() + AHEAD:
            self.add_error("started_on", _("That is more than a year and a half from now."))
        return cleaned

    def words(self) -> dict[str, Any]:
        names = ("title", "jurisdiction", "district", "started_on", "ended_on", "seen")
        return {name: self.cleaned_data[name] for name in names}


class CorrectForm(_WithTerm):
    """Of what was never so: a word, a place, a day."""

    started_on = _day(_("Took office"), required=False)

    field_order = ("title", "place", "jurisdiction", "district", "started_on", "ended_on")

    def __init__(self, *args: Any, row: Office, **kwargs: Any) -> None:
        shown = {name: getattr(row, name) for name in ("title", "district", "started_on", "ended_on")}
        place = {"place": row.jurisdiction.label, "jurisdiction": row.jurisdiction_id}
        super().__init__(*args, row=row, initial=shown | place, **kwargs)
        if row.leaves:
            self.fields["ended_on"].label = _("Out of office from")
            self.fields["ended_on"].required = True
            self.fields["ended_on"].error_messages["required"] = _("Enter the first day out of office")


class BeginForm(_WithTerm):
    """Another office from a day on."""

    started_on = _day(_("In office from"), help_text=_("The first day, which may still come"))

    field_order = ("title", "place", "jurisdiction", "district", "started_on", "ended_on")


class LeaveForm(OfficeSeen):
    asks = {"on": _("Enter the first day out of office")}

    on = _day(_("Out of office from"), help_text=_("The first day without the office. It may still come."))

    def __init__(self, *args: Any, row: Office, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.row = row
        self.initial.setdefault("on", first_day_out(row))

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if self.row.started_on and on < self.row.started_on:
            raise forms.ValidationError(_("That is before the term began."))
        if on > today() + AHEAD:
            raise forms.ValidationError(_("That is more than a year and a half from now."))
        return on


def first_day_out(office: Office) -> date:
    """The day to offer: the end of the term where it is near, else today."""
    near = office.ended_on and abs((office.ended_on - today()).days) <= 120
    return office.ended_on if office.ended_on and near else today()


class UntilForm(plain_forms.Form):
    """The end of the term that somebody is in now, if they know it."""

    ended_on = _day(_("The term ends"), required=False)

    def clean_ended_on(self) -> date | None:
        ended: date | None = self.cleaned_data["ended_on"]
        if ended and ended <= today():
            raise forms.ValidationError(_("Enter a day that is to come, or leave it empty"))
        return ended


class SettleForm(plain_forms.Form):
    """Of many at once: the first day without the office for those who lost, and the end of the next term of the others."""

    asks = {"out_on": _("Enter the first day out of office")}

    out_on = _day(
        _("Who lost is out of office from"), help_text=_("The first day without the office, often weeks later")
    )
    until = _day(_("The next term of who stays ends"), required=False, help_text=_("If it is the same for all"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("out_on", today())

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until <= today():
            raise forms.ValidationError(_("Enter a day that is to come, or leave it empty"))
        return until

    def clean_out_on(self) -> date:
        out_on: date = self.cleaned_data["out_on"]
        if abs(out_on - today()) > AHEAD:
            raise forms.ValidationError(_("That is more than a year and a half from now."))
        return out_on
