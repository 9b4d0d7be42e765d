"""Forms that put a series on and change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from committees.models import Committee
from events.models import Meeting, MeetingSeries
from events.schedule.forms import MeetingForm, ReasonForm, WhenForm
from events.series.changing import as_long
from events.series.proposing import Proposed, proposed
from events.series.rules import LAST, MONTHLY, MOST_DATES, WEEKLY, Rule, place_names
from members.times.days_typed import DayTypedField
from members.web import plain_forms

WORKDAY = "workday"
YEAR, COUNT, UNTIL, AS_BEFORE = "year", "count", "until", "before"
EVERY = {
    "week": (WEEKLY, 1),
    "two-weeks": (WEEKLY, 2),
    "month": (MONTHLY, 1),
    "two-months": (MONTHLY, 2),
    "quarter": (MONTHLY, 3),
}


class RuleForm(plain_forms.Form):
    """The rule in plain words."""

    asks = {
        "every": _("Choose how often"),
        "weekday": _("Choose the day"),
        "ends": _("Choose until when"),
        "count": {
            "invalid": _("Enter how many calls as a whole number, like 12"),
            "max_value": _("A series can have %(limit_value)s calls, over ten years at most."),
            "min_value": _("A series has at least %(limit_value)s call"),
        },
    }

    every = forms.ChoiceField(
        label=_("How often?"),
        widget=forms.RadioSelect,
        choices=[
            ("week", _("Every week")),
            ("two-weeks", _("Every two weeks")),
            ("month", _("Every month")),
            ("two-months", _("Every two months")),
            ("quarter", _("Every three months")),
        ],
    )
    place = forms.TypedChoiceField(label=_("Which in the month"), coerce=int, required=False, empty_value=None)
    weekday = forms.ChoiceField(label=_("Day"))
    not_in = forms.TypedMultipleChoiceField(
        label=_("Not in"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    ends = forms.ChoiceField(label=_("Until when?"), widget=forms.RadioSelect)
    count = forms.IntegerField(label=_("How many calls"), required=False, min_value=1, max_value=MOST_DATES)
    until = DayTypedField(
        label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, changes: MeetingSeries | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes = changes
        self.fields["place"].choices = [(number, capfirst(words)) for number, words in place_names().items()]
        self.fields["weekday"].choices = [
            *((str(day), name) for day, name in WEEKDAYS.items()),
            (WORKDAY, _("Monday to Friday, whichever it is")),
        ]
        self.fields["not_in"].choices = list(MONTHS.items())
        first = (AS_BEFORE, _("As planned before")) if changes else (YEAR, _("For a year"))
        self.fields["ends"].choices = [first, (COUNT, _("After a number of calls")), (UNTIL, _("On a day"))]
        self.fields["ends"].initial = first[0]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        ends = given.get("ends")
        for name, words in (
            (COUNT, _("Enter how many calls, like 12")),
            (UNTIL, _("Enter the last day, like 12/31/2027")),
        ):
            if ends == name and not given.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(words, "required"))
        if given.get("weekday") == WORKDAY and EVERY.get(given.get("every", ""), ("", 0))[0] == WEEKLY:
            self.add_error("weekday", ValidationError(_("Choose one day of the week."), "weekday"))
        if given.get("not_in") and len(given["not_in"]) == 12:
            self.add_error("not_in", ValidationError(_("That leaves no month. Untick at least one."), "none"))
        return given

    def rule(self, start: date) -> Rule:
        """What was chosen; for a year from its first date on or after `start`."""
        given = self.cleaned_data
        frequency, interval = EVERY[given["every"]]
        monthly = frequency == MONTHLY
        rule = Rule(
            frequency,
            interval,
            None if given["weekday"] == WORKDAY else int(given["weekday"]),
            (given["place"] or 1) if monthly else None,
            frozenset(given["not_in"]) if monthly else frozenset(),
        )
        if given["ends"] == COUNT:
            return replace(rule, count=given["count"])
        if given["ends"] == UNTIL:
            return replace(rule, until=given["until"])
        return rule.for_a_year(start) if given["ends"] == YEAR else self.as_before(rule, start)

    def as_before(self, rule: Rule, start: date) -> Rule:
        return as_long(self.changes, rule, start) if self.changes else rule


def of_rule(rule: Rule, *, ends: str = YEAR) -> dict[str, Any]:
    """The initial values that say it."""
    every = next((name for name, value in EVERY.items() if value == (rule.frequency, rule.interval)), "month")
    return {
        "every": every,
        "place": rule.place or 1,
        "weekday": WORKDAY if rule.weekday is None else str(rule.weekday),
        "not_in": sorted(rule.not_in),
        "ends": ends,
    }


def of_day(day: date) -> dict[str, Any]:
    """The initial values of a monthly rule that has this day."""
    last = day.day > 28
    return {"every": "month", "place": LAST if last else (day.day - 1) // 7 + 1, "weekday": str(day.weekday())}


def asked_rule(every: str) -> dict[str, Any]:
    """What an address says of how often; nothing for what is none of the choices."""
    return {"every": every} if every in EVERY else {}


class SeriesWhenForm(WhenForm):
    """From when, and at what time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["local_date"].label = _("From")


class SeriesWordsForm(MeetingForm):
    """Topic, place and length that the calls have in common."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta(MeetingForm.Meta):
        fields = [name for name in MeetingForm.Meta.fields if name != "seats"]  # each call has its own
        labels = MeetingForm.Meta.labels | {
            "title": _("What are the calls about?"),
            "public": _("Show the dates on the public issue page"),
        }
        help_texts = MeetingForm.Meta.help_texts | {"summary": _("Each call may get its own topic and agenda later.")}

    @classmethod
    def of(cls, data: Any, series: MeetingSeries, committee: Committee) -> SeriesWordsForm:
        names = (*cls.Meta.fields, "reminder_offsets")
        like = Meeting(**{name: getattr(series, name) for name in names})
        return cls(data, instance=like, committee=committee, initial={"seen": series.sequence})


class ChangeForm(ReasonForm):
    """Why its dates change or are called off; `seen` is the `sequence` of the series that the form showed."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


def dates_of(when: WhenForm, rule: RuleForm, chosen: Any) -> tuple[Rule | None, list[Proposed]]:
    """What two valid forms give; what is wrong with it stands at the rule."""
    try:
        found = rule.rule(when.cleaned_data["local_date"])
        return found, proposed(found, when.when, chosen)
    except ValidationError as error:
        rule.add_error("ends" if error.code == "too_many" else None, error)
        return None, []
