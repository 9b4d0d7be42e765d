"""What a co-chair looks for: a week, a length, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models.meetings import LONGEST
from events.schedule import horizon
from members.times import formats
from members.times.days_typed import DayTypedField
from members.web import plain_forms
from members.web.widgets import PlainSelect

LENGTHS = (30, 45, 60, 90, 120)
SHORTEST = 5
WEEKS = 12  # offered in the list; any other goes through the address
WEEKLY, FORTNIGHTLY, MONTHLY = "weekly", "fortnightly", "monthly"
REPEATS = [
    ("", gettext_lazy("One call")),
    (WEEKLY, gettext_lazy("Repeats weekly")),
    (FORTNIGHTLY, gettext_lazy("Repeats every two weeks")),
    (MONTHLY, gettext_lazy("Repeats monthly")),
]


@dataclass(frozen=True)
class Search:
    """A week by its Monday, minutes, and one of REPEATS."""

    week: date
    length: int
    repeats: str


class FindForm(plain_forms.Form):
    """Each mistake is said, and what was there before stands in for it: the map is shown in any case."""

    asks = {
        "week": {"invalid": gettext_lazy("There is no such day. Choose a week from the list.")},
        "length": {
            "invalid": gettext_lazy("Choose a length from the list"),
            "min_value": gettext_lazy("A call takes at least %(limit_value)s minutes"),
            "max_value": gettext_lazy("A call takes %(limit_value)s minutes at most"),
        },
    }

    length = forms.IntegerField(
        label=gettext_lazy("Length"), required=False, min_value=SHORTEST, max_value=LONGEST, widget=PlainSelect
    )
    week = DayTypedField(label=gettext_lazy("Week"), required=False, widget=PlainSelect)
    repeats = forms.ChoiceField(label=gettext_lazy("How often"), required=False, choices=REPEATS, widget=PlainSelect)

    def __init__(self, data: Any, *, week: date, length: int, repeats: str) -> None:
        super().__init__(data)
        self.usual = {"week": monday_of(week), "length": length, "repeats": repeats}
        self.is_valid()

    def clean_week(self) -> date | None:
        day = self.cleaned_data["week"]
        if day is None:
            return None
        horizon.check(max(day, timezone.localdate()))  # first: the last week of the calendar has no end
        monday = monday_of(day)
        if monday + timedelta(days=6) < timezone.localdate():
            raise ValidationError(_("That week is over. Choose a later one."), "past")
        return monday

    @property
    def search(self) -> Search:
        return Search(**{name: self._value(name) for name in self.usual})

    def _value(self, name: str) -> Any:
        """What was asked for, or what is usual; "" for `repeats` is an answer of its own."""
        given = self.cleaned_data.get(name)
        asked = given is not None and (given != "" or name in self.data)
        return given if asked else self.usual[name]

    @property
    def mistakes(self) -> list[str]:
        return [str(error) for errors in self.errors.values() for error in errors]

    def offer(self) -> FindForm:
        """Fill the lists, with what holds now among them."""
        search = self.search
        this = monday_of(timezone.localdate())
        weeks = sorted({search.week, *(this + timedelta(days=7 * number) for number in range(WEEKS))})
        words = [(each.isoformat(), _("Week of %(day)s") % {"day": formats.date_only(each)}) for each in weeks]
        lengths = [(str(each), formats.lasting(each).capitalize()) for each in sorted({search.length, *LENGTHS})]
        self.fields["week"].widget.choices, self.fields["length"].widget.choices = words, lengths
        self.fields["repeats"].widget.choices = REPEATS
        self.data = {"week": search.week.isoformat(), "length": str(search.length), "repeats": search.repeats}
        return self


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
