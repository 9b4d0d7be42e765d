"""The questions of an application, one form each."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.applications.answers import Answers
from members.fields import LineField, WordsField
from members.models import Application, Jurisdiction, User
from members.places.forms import PlaceFields
from members.sign_in.forms import AddressField, CodeField
from members.text.names import refuse_imitations
from members.times.clock import today
from members.times.days_typed import MonthTypedField
from members.web import plain_forms

EARLIEST_YEAR = 1950


class Question(plain_forms.Form):
    """A form over some of the answers."""

    def __init__(self, answers: Answers, *args: Any, **kwargs: Any) -> None:
        self.answers = answers
        kwargs["initial"] = self.earlier(answers) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def earlier(self, answers: Answers) -> dict[str, Any]:
        return {name: answers[name] for name in self.base_fields if name in answers}

    def given(self) -> dict[str, Any]:
        """The answers of a valid form, in JSON's types."""
        return dict(self.cleaned_data)


class NameForm(Question):
    name = LineField(
        label=_("Your full name"),
        max_length=User._meta.get_field("name").max_length,
        error_messages={"required": _("Enter your name")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not any(character.isalpha() for character in name):
            raise forms.ValidationError(_("Enter your name in letters"))
        refuse_imitations(name)
        return name


class EmailForm(Question):
    email = AddressField(label=_("Your email"), max_length=254)


class CodeForm(plain_forms.Form):
    code = CodeField(label=_("Code from the email"))


class OfficeForm(Question):
    KINDS = [
        ("city", _("City or town council")),
        ("county", _("County board or commission")),
        ("school", _("School board")),
        ("executive", _("Mayor or county executive")),
        ("other", _("Another local elected office")),
    ]
    HINTS = {
        "city": _("Council member, alder, trustee, selectboard"),
        "county": _("Commissioner, supervisor, legislator"),
        "school": _("Board of education, school committee"),
        "other": _("Park board, clerk, sheriff, special district"),
    }
    kind = forms.ChoiceField(
        label=_("Office"),
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the office you hold")},
    )


TITLES = {
    "city": [
        "City Council Member",
        "Alder",
        "Town Council Member",
        "Village Trustee",
        "Councilor",
        "Selectboard Member",
        "City Commissioner",
        "Council President",
    ],
    "county": [
        "County Commissioner",
        "County Supervisor",
        "County Board Member",
        "County Legislator",
        "County Council Member",
    ],
    "school": [
        "School Board Member",
        "School Board President",
        "Board of Education Member",
        "School Committee Member",
        "School Board Director",
    ],
    "executive": ["Mayor", "County Executive", "Town Supervisor", "Village President"],
    "other": [
        "City Clerk",
        "City Attorney",
        "Sheriff",
        "Park Board Commissioner",
        "Treasurer",
        "Assessor",
        "Comptroller",
    ],
}
PREFERRED = {
    "city": Jurisdiction.Kind.PLACE,
    "county": Jurisdiction.Kind.COUNTY,
    "school": Jurisdiction.Kind.SCHOOL_DISTRICT,
    "executive": Jurisdiction.Kind.PLACE,
}


class PlaceForm(PlaceFields, Question):
    """Title, place and seat. A place that we do not know is kept as typed, for staff to find."""

    title = LineField(
        label=_("Your title"),
        max_length=Application._meta.get_field("title").max_length,
        error_messages={"required": _("Enter your title")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "titles"}),
    )
    district = LineField(
        label=_("District, ward or seat"),
        max_length=Application._meta.get_field("district").max_length,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    field_order = ("title", "place", "jurisdiction", "district")

    def earlier(self, answers: Answers) -> dict[str, Any]:
        jurisdiction = answers.jurisdiction
        return super().earlier(answers) | {"place": jurisdiction.label if jurisdiction else answers.get("place", "")}

    @property
    def prefer(self) -> str:  # type: ignore[override]
        return PREFERRED.get(self.answers.get("kind", ""), "")

    @property
    def titles(self) -> list[str]:
        return TITLES.get(self.answers.get("kind", ""), [])

    def given(self) -> dict[str, Any]:
        known = self.cleaned_data["jurisdiction"]
        return {
            "title": self.cleaned_data["title"],
            "jurisdiction": known.pk if known else None,
            "place": "" if known else self.cleaned_data["place"],
            "district": self.cleaned_data["district"],
        }


def _month(text: Any, **attrs: str) -> MonthTypedField:
    return MonthTypedField(
        label=text,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 9} | attrs),
    )


def _year(text: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=text,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 4}),
    )


class TermForm(Question):
    """Month and year; a term ends with the last day of its last month."""

    started_month = _month(_("Month"))
    started_year = _year(_("Year"))
    ended_month = _month(_("Month"))
    ended_year = _year(_("Year"))

    def earlier(self, answers: Answers) -> dict[str, Any]:
        days = {"started": answers.started, "ended": answers.ended}
        return {f"{name}_{part}": getattr(day, part) for name, day in days.items() if day for part in ("month", "year")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check("started_month", 1, 12, _("Enter the month you took office, like 3 or March"), needed=True)
        self._check(
            "started_year", EARLIEST_YEAR, today().year + 2, _("Enter the year you took office, like 2024"), needed=True
        )
        wanted = any(self.data.get(self.add_prefix(name), "").strip() for name in ("ended_month", "ended_year"))
        self._check("ended_month", 1, 12, _("Enter the month your term ends, like 12 or December"), needed=wanted)
        self._check("ended_year", EARLIEST_YEAR, today().year + 20, _("Enter the year your term ends"), needed=wanted)
        if not self.errors:
            self._check_order()
        return cleaned

    def _check(self, name: str, least: int, most: int, message: Any, *, needed: bool) -> None:
        value = self.cleaned_data.get(name)
        if name in self.errors:
            self.errors[name] = self.error_class([message])
        elif (value is None and needed) or (value is not None and not least <= value <= most):
            self.add_error(name, message)

    def _check_order(self) -> None:
        started, ended = self.started_on, self.ended_on
        if started > today() + timedelta(days=550):
            self.add_error(
                "started_year", _("That is more than a year and a half from now. Enter when you took office, or will.")
            )
        if ended and ended < started:
            self.add_error("ended_year", _("Your term can’t end before it begins"))
        elif ended and ended < today():
            self.add_error("ended_year", _("That term is over. Enter when your present term ends."))

    @property
    def started_on(self) -> date:
        return date(self.cleaned_data["started_year"], self.cleaned_data["started_month"], 1)

    @property
    def ended_on(self) -> date | None:
        year, month = self.cleaned_data["ended_year"], self.cleaned_data["ended_month"]
        return date(year, month, calendar.monthrange(year, month)[1]) if year else None

    def given(self) -> dict[str, Any]:
        return {"started_on": self.started_on.isoformat(), "ended_on": self.ended_on and self.ended_on.isoformat()}


class WhyForm(Question):
    why = WordsField(
        label=_("Why you want to join"),
        required=False,
        max_length=Application._meta.get_field("why").max_length,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
